import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageId } from '#core/ids';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';

const CONTENT = Buffer.from(
  [
    'From: Staff <staff@clinic.test>',
    'To: undisclosed-recipients:;',
    'Subject: Your results CANARY-SUBJECT',
    'Date: Sun, 22 Nov 2026 10:00:00 +0000',
    '',
    'CANARY-BODY: all well.',
    '',
  ].join('\r\n'),
);

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-road-'));
  fresh = await freshDatabase({ poolSize: 10 });
  const config = loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url });
  road = await startRoadForTest(config, silentLogger);
});

afterAll(async () => {
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const RECIPIENTS = [
  'anna@good-tls.test',
  'ben@no-tls.test',
  'carla@wrong-cert.test',
  'dan@slow.test',
  'nobody@good-tls.test',
];

describe('the road', () => {
  it('takes one message to five recipients, each protected in the way that fits', async () => {
    const accepted = await road.submit('staff@clinic.test', RECIPIENTS, CONTENT);
    const ends = await road.waitForEnds(accepted.id, 30_000);
    expect(ends).toEqual({
      'anna@good-tls.test': { state: 'delivered', method: 'tls' },
      'ben@no-tls.test': { state: 'portal-waiting', method: 'portal' },
      'carla@wrong-cert.test': { state: 'portal-waiting', method: 'portal' },
      'dan@slow.test': { state: 'delivered', method: 'tls' },
      'nobody@good-tls.test': { state: 'bounced', method: 'tls' },
    });
    // Not one octet of content reached the peers that could not be verified.
    const sandbox = road.sandbox();
    for (const peer of sandbox.peers.filter((one) => one.code === 'no-tls' || one.code === 'wrong-cert')) {
      expect(peer.clearBytes.includes('CANARY')).toBe(false);
      expect(peer.tlsBytes.includes('CANARY')).toBe(false);
    }
    const [notice] = await sandbox.mailboxes.waitFor('ben@no-tls.test', 1);
    expect(notice?.bytes.toString()).toMatch(/\/m\//);
    expect(notice?.bytes.toString()).not.toMatch(/CANARY|Clinic/);
    const [dsn] = await sandbox.mailboxes.waitFor('staff@clinic.test', 1);
    expect(dsn?.bytes.toString()).toMatch(/report-type=delivery-status/);
    expect(dsn?.bytes.toString()).not.toMatch(/CANARY/);
  }, 60_000);

  it('tells the sender once, without content, of a copy that nobody has opened for days', async () => {
    const sender = 'ward@clinic.test';
    const { id } = await road.submit(sender, ['gina@no-tls.test'], CONTENT);
    await road.waitForEnds(id, 30_000);
    const { portal } = road.parts;
    await portal.reportUnread();
    await fresh.database.tenant([road.organisation], 'worker', (tx) =>
      tx.execute({
        text: `update sealpost.portal_item set created_at = now() - interval '4 days' where message = $1`,
        values: [id],
      }),
    );
    const told = await Promise.all([portal.reportUnread(), portal.reportUnread(), portal.reportUnread()]);
    expect(told.reduce((sum, one) => sum + one, 0)).toBe(1);
    const { mailboxes } = road.sandbox();
    const [report] = await mailboxes.waitFor(sender, 1);
    const text = report?.bytes.toString() ?? '';
    expect(text).toMatch(/^Subject: Your message has not been opened yet/m);
    expect(text).toMatch(/^Action: delayed\r\nStatus: 4\.2\.0/m);
    expect(text).not.toMatch(/CANARY|\/m\//);
    const state = await fresh.database.tenant([road.organisation], 'app', (tx) =>
      tx.one<{ state: string }>({
        text: 'select state from sealpost.delivery where message = $1',
        values: [id],
      }),
    );
    expect(state).toEqual({ state: 'portal-waiting' });
    expect(mailboxes.messages(sender)).toHaveLength(1);
  }, 60_000);

  it('tells the sender once, without content, of a copy that expired unread in the portal', async () => {
    const sender = 'nurse@clinic.test';
    const { id } = await road.submit(sender, ['eva@no-tls.test', 'finn@no-tls.test'], CONTENT);
    await road.waitForEnds(id, 30_000);
    const { portal } = road.parts;
    await fresh.database.tenant([road.organisation], 'worker', async (tx) => {
      // One of the two has read it; then the time of both is over.
      await tx.execute({
        text: `update sealpost.portal_item set state = 'read', first_read_at = now() where id =
                 (select id from sealpost.portal_item where message = $1 order by id limit 1)`,
        values: [id],
      });
      await tx.execute({
        text: `update sealpost.portal_item set expires_at = now() - interval '1 minute' where message = $1`,
        values: [id],
      });
    });
    // Two workers at once, and again: one of them ends each item.
    await Promise.all([portal.expireDue(), portal.expireDue()]);
    await portal.expireDue();

    const { mailboxes } = road.sandbox();
    const [report] = await mailboxes.waitFor(sender, 1);
    const text = report?.bytes.toString() ?? '';
    expect(text).toMatch(/^Subject: Your message was not read in time/m);
    expect(text).toMatch(/report-type=delivery-status/);
    expect(text).toMatch(/^Action: failed\r\nStatus: 5\.4\.7/m);
    expect(text).toContain('deleted unread');
    expect(text).not.toMatch(/CANARY|\/m\//);
    const states = await fresh.database.tenant([road.organisation], 'app', (tx) =>
      tx.query<{ state: string; last_status: string | null }>({
        text: 'select state, last_status from sealpost.delivery where message = $1 order by state',
        values: [id],
      }),
    );
    expect(states[0]).toEqual({ state: 'expired', last_status: '5.4.7' });
    const queued = await fresh.database.tenant([road.organisation], 'app', (tx) =>
      tx.one<{ n: number }>({
        text: `select count(*)::int as n from sealpost.notice where message = $1 and kind = 'dsn'`,
        values: [id],
      }),
    );
    expect(queued.n).toBe(1);
    expect(mailboxes.messages(sender)).toHaveLength(1);
  }, 60_000);

  it('asks each host for the proof that its domain has published', async () => {
    const to = (domain: string) => `eva@${domain}`;
    const accepted = await road.submit(
      'staff@clinic.test',
      ['dane.test', 'dane-wrong.test', 'mta-sts.test', 'mta-sts-unlisted.test'].map(to),
      CONTENT,
    );
    expect(await road.waitForEnds(accepted.id, 30_000)).toEqual({
      [to('dane.test')]: { state: 'delivered', method: 'tls' },
      [to('dane-wrong.test')]: { state: 'portal-waiting', method: 'portal' },
      [to('mta-sts.test')]: { state: 'delivered', method: 'tls' },
      [to('mta-sts-unlisted.test')]: { state: 'portal-waiting', method: 'portal' },
    });
    expect(await attemptsOf(accepted.id)).toEqual([
      { host: 'mx.dane-wrong.test', authenticated_by: 'none', code: 'dane-mismatch' },
      { host: 'mx.dane.test', authenticated_by: 'dane', code: null },
      { host: 'mx.mta-sts-unlisted.test', authenticated_by: 'none', code: 'mta-sts-host-not-listed' },
      { host: 'mx.mta-sts.test', authenticated_by: 'mta-sts', code: null },
    ]);
    const kept = await fresh.database.system('worker', (tx) =>
      tx.query({ text: `select domain, mode from sealpost.mta_sts_policy order by domain` }),
    );
    expect(kept).toEqual([
      { domain: 'mta-sts-unlisted.test', mode: 'enforce' },
      { domain: 'mta-sts.test', mode: 'enforce' },
    ]);
  }, 60_000);

  it('takes REQUIRETLS to hosts that pass it on, and to the portal where none does', async () => {
    const recipients = ['requiretls.test', 'good-tls.test'].map((domain) => ({ local: 'finn', domain }));
    const sender = { local: 'staff', domain: 'clinic.test' };
    const accepted = await road.parts.intake.submit(road.caller, { sender, recipients }, CONTENT, {
      source: 'smtp',
      requireTls: true,
    });
    expect(await road.waitForEnds(accepted.id, 30_000)).toEqual({
      'finn@requiretls.test': { state: 'delivered', method: 'tls' },
      'finn@good-tls.test': { state: 'portal-waiting', method: 'portal' },
    });
    const { transcript } = road.sandbox().peer('mx.requiretls.test');
    expect(transcript.some((line) => /^CS: MAIL FROM:.* REQUIRETLS$/.test(line))).toBe(true);
  }, 60_000);
});

function attemptsOf(message: MessageId) {
  return fresh.database.tenant([road.organisation], 'app', (tx) =>
    tx.query({
      text: `select a.host, a.authenticated_by, a.code from sealpost.attempt a
               join sealpost.delivery d on d.id = a.delivery
              where d.message = $1 and a.method = 'tls' order by a.host`,
      values: [message],
    }),
  );
}
