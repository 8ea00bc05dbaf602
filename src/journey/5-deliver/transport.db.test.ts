import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KeptPolicy } from '#platform/net';
import { systemClock } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { connectOwner, type OwnerConnection } from '../../platform/database/owner-connection.ts';
import { createPolicyStore, createTlsResults, sweepPolicies, sweepTlsCounts } from './index.ts';

let fresh: FreshDatabase;
let owner: OwnerConnection;
beforeAll(async () => {
  fresh = await freshDatabase();
  owner = await connectOwner(fresh.superuserUrl);
});
afterAll(async () => {
  await owner.close();
  await fresh.close();
});
beforeEach(() => owner.script('delete from sealpost.mta_sts_policy; delete from sealpost.tls_result'));

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function policy(change: Partial<KeptPolicy> = {}): KeptPolicy {
  const fetchedAt = change.fetchedAt ?? new Date('2026-11-01T00:00:00Z');
  return {
    id: '1',
    mode: 'enforce',
    mx: ['mx.x.test', '*.y.test'],
    maxAge: 604_800,
    fetchedAt,
    expiresAt: new Date(fetchedAt.getTime() + 7 * DAY),
    ...change,
  };
}

describe('kept MTA-STS policies', () => {
  it('come back as they were kept; the later fetch stays, whichever is written last', async () => {
    const store = createPolicyStore(fresh.database);
    expect(await store.read('x.test')).toBeNull();
    const first = policy();
    const second = policy({ id: '2', mode: 'none', mx: [], fetchedAt: new Date('2026-11-02T00:00:00Z') });
    await store.write('x.test', first);
    expect(await store.read('x.test')).toEqual(first);
    await store.write('x.test', second);
    await store.write('x.test', first);
    expect(await store.read('x.test')).toEqual(second);
  });

  it('are listed when they were fetched long ago and still bind, and go when they have not bound for long', async () => {
    const store = createPolicyStore(fresh.database);
    const now = Date.now();
    const ago = (ms: number): Date => new Date(now - ms);
    await store.write('old.test', policy({ fetchedAt: ago(2 * DAY) }));
    await store.write('older.test', policy({ fetchedAt: ago(3 * DAY) }));
    await store.write('new.test', policy({ fetchedAt: ago(HOUR) }));
    await store.write('ended.test', policy({ fetchedAt: ago(20 * DAY) }));
    expect((await store.stale(ago(DAY), 10)).toSorted()).toEqual(['old.test', 'older.test']);
    expect(await store.stale(ago(DAY), 1)).toHaveLength(1);
    expect(await fresh.database.system('worker', (tx) => sweepPolicies(tx, ago(7 * DAY)))).toBe(1);
    expect(await store.read('ended.test')).toBeNull();
  });

  it('are out of the reach of what serves people', async () => {
    const text = 'select 1 from sealpost.mta_sts_policy';
    await expect(fresh.database.system('app', (tx) => tx.query({ text }))).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe('results of TLS', () => {
  const rows = () =>
    owner.query<{ domain: string; result: string; sessions: number }>(
      'select domain, result, sessions::int from sealpost.tls_result order by domain, result',
    );
  const success = { domain: 'x.test', policy: 'sts', host: 'mx.x.test', result: 'success' } as const;

  it('add up over processes and writes; what says nothing is not counted', async () => {
    const counters = [1, 2].map(() => createTlsResults(fresh.database, systemClock));
    for (const counter of counters) {
      for (let index = 0; index < 3; index += 1) counter.note(success);
      counter.note({ ...success, result: null });
      counter.note({ ...success, domain: 'y.test', result: 'starttls-not-supported' });
    }
    await Promise.all(counters.map((counter) => counter.flush()));
    counters[0]?.note(success);
    await Promise.all(counters.map((counter) => counter.flush()));
    expect(await rows()).toEqual([
      { domain: 'x.test', result: 'success', sessions: 7 },
      { domain: 'y.test', result: 'starttls-not-supported', sessions: 2 },
    ]);
  });

  it('are not lost when a write fails', async () => {
    let fails = true;
    const flaky: typeof fresh.database = {
      ...fresh.database,
      system: (role, work) => (fails ? Promise.reject(new Error('gone')) : fresh.database.system(role, work)),
    };
    const counter = createTlsResults(flaky, systemClock);
    counter.note(success);
    await expect(counter.flush()).rejects.toThrow('gone');
    counter.note(success);
    fails = false;
    await counter.flush();
    expect(await rows()).toEqual([{ domain: 'x.test', result: 'success', sessions: 2 }]);
  });

  it('go by day', async () => {
    const counter = createTlsResults(fresh.database, {
      now: () => new Date('2026-10-01T23:59:59Z'),
      monotonic: () => 0,
    });
    counter.note(success);
    await counter.flush();
    const sweep = (day: string) => fresh.database.system('worker', (tx) => sweepTlsCounts(tx, day));
    expect(await sweep('2026-10-01')).toBe(0);
    expect(await sweep('2026-10-02')).toBe(1);
  });
});
