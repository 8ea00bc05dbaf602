import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { readMessage } from '#platform/mail';
import type { PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type Placed, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy, tokenOf } from '../../../test/support/portal-reader.ts';

let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

async function reply(reader: PageBrowser, placed: Placed, text: string): Promise<string> {
  await reader.get(`/messages/${placed.item}/reply`);
  const token = tokenOf(reader, `/messages/${placed.item}/reply`);
  await reader.pressMultipart(`/messages/${placed.item}/reply`, { token, text }, []);
  const bytes = stage.replies.at(-1)?.content.bytes;
  if (bytes == null) throw new Error('no reply was sent');
  return (await readMessage(bytes)).messageId ?? '';
}

const order = (page: string, ...words: string[]): number[] => words.map((word) => page.indexOf(word));
const ascending = (list: number[]): boolean => list.every((at, i) => at >= 0 && at > (list[i - 1] ?? -1));

describe('a conversation', () => {
  it('is one row of the list and one page: message, reply, answer', async () => {
    const to = 'thread.one@x.test';
    const first = await stage.place({ organisation: clinic, to, text: 'first-words' });
    await stage.place({ organisation: clinic, to, subject: 'Another matter' });
    const reader = await signInBy(stage, first);
    const answers = await reply(reader, first, 'reply-words');
    const second = await stage.place({
      organisation: clinic,
      to,
      subject: 'Re: Your results',
      text: 'answer-words',
      answers,
    });
    await reader.get('/messages');
    expect(reader.page.match(/<tr class="/g)).toHaveLength(2);
    expect(reader.page).toContain('(2 messages, 1 new)');
    expect(reader.page).toContain(`href="/messages/${second.item}"`);
    expect(reader.page).not.toContain(`href="/messages/${first.item}"`);

    // Before it was opened, none of its words are shown beside the message it answers.
    await reader.get(`/messages/${first.item}`);
    expect(reader.page).toContain('Open this new message');
    expect(reader.page).not.toContain('answer-words');
    expect(stage.read).not.toContain(second.delivery);

    await reader.get(`/messages/${second.item}`);
    expect(ascending(order(reader.page, 'first-words', 'reply-words', 'answer-words'))).toBe(true);
    expect(reader.page).toContain('Earlier in this conversation (2)');
    await reader.get(`/messages/${first.item}`);
    expect(ascending(order(reader.page, 'first-words', 'reply-words', 'answer-words'))).toBe(true);
    expect(reader.page).toContain('Later in this conversation');
    await reader.get('/messages');
    expect(reader.page).toContain('(2 messages)');
  });

  it('is known by the record too, and by what answers the first message itself', async () => {
    const to = 'thread.two@x.test';
    const first = await stage.place({ organisation: clinic, to });
    await stage.place({ organisation: clinic, to, inReplyTo: first.message });
    const { content } = await stage.messageOf(first.message);
    const chunks: Buffer[] = [];
    for await (const chunk of content.open()) chunks.push(chunk);
    const answers = (await readMessage(Buffer.concat(chunks))).messageId ?? '';
    await stage.place({ organisation: clinic, to, answers });
    const reader = await signInBy(stage, first);
    await reader.get('/messages');
    expect(reader.page.match(/<tr class="/g)).toHaveLength(1);
    expect(reader.page).toContain('(3 messages, 2 new)');
  });

  it('is one person’s: the same references lead nobody into another’s', async () => {
    const first = await stage.place({ organisation: clinic, to: 'thread.three@x.test', text: 'mine-only' });
    const reader = await signInBy(stage, first);
    const answers = await reply(reader, first, 'reply-mine-only');
    const other = await stage.place({
      organisation: clinic,
      to: 'thread.four@x.test',
      answers,
      inReplyTo: first.message,
    });
    const neighbour = await signInBy(stage, other);
    expect(neighbour.page).not.toContain('mine-only');
    await neighbour.get('/messages');
    expect(neighbour.page).not.toMatch(/\(\d messages/);
    await reader.get(`/messages/${first.item}`);
    expect(reader.page).not.toContain(other.item);
  });

  it('keeps its place when its first message has expired', async () => {
    const to = 'thread.five@x.test';
    const first = await stage.place({
      organisation: clinic,
      to,
      text: 'gone-words',
      expiresAt: new Date(stage.clock.now().getTime() + 86_400_000),
    });
    const reader = await signInBy(stage, first);
    const answers = await reply(reader, first, 'reply-gone');
    stage.clock.advance(86_400_000 + 1000);
    const second = await stage.place({ organisation: clinic, to, answers });
    const again = await signInBy(stage, second);
    expect(again.page).toContain('Earlier in this conversation');
    expect(again.page).toContain('No longer available');
    expect(again.page).not.toContain('gone-words');
  });
});
