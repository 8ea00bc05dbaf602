import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MessageId } from '#core/ids';
import type { TextNotice, TextPort } from '#core/text';
import type { Transaction } from '#platform/database';
import { buildMessage, readMessage } from '#platform/mail';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { opensPdf } from '../../test/support/pdf-password.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { changeSettings, type PasswordChannel } from '../products/pdf-passwords/settings.ts';

const TO = 'leopold@good-tls.test';
const PHRASE = 'Biopsy of Leopold';

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;
/** Telephones of this world: who has one, what was lined up, and what happens at the point that a crash would hit. */
const phone = { reachable: true, stopped: false, texts: [] as TextNotice[] };
/** Throws at the point of the road where the process would be gone: at the so-manieth time that it is reached. */
let crash = { at: '', on: 0 };

const texts: TextPort<Transaction> = {
  reach: async () => (phone.reachable ? { masked: '••• 17' } : null),
  async send(_tx, notice) {
    if (!phone.reachable || phone.stopped) return false;
    phone.texts.push(notice);
    return true;
  },
};

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-pdf-road-'));
  fresh = await freshDatabase({ poolSize: 10 });
  const config = loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url });
  road = await startRoadForTest(config, silentLogger, {
    texts,
    reach(point) {
      if (point !== crash.at) return;
      crash = { ...crash, on: crash.on - 1 };
      if (crash.on !== 0) return;
      throw new Error('the process would be gone here');
    },
  });
  const { policy } = await road.parts.policies.newest(road.caller);
  const { version, ...document } = policy;
  await road.parts.policies.save(road.caller, version, { ...document, methods: ['pdf', 'portal'] });
});
beforeEach(() => {
  Object.assign(phone, { reachable: true, stopped: false, texts: [] });
  crash = { at: '', on: 0 };
});
afterAll(async () => {
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

function ways(channels: readonly PasswordChannel[], mostMegabytes = 20) {
  return changeSettings(road.parts.foundation, road.caller, { channels, mostMegabytes });
}

async function send(to: string, files: readonly number[] = [], subject = PHRASE) {
  const content = await buildMessage({
    from: { local: 'staff', domain: 'clinic.test', name: null },
    to: [],
    subject,
    text: 'All is well.',
    attachments: files.map((size, index) => ({
      name: `scan-${index}.bin`,
      type: 'application/octet-stream',
      content: randomBytes(size),
    })),
    date: new Date(),
    hostName: 'clinic.test',
  }).toBuffer();
  const { id } = await road.submit('staff@clinic.test', [to], content);
  const ends = await road.waitForEnds(id, 20_000);
  return { id, end: `${ends[to]?.method} ${ends[to]?.state}` };
}

async function pdfsFor(to: string, count: number): Promise<readonly Buffer[]> {
  const mails = await road.sandbox().mailboxes.waitFor(to, count);
  const read = await Promise.all(mails.map((mail) => readMessage(mail.bytes)));
  return read.flatMap((mail) => mail.attachments.map((one) => one.open()));
}

/** Reasons of the copy's proof, its one proof, and what is still kept of the sending. */
function recordOf(message: MessageId) {
  return road.parts.foundation.database.tenant([road.organisation], 'worker', async (tx) => {
    const proofs = await tx.query<{ record: string }>({
      text: `select p.record from sealpost.proof p join sealpost.delivery d on d.id = p.delivery where d.message = $1`,
      values: [message],
    });
    const kept = await tx.one<{ n: number }>({ text: 'select count(*)::int as n from sealpost.pdf_sending' });
    const passwords = await tx.query<{ sealed: Buffer | null }>({
      text: 'select sealed from sealpost.portal_pdf_password where message = $1',
      values: [message],
    });
    const records = proofs.map(
      ({ record }) => JSON.parse(record) as { reasons: { code: string; parameters: object }[] },
    );
    return {
      reasons: records.flatMap(({ reasons }) => reasons),
      proofs: proofs.length,
      kept: kept.n,
      passwords,
      text: proofs[0]?.record ?? '',
    };
  });
}

describe('the password of a protected PDF', () => {
  it('goes by text, lined up with the outcome, and nobody keeps it', async () => {
    await ways(['text', 'portal']);
    const { id, end } = await send(TO);
    expect(end).toBe('pdf delivered');
    const [text, ...more] = phone.texts;
    if (text?.body.kind !== 'pdf-password') throw new Error('no password was lined up');
    expect([more.length, text.to.local, text.locale]).toEqual([0, 'leopold', 'en']);
    const [pdf] = await pdfsFor(TO, 1);
    expect(pdf && opensPdf(pdf, text.body.password)).toBe(true);
    expect(pdf && opensPdf(pdf, `${text.body.password}x`)).toBe(false);
    const record = await recordOf(id);
    expect(record.reasons).toContainEqual({ code: 'password-by', parameters: { channel: 'text' } });
    expect(record.text).not.toContain(text.body.password);
    expect([record.proofs, record.kept, record.passwords]).toEqual([1, 0, []]);
  });

  it('is the same in both mails where a crash comes between the acceptance and its record', async () => {
    await ways(['text']);
    const to = 'twice@good-tls.test';
    crash = { at: 'after-data', on: 1 };
    expect((await send(to)).end).toBe('pdf delivered');
    const pdfs = await pdfsFor(to, 2);
    expect(pdfs).toHaveLength(2);
    const passwords = phone.texts.map(({ body }) => (body.kind === 'pdf-password' ? body.password : ''));
    expect(passwords).toHaveLength(1);
    for (const pdf of pdfs) expect(opensPdf(pdf, passwords[0] ?? '')).toBe(true);
  });

  it('waits in the portal, and a notice of its own says so', async () => {
    await ways(['agreed', 'portal']);
    const to = 'waits@good-tls.test';
    const { id, end } = await send(to);
    expect([end, phone.texts.length]).toEqual(['pdf delivered', 0]);
    const { reasons, kept, passwords } = await recordOf(id);
    expect(reasons).toContainEqual({ code: 'password-by', parameters: { channel: 'portal' } });
    expect([kept, passwords.length]).toEqual([0, 1]);
    const mails = await road.sandbox().mailboxes.waitFor(to, 2);
    const notice = mails.map((mail) => mail.bytes.toString()).find((text) => text.includes('/pdf-passwords'));
    expect(notice).toMatch(/^Subject: A password from Clinic waits for you/m);
    expect(notice).not.toMatch(/Biopsy|well/);
    const pdfMail = mails
      .map((mail) => mail.bytes.toString())
      .find((text) => text.includes('application/pdf'));
    expect(pdfMail).not.toMatch(/https?:|localhost/);
    // Taken back: the password goes with the message.
    await road.parts.foundation.database.tenant([road.organisation], 'app', (tx) =>
      road.parts.portal.retract(tx, road.organisation, id),
    );
    expect((await recordOf(id)).passwords).toEqual([{ sealed: null }]);
  });

  it('takes to the portal where the recipient said STOP after the mail had gone', async () => {
    await ways(['text']);
    phone.stopped = true;
    const { id, end } = await send('stopped@good-tls.test');
    expect(end).toBe('pdf delivered');
    const { passwords, kept, proofs, text } = await recordOf(id);
    expect([passwords.length, kept, proofs]).toEqual([1, 0, 1]);
    // The proof does not say what did not happen.
    expect(text).not.toContain('"channel":"text"');
  });

  it('without an allowed way is a reason for the next method', async () => {
    await ways(['text']);
    phone.reachable = false;
    const { id, end } = await send(TO);
    expect(end).toBe('portal portal-waiting');
    const parameters = { method: 'pdf', failure: 'no-password-channel' };
    expect((await recordOf(id)).reasons).toContainEqual({ code: 'method-failed', parameters });
  });
});

describe('a PDF of the high class', () => {
  it('gets no password that one proof would show in the portal', async () => {
    await ways(['portal']);
    const { id, end } = await send(TO, [], `[secure] ${PHRASE}`);
    expect(end).toBe('portal portal-waiting');
    const { reasons, passwords } = await recordOf(id);
    const parameters = { method: 'pdf', failure: 'no-password-channel' };
    expect(reasons).toContainEqual({ code: 'method-failed', parameters });
    expect(passwords).toEqual([]);
  });
});

describe('a PDF larger than a mail may be', () => {
  it('goes in several mails that one password opens, under one proof', async () => {
    await ways(['text'], 1);
    const to = 'parts@good-tls.test';
    const { id, end } = await send(to, [400_000, 400_000, 400_000]);
    expect(end).toBe('pdf delivered');
    const { reasons, proofs, kept } = await recordOf(id);
    const parts = reasons.filter(({ code }) => code === 'part-accepted');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map(({ parameters }) => parameters)).toMatchObject(
      parts.map((_, index) => ({ part: index + 1, of: parts.length, host: 'mx.good-tls.test' })),
    );
    expect([proofs, kept]).toEqual([1, 0]);
    const pdfs = await pdfsFor(to, parts.length);
    expect([pdfs.length, phone.texts.length]).toEqual([parts.length, 1]);
    const [text] = phone.texts;
    const password = text?.body.kind === 'pdf-password' ? text.body.password : '';
    for (const pdf of pdfs) expect(opensPdf(pdf, password)).toBe(true);
  });

  it('goes on where a crash left it', async () => {
    await ways(['text'], 1);
    const to = 'resumed@good-tls.test';
    // Before the second mail the process is gone; the first is accepted and on record.
    crash = { at: 'before-send', on: 2 };
    const { id, end } = await send(to, [400_000, 400_000, 400_000]);
    expect(end).toBe('pdf delivered');
    const parts = (await recordOf(id)).reasons.filter(({ code }) => code === 'part-accepted');
    const mails = await road.sandbox().mailboxes.waitFor(to, parts.length);
    const subjects = mails.map((mail) => /\((\d\/\d)\)/.exec(mail.bytes.toString())?.[1]);
    expect(subjects.sort()).toEqual(parts.map((_, index) => `${index + 1}/${parts.length}`));
    expect(phone.texts).toHaveLength(1);
  });

  it('is left to the portal where one file alone does not fit', async () => {
    await ways(['portal'], 1);
    expect((await send(TO, [1_500_000])).end).toBe('portal portal-waiting');
  });
});
