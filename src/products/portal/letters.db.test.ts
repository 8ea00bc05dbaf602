import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId, PortalPersonId } from '#core/ids';
import { readMessage } from '#platform/mail';
import type { PageBrowser } from '../../../test/support/page-browser.ts';
import { openPortalStage, type PortalStage } from '../../../test/support/portal.ts';
import { signInBy, tokenOf } from '../../../test/support/portal-reader.ts';
import { MOST_FILE_OCTETS, REPLIES_PER_HOUR } from './send-reply.ts';

let stage: PortalStage;
let clinic: OrganisationId;

beforeAll(async () => {
  stage = await openPortalStage();
  clinic = await stage.organisation('Riverside Clinic');
});
afterAll(() => stage.close());

async function write(
  reader: PageBrowser,
  fields: Readonly<Record<string, string>>,
  files: Parameters<PageBrowser['pressMultipart']>[2] = [],
) {
  await reader.get('/write');
  return reader.pressMultipart('/write', { token: tokenOf(reader, '/write'), ...fields }, files);
}

const good = (to: string) => ({ to, subject: 'A question', text: 'May I swim?' });

describe('a new message', () => {
  it('goes on the road to the address that wrote, is listed, and is answered in its conversation', async () => {
    const to = 'writer.one@x.test';
    const first = await stage.place({ organisation: clinic, to });
    const reader = await signInBy(stage, first);
    await reader.get('/write');
    expect(reader.page).toContain('Dr. Lee &lt;dr.lee@clinic.test&gt;');
    const file = { name: 'Plan ü.txt', type: 'text/plain', bytes: Buffer.from('swim') };
    await write(reader, good(first.item), [file]);
    expect(reader.path).toMatch(/^\/written\//);
    expect(reader.page).toContain('May I swim?');
    expect(reader.page).toContain('With: Plan ü.txt');
    const sent = stage.replies.at(-1);
    expect(sent).toMatchObject({
      organisation: clinic,
      inReplyTo: null,
      subject: 'A question',
      to: { local: 'dr.lee', domain: 'clinic.test' },
    });
    if (sent?.content.bytes == null) throw new Error('no content');
    const read = await readMessage(sent.content.bytes);
    expect(read.inReplyTo).toBeNull();
    expect(read.replyTo.map(({ local }) => local)).toEqual(['writer.one']);
    expect(read.attachments.map(({ name }) => name)).toEqual(['Plan ü.txt']);

    const letter = reader.path;
    await reader.get('/messages');
    expect(reader.page).toContain(`href="${letter}"`);
    expect(reader.page).toContain('To Dr. Lee');
    const answer = await stage.place({
      organisation: clinic,
      to,
      text: 'You may.',
      answers: read.messageId ?? '',
    });
    await reader.get('/messages');
    expect(reader.page).not.toContain(`href="${letter}"`);
    expect(reader.page).toContain('(2 messages, 1 new)');
    await reader.get(letter);
    expect(reader.page).toContain('Open this new message');
    expect(reader.page).not.toContain('You may.');
    await reader.get(`/messages/${answer.item}`);
    expect(reader.page.indexOf('May I swim?')).toBeGreaterThan(0);
    expect(reader.page.indexOf('You may.')).toBeGreaterThan(reader.page.indexOf('May I swim?'));
  });

  it('gives back what was typed with what is wrong, and sends nothing', async () => {
    const first = await stage.place({ organisation: clinic, to: 'writer.two@x.test' });
    const reader = await signInBy(stage, first);
    const before = stage.replies.length;
    const large = { name: 'x.bin', type: 'application/x', bytes: Buffer.alloc(MOST_FILE_OCTETS + 1) };
    for (const [fields, files, status, words] of [
      [{ ...good(first.item), subject: ' ' }, [], 422, 'what it is about'],
      [{ ...good(first.item), subject: 'x'.repeat(201) }, [], 422, 'The subject is too long'],
      [{ ...good(first.item), text: '' }, [], 422, 'Write something'],
      [{ ...good(''), text: 'May I swim?' }, [], 422, 'Choose who'],
      [good(first.item), [large], 413, 'too large'],
      [{ ...good(first.item), token: 'forged' }, [], 403, 'press again'],
    ] as const) {
      const answer = await write(reader, fields, [...files]);
      expect(answer.status, words).toBe(status);
      expect(reader.page).toContain(words);
      if (fields.text !== '') expect(reader.page).toContain('May I swim?');
    }
    expect(stage.replies).toHaveLength(before);
  });

  it('goes to nobody who did not write to this person', async () => {
    const mine = await stage.place({ organisation: clinic, to: 'writer.three@x.test' });
    const other = await stage.place({ organisation: clinic, to: 'writer.four@x.test' });
    const reader = await signInBy(stage, mine);
    const before = stage.replies.length;
    for (const to of [other.item, 'boss@elsewhere.test', clinic]) {
      expect((await write(reader, good(to))).status).toBe(422);
    }
    expect(stage.replies).toHaveLength(before);
    // And another person cannot open what was written.
    await write(reader, good(mine.item));
    const letter = reader.path;
    const stranger = await signInBy(stage, other);
    expect((await stranger.get(letter)).status).toBe(404);
    await stranger.get('/messages');
    expect(stranger.page).not.toContain('A question');
  });

  it('is sent once when its button is pressed twice, and not when the road refuses', async () => {
    const first = await stage.place({ organisation: clinic, to: 'writer.five@x.test' });
    const reader = await signInBy(stage, first);
    await reader.get('/write');
    const fields = { token: tokenOf(reader, '/write'), ...good(first.item) };
    const before = stage.replies.length;
    await reader.pressMultipart('/write', fields, []);
    await reader.pressMultipart('/write', fields, []);
    expect(stage.replies).toHaveLength(before + 1);
    const outcome = stage.replyOutcome;
    stage.replyOutcome = () => ({ kind: 'refused', code: 'limit-reached' });
    expect((await write(reader, { ...good(first.item), subject: 'Refused one' })).status).toBe(422);
    stage.replyOutcome = outcome;
    await reader.get('/messages');
    expect(reader.page).not.toContain('Refused one');
  });

  it('is limited by the hour, replies and messages together', async () => {
    const first = await stage.place({ organisation: clinic, to: 'writer.six@x.test' });
    const reader = await signInBy(stage, first);
    for (let i = 0; i < REPLIES_PER_HOUR; i += 1) await write(reader, good(first.item));
    expect((await write(reader, good(first.item))).status).toBe(429);
    expect(reader.page).toContain('in a short time');
  });

  it('says kindly that there is nobody to write to, when all has expired', async () => {
    const expiresAt = new Date(stage.clock.now().getTime() + 60_000);
    const first = await stage.place({ organisation: clinic, to: 'writer.seven@x.test', expiresAt });
    const reader = await signInBy(stage, first);
    await write(reader, good(first.item));
    const letter = reader.path;
    stage.clock.advance(61_000);
    await reader.get('/write');
    expect(reader.page).toContain('At the moment there are none');
    expect((await reader.get(letter)).status).toBe(200);
    // The letter ends by its own time, and its words and key go.
    stage.clock.advance(31 * 86_400_000);
    expect(await stage.portal.expireDue()).toBeGreaterThan(0);
    const left = await stage.database.tenant([clinic], 'app', (tx) =>
      tx.query<{ body: Buffer | null; object_key: Buffer }>({
        text: 'select body, object_key from sealpost.portal_reply where id = $1',
        values: [letter.replace('/written/', '')],
      }),
    );
    expect(left.map(({ body, object_key }) => [body, object_key.length])).toEqual([[null, 0]]);
  });

  it('names its writer to the organisation that they belong to, and to no other', async () => {
    const first = await stage.place({ organisation: clinic, to: 'writer.eight@x.test' });
    const hospital = await stage.organisation('Hospital');
    const named = (organisation: OrganisationId) =>
      stage.database.tenant([organisation], 'app', (tx) =>
        stage.portal.personAddresses(tx, organisation, [first.person, clinic as string as PortalPersonId]),
      );
    expect([...(await named(clinic))]).toEqual([[first.person, { local: 'writer.eight', domain: 'x.test' }]]);
    expect((await named(hospital)).size).toBe(0);
  });
});
