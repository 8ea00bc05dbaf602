import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '#core/policy';
import { loadConfig, silentLogger } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { insertPolicy } from '../products/policies/policy.store.ts';

const ANNA = 'anna@no-tls.test';
const BEN = 'ben@no-tls.test';
const TEXT = 'I was told that plain mail may be read by others on its way, and I want it all the same.';
// The log's list follows its sequencer.
const POLL = { timeout: 5000, interval: 50 };
const YEAR = 365 * 86_400_000;

const content = (cls: string) =>
  Buffer.from(
    [
      'From: Staff <staff@clinic.test>',
      `To: ${ANNA}, ${BEN}`,
      'Subject: Appointment',
      `X-Sealpost-Class: ${cls}`,
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      'PLAIN-WORDS on Thursday.',
      '',
    ].join('\r\n'),
  );

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-waivers-'));
  fresh = await freshDatabase({ poolSize: 10 });
  const config = loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url });
  road = await startRoadForTest(config, silentLogger);
});

afterAll(async () => {
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

async function setWaivers(waivers: Policy['waivers']): Promise<void> {
  const { policy } = await road.parts.policies.newest(road.caller);
  const { version, ...document } = policy;
  await road.parts.policies.save(road.caller, version, { ...document, waivers });
}

async function send(cls: string) {
  const accepted = await road.submit('staff@clinic.test', [ANNA, BEN], content(cls));
  const ends = await road.waitForEnds(accepted.id, 15_000);
  return { anna: ends[ANNA]?.method, ben: ends[BEN]?.method };
}

const record = (address: string, expiresAt = new Date(Date.now() + YEAR)) =>
  road.parts.waivers.record(road.caller, { address, text: TEXT, language: 'en', expiresAt });

const audited = async (action: string) => {
  const page = await road.parts.foundation.database.tenant([road.organisation], 'app', (tx) =>
    road.parts.foundation.audit.list(tx, road.organisation, { cursor: null, limit: 50, action }),
  );
  return page?.lines ?? [];
};

const preview = async (address: string, cls: 'ordinary' | 'high') =>
  (await road.parts.policies.preview(road.caller, { address, class: cls, stream: 'transactional' }, null))
    .decision.method;

describe('a waiver', () => {
  it('of one recipient opens that copy alone, while the organisation heeds it and the class allows it', async () => {
    const { row } = await record(ANNA);
    expect(await send('ordinary')).toEqual({ anna: 'portal', ben: 'portal' });
    await setWaivers({ enabled: true, highestClass: 'ordinary' });
    expect(await send('light')).toEqual({ anna: 'portal', ben: 'portal' });
    expect(await send('high')).toEqual({ anna: 'portal', ben: 'portal' });
    expect(await audited('delivery.sent-under-waiver')).toEqual([]);
    expect(await send('ordinary')).toEqual({ anna: 'waiver', ben: 'portal' });
    const mails = await road.sandbox().mailboxes.waitFor(ANNA, 4);
    const plain = mails.filter((mail) => mail.bytes.toString('latin1').includes('PLAIN-WORDS'));
    expect(plain).toHaveLength(1);
    await expect.poll(() => audited('delivery.sent-under-waiver'), POLL).toHaveLength(1);
    const [entry] = await audited('delivery.sent-under-waiver');
    expect(entry?.entry?.details).toMatchObject({ waiver: row.id, class: 'ordinary', method: 'waiver' });
    expect(entry?.entry?.reference).toMatch(/^\S{20,}/);
    // What would happen is told the same way: at first TLS is tried.
    expect(await preview(ANNA, 'ordinary')).toBe('tls');
  });

  it('is known to the preview', async () => {
    const { version, ...document } = (await road.parts.policies.newest(road.caller)).policy;
    const draft = { ...document, methods: ['portal'] as const };
    const of = async (address: string, cls: 'ordinary' | 'high') =>
      (
        await road.parts.policies.preview(
          road.caller,
          { address, class: cls, stream: 'transactional' },
          draft,
        )
      ).decision.method;
    expect(version).toBeGreaterThan(1);
    expect([await of(ANNA, 'ordinary'), await of(ANNA, 'high'), await of(BEN, 'ordinary')]).toEqual([
      'waiver',
      'portal',
      'portal',
    ]);
  });

  it('is replaced by a newer one, ends when it is withdrawn, and only once', async () => {
    const newer = await record('Anna@NO-TLS.test');
    const states = (await road.parts.waivers.list(road.caller, null, 10)).map((one) => one.state);
    expect(states).toEqual(['valid', 'replaced']);
    const ended = await road.parts.waivers.withdraw(road.caller, newer.row.id);
    expect(ended).toMatchObject({ state: 'withdrawn', address: 'Anna@no-tls.test', text: TEXT });
    await expect(road.parts.waivers.withdraw(road.caller, newer.row.id)).rejects.toThrow('wrong-state');
    await expect(road.parts.waivers.withdraw(road.caller, road.organisation)).rejects.toThrow('not-found');
    expect(await send('ordinary')).toEqual({ anna: 'portal', ben: 'portal' });
    await expect.poll(() => audited('waiver.recorded'), POLL).toHaveLength(2);
    await expect.poll(() => audited('waiver.withdrawn'), POLL).toHaveLength(1);
    for (const { entry } of await audited('waiver.withdrawn')) expect(entry?.reference).toMatch(/^\S{20,}/);
  });

  it('that has expired, or would last for ever, is none', async () => {
    await expect(record(BEN, new Date(Date.now() - 1000))).rejects.toThrow('invalid');
    await expect(record(BEN, new Date(Date.now() + 6 * YEAR))).rejects.toThrow('invalid');
    await expect(record('nobody')).rejects.toThrow('invalid-address');
    // Long enough to be recorded on a busy machine.
    await record(BEN, new Date(Date.now() + 1_500));
    const newest = async () =>
      (await road.parts.waivers.list(road.caller, null, 1)).map(({ state }) => state);
    await expect.poll(newest, POLL).toEqual(['expired']);
    expect(await send('ordinary')).toEqual({ anna: 'portal', ben: 'portal' });
  });
});

describe('a policy of an earlier version of the document', () => {
  it('is read as one that has no waivers', async () => {
    const { database, vault } = road.parts.foundation;
    const { waivers, ...old } = DEFAULT_POLICY;
    const version = (await road.parts.policies.newest(road.caller)).policy.version + 1;
    expect(waivers.enabled).toBe(false);
    const binding = { organisation: road.organisation, field: 'policy.document', row: String(version) };
    const sealed = await vault.sealValue('configuration', binding, JSON.stringify({ ...old, version }));
    await database.tenant([road.organisation], 'app', (tx) =>
      insertPolicy(tx, road.organisation, version, sealed, road.caller.actor),
    );
    const { policy } = await road.parts.policies.newest(road.caller);
    expect(policy).toEqual({ ...DEFAULT_POLICY, version });
  });
});
