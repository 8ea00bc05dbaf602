import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryId, OrganisationId } from '#core/ids';
import { readMessage } from '#platform/mail';
import type { PageBrowser } from '../../../test/support/page-browser.ts';
import {
  openPortalStage,
  type Placed,
  type PortalStage,
  type StagedMail,
} from '../../../test/support/portal.ts';
import { signInBy, tokenOf } from '../../../test/support/portal-reader.ts';
import { MOST_FILE_OCTETS } from './send-reply.ts';

let stage: PortalStage;
let clinic: OrganisationId;
let count = 0;

async function signedIn(mail: Partial<StagedMail> = {}): Promise<{ reader: PageBrowser; placed: Placed }> {
  count += 1;
  const placed = await stage.place({ organisation: clinic, to: `reader${count}@x.test`, ...mail });
  return { reader: await signInBy(stage, placed), placed };
}

const acts = (delivery: DeliveryId): Promise<string[]> =>
  stage.database.tenant([clinic], 'app', async (tx) =>
    (await stage.portal.accessLog(tx, clinic, delivery)).map(({ act }) => act),
  );

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

describe('replying', () => {
  const send = async (
    reader: PageBrowser,
    placed: Placed,
    text: string,
    files: Parameters<PageBrowser['pressMultipart']>[2] = [],
  ) => {
    await reader.get(`/messages/${placed.item}/reply`);
    const token = tokenOf(reader, `/messages/${placed.item}/reply`);
    return {
      token,
      answer: await reader.pressMultipart(`/messages/${placed.item}/reply`, { token, text }, files),
    };
  };

  it('sends text and files on the road, and shows the reply in the thread', async () => {
    const { reader, placed } = await signedIn({ subject: 'Re: Results' });
    const file = { name: 'Blutdruck ü.txt', type: 'text/plain', bytes: Buffer.from('120/80') };
    await send(reader, placed, 'Thank you.\r\nÄnne', [file]);
    expect(reader.path).toBe(`/messages/${placed.item}/reply-sent`);
    const reply = stage.replies.at(-1);
    expect(reply).toMatchObject({
      organisation: clinic,
      inReplyTo: placed.message,
      subject: 'Re: Results',
      text: 'Thank you.\nÄnne',
      from: { local: 'portal-reply', domain: 'clinic.test' },
      to: { local: 'dr.lee', domain: 'clinic.test' },
    });
    if (reply?.content.bytes == null) throw new Error('no content');
    const read = await readMessage(reply.content.bytes);
    expect(read.from?.name).toMatch(/^reader\d+@x\.test via portal$/);
    expect(read.replyTo.map(({ domain }) => domain)).toEqual(['x.test']);
    expect(read.inReplyTo).toMatch(/@clinic\.test>$/);
    expect(read.text).toContain('Änne');
    expect(read.attachments.map(({ name, open }) => [name, open().toString()])).toEqual([
      ['Blutdruck ü.txt', '120/80'],
    ]);
    await reader.get(`/messages/${placed.item}`);
    expect(reader.page).toContain('Your replies');
    expect(reader.page).toContain('Thank you.\nÄnne');
    expect(reader.page).toContain('With: Blutdruck ü.txt');
    expect(await acts(placed.delivery)).toContain('replied');
  });

  it('sends once when its button is pressed twice', async () => {
    const { reader, placed } = await signedIn();
    const { token } = await send(reader, placed, 'once');
    const before = stage.replies.length;
    await reader.pressMultipart(`/messages/${placed.item}/reply`, { token, text: 'once' }, []);
    expect(reader.path).toBe(`/messages/${placed.item}`);
    expect(stage.replies).toHaveLength(before);
  });

  it('gives the text back with what is wrong', async () => {
    const { reader, placed } = await signedIn();
    const before = stage.replies.length;
    expect((await send(reader, placed, ' ')).answer.status).toBe(422);
    expect(reader.page).toContain('Write something');
    const large = { name: 'x.bin', type: 'application/x', bytes: Buffer.alloc(MOST_FILE_OCTETS + 1) };
    expect((await send(reader, placed, 'kept-text', [large])).answer.status).toBe(413);
    expect(reader.page).toContain('The attachments are too large');
    expect(reader.page).toContain('kept-text');
    const many = Array.from({ length: 11 }, (_, i) => ({
      name: `${i}.txt`,
      type: 'text/plain',
      bytes: Buffer.from('x'),
    }));
    expect((await send(reader, placed, 'kept-text', many)).answer.status).toBe(413);
    await reader.get(`/messages/${placed.item}/reply`);
    const forged = await reader.pressMultipart(
      `/messages/${placed.item}/reply`,
      { token: 'forged', text: 'kept-text' },
      [],
    );
    expect(forged.status).toBe(403);
    expect(reader.page).toContain('kept-text');
    expect(stage.replies).toHaveLength(before);
  });

  it('says when the road refuses, and shows no such reply', async () => {
    const { reader, placed } = await signedIn();
    stage.replyOutcome = () => ({ kind: 'refused', code: 'limit-reached' });
    const { answer } = await send(reader, placed, 'refused-text');
    expect(answer.status).toBe(422);
    expect(reader.page).toContain('could not be sent');
    await reader.get(`/messages/${placed.item}`);
    expect(reader.page).not.toContain('refused-text');
  });

  it('shows a reply whose sending broke off as not confirmed', async () => {
    const { reader, placed } = await signedIn();
    stage.replyOutcome = () => {
      throw new Error('broken off');
    };
    const { answer } = await send(reader, placed, 'uncertain-text');
    expect(answer.status).toBe(500);
    await reader.get(`/messages/${placed.item}`);
    expect(reader.page).toContain('Being sent');
    stage.clock.advance(3 * 60_000);
    await reader.get(`/messages/${placed.item}`);
    expect(reader.page).toContain('could not confirm');
  });
});
