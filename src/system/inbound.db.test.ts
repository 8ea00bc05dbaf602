import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageId } from '#core/ids';
import type { InboundListener } from '#journey/1-intake';
import { armor, judgeKey, makePgpKey, readPublicKey } from '#platform/keyring';
import { buildPgpMime, protectHeaders } from '#platform/mail';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { SmtpTalk } from '../../test/support/smtp-talk.ts';
import { signAndEncrypt } from '../platform/keyring/pgp/seal-octets.ts';
import { openInboundListener } from './inbound.ts';

const SECRET = 'CANARY-INBOUND ferritin 14';
const letter = (subject: string, more: readonly string[] = []): string =>
  [
    'From: Anna <anna@pgp.test>',
    'To: nurse@clinic.test',
    `Subject: ${subject}`,
    'Date: Thu, 26 Nov 2026 10:00:00 +0000',
    `Message-ID: <${subject.replace(/\W/g, '')}@pgp.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    ...more,
    '',
    SECRET,
    '',
  ].join('\r\n');

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;
let listener: InboundListener;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-inbound-'));
  fresh = await freshDatabase({ poolSize: 10 });
  road = await startRoadForTest(
    loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url }),
    silentLogger,
  );
  const opened = await openInboundListener(road.parts);
  if (opened === null) throw new Error('the sandbox has no inbound listener');
  listener = opened;
});
afterAll(async () => {
  await listener.close();
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

async function connect(): Promise<SmtpTalk> {
  const talk = await SmtpTalk.open(listener.port() ?? 0, 'plain');
  expect((await talk.say('EHLO mx.pgp.test')).lines).toContain('STARTTLS');
  await talk.secure();
  await talk.say('EHLO mx.pgp.test');
  return talk;
}

async function hand(talk: SmtpTalk, to: string, mail: string, from = 'anna@pgp.test') {
  expect((await talk.say(`MAIL FROM:<${from}>`)).code).toBe(250);
  expect((await talk.say(`RCPT TO:<${to}>`)).code).toBe(250);
  expect((await talk.say('DATA')).code).toBe(354);
  await talk.write(`${mail}\r\n.\r\n`);
  const end = await talk.reply();
  const id = /Accepted as ([0-9a-f-]{36})/.exec(end.lines.join(' '))?.[1] ?? '';
  return { code: end.code, text: end.lines.join(' '), id: id as MessageId };
}

describe('mail from outside', () => {
  it('is taken only for domains that somebody named a host for, and relayed for nobody', async () => {
    const talk = await connect();
    await talk.say('MAIL FROM:<anna@pgp.test>');
    for (const to of ['nurse@clinic.test', 'anna@good-tls.test', 'x@nowhere.example'])
      expect(await talk.say(`RCPT TO:<${to}>`), to).toMatchObject({ code: 550, lines: [/^5\.7\.1 /] });
    expect((await talk.say('AUTH PLAIN AGEAYg==')).code).toBeGreaterThanOrEqual(500);
    expect((await talk.say('VRFY nurse')).code).toBeGreaterThanOrEqual(500);
    talk.end();
    const { inbound } = road.parts;
    await expect(inbound.put(road.caller, 'good-tls.test', 'mail.clinic.test', 25)).rejects.toThrow(
      'not-found',
    );
    await inbound.put(road.caller, 'clinic.test', 'mail.clinic.test', 25);
  });

  it('goes to the host by verified TLS, with what is ours to say put right', async () => {
    const talk = await connect();
    const spoof = 'X-Sealpost-Protection: opened; by=smime; signature=good';
    const { id, code } = await hand(talk, 'nurse@clinic.test', letter('in clear', [spoof]));
    expect(code).toBe(250);
    expect(await road.waitForEnds(id, 20_000)).toEqual({
      'nurse@clinic.test': { state: 'delivered', method: 'tls' },
    });
    const [mail] = await road.sandbox().mailboxes.waitFor('nurse@clinic.test', 1);
    const text = mail?.bytes.toString() ?? '';
    expect(mail?.envelopeFrom).toBe('anna@pgp.test');
    expect(mail?.tlsVersion).toMatch(/^TLSv1\.[23]$/);
    expect(text).toContain('X-Sealpost-Inbound: localhost\r\n');
    expect(text).toMatch(
      /^Received: from mx\.pgp\.test \(\[127\.0\.0\.1\]\) by localhost with ESMTPS \(TLSv1\.[23]\)\r\n id /m,
    );
    expect(text).not.toContain('X-Sealpost-Protection');
    expect(text).not.toContain('DKIM-Signature');
    // At rest it is sealed, whatever way it came.
    const rows = await fresh.database.tenant([road.organisation], 'app', (tx) =>
      tx.one<{ source: string; sealed: Buffer; inbound: Record<string, unknown>; kept: string[] }>({
        text: `select m.source, m.inbound, c.sealed, array(select e.type from sealpost.event e
                 where e.subjects @> jsonb_build_array(jsonb_build_object('kind', 'message', 'id', m.id::text))
                 order by e.occurred_at, e.id) as kept
               from sealpost.message m join sealpost.message_content c on c.id = m.id where m.id = $1`,
        values: [id],
      }),
    );
    expect(rows.source).toBe('inbound');
    expect(rows.inbound).toEqual({
      ...{ reversePath: 'address', spf: 'none', dkim: 'none', dmarc: 'none', encrypted: true },
    });
    expect(rows.sealed.includes('CANARY-INBOUND')).toBe(false);
    expect(rows.kept).toEqual(
      expect.arrayContaining(['inbound.received', 'delivery.delivered', 'inbound.handed-on']),
    );
    talk.end();
  }, 30_000);

  it('is opened for the organisation’s people', async () => {
    const own = await road.parts.pgp.ownKey(road.organisation);
    const recipient = own === null ? 'none' : await readPublicKey(own.octets);
    if (typeof recipient === 'string') throw new Error(recipient);
    const now = new Date();
    const verdict = await judgeKey(recipient, now);
    if (verdict.kind !== 'usable') throw new Error(verdict.code);
    const signer = await makePgpKey('Anna', 'anna@pgp.test', now);
    const { payload, outer } = protectHeaders(Buffer.from(letter('sealed results')));
    const sealed = await signAndEncrypt(payload, { recipient, verdict, signer, now });
    const mail = buildPgpMime(outer, armor('MESSAGE', sealed.octets, sealed.seipd === 1));
    const talk = await connect();
    const { id } = await hand(talk, 'ward@clinic.test', mail.toString('latin1'));
    talk.end();
    await road.waitForEnds(id, 20_000);
    const [got] = await road.sandbox().mailboxes.waitFor('ward@clinic.test', 1);
    const text = got?.bytes.toString() ?? '';
    expect(text).toContain('X-Sealpost-Protection: opened; by=pgp; signature=unknown\r\n');
    expect(text).toContain('Subject: sealed results\r\n');
    expect(text).toContain(SECRET);
    const row = await fresh.database.tenant([road.organisation], 'app', (tx) =>
      tx.one<{ decision: { reasons: { code: string }[] }; proofs: number; opened: number }>({
        text: `select d.decision, (select count(*)::int from sealpost.proof p where p.delivery = d.id) as proofs,
                 (select count(*)::int from sealpost.audit_entry e
                   where position('"inbound.opened"'::bytea in e.leaf) > 0
                     and position(convert_to(d.id::text, 'utf8') in e.leaf) > 0) as opened
               from sealpost.delivery d where d.message = $1`,
        values: [id],
      }),
    );
    expect(row.decision.reasons.map(({ code }) => code)).toEqual([
      'inbound-sender',
      'inbound-opened',
      'inbound-host',
    ]);
    expect(row.proofs).toBe(1);
    expect(row.opened).toBe(1);
  }, 30_000);

  it('answers no report, and ends a loop inside the session', async () => {
    const talk = await connect();
    const bounced = await hand(talk, 'nobody@clinic.test', letter('a report'), '');
    expect(bounced.code).toBe(250);
    await road.waitForEnds(bounced.id, 20_000);
    const notices = await fresh.database.tenant([road.organisation], 'app', (tx) =>
      tx.one<{ n: number }>({
        text: 'select count(*)::int as n from sealpost.notice where message = $1',
        values: [bounced.id],
      }),
    );
    expect(notices.n).toBe(0);
    const mark = 'X-Sealpost-Inbound: localhost';
    const looping = await hand(talk, 'nurse@clinic.test', letter('a loop', [mark, mark]));
    expect(looping).toMatchObject({ code: 554, text: expect.stringMatching(/^5\.4\.6 /) });
    const hops = Array.from({ length: 51 }, () => 'Received: from a by b; Thu, 26 Nov 2026 10:00:00 +0000');
    const travelled = await hand(talk, 'nurse@clinic.test', letter('many hops', hops));
    expect(travelled).toMatchObject({ code: 554, text: expect.stringMatching(/^5\.4\.6 /) });
    const refused = await fresh.database.tenant([road.organisation], 'app', (tx) =>
      tx.one<{ n: number }>({
        text: `select count(*)::int as n from sealpost.audit_entry
               where position('"inbound.refused"'::bytea in leaf) > 0 and position('mail-loop'::bytea in leaf) > 0`,
        values: [],
      }),
    );
    expect(refused.n).toBe(2);
    talk.end();
  }, 30_000);

  it('waits while its host cannot be verified, and goes nowhere else', async () => {
    const { inbound } = road.parts;
    await inbound.put(road.caller, 'clinic.test', 'mx.wrong-cert.test', 25);
    const talk = await connect();
    const { id } = await hand(talk, 'late@clinic.test', letter('waits'));
    talk.end();
    const state = () =>
      fresh.database.tenant([road.organisation], 'app', (tx) =>
        tx.one<{ state: string; last_code: string | null }>({
          text: 'select state, last_code from sealpost.delivery where message = $1',
          values: [id],
        }),
      );
    await expect.poll(state, { timeout: 10_000 }).toEqual({
      state: 'deferred',
      last_code: 'certificate-wrong-name',
    });
    const wrong = road.sandbox().peer('mx.wrong-cert.test');
    expect(wrong.clearBytes.includes('CANARY')).toBe(false);
    expect(wrong.tlsBytes.includes('CANARY')).toBe(false);
    await inbound.put(road.caller, 'clinic.test', 'mail.clinic.test', 25);
    expect(await road.waitForEnds(id, 30_000)).toEqual({
      'late@clinic.test': { state: 'delivered', method: 'tls' },
    });
  }, 45_000);
});
