import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { connectOwner, type OwnerConnection } from '../database/owner-connection.ts';
import { type ClaimedItem, createRecord, type MessageRecord } from './index.ts';

const BACKLOG = 30_000;
const ROOM = {
  free: 32,
  reserve: 40,
  share: 16,
  assured: 4,
  perDomain: 32,
  domainShare: 16,
  held: {},
  domains: {},
  busy: ['busy.example'],
  start: '00000000-0000-0000-0000-000000000000',
  leaseSeconds: 30,
};

let fresh: FreshDatabase;
let owner: OwnerConnection;
let record: MessageRecord;

beforeAll(async () => {
  fresh = await freshDatabase();
  owner = await connectOwner(fresh.superuserUrl);
  // Only claims are asked of it here: nothing is opened or sealed.
  record = createRecord({ database: fresh.database, keepFresh: false } as Parameters<typeof createRecord>[0]);
});

afterEach(async () => {
  await owner.script('truncate sealpost.queue, sealpost.queue_passed');
});

afterAll(async () => {
  await owner.close();
  await fresh.close();
});

/** Puts deliveries on the queue, due `apartMs` milliseconds after each other, the last one `agoMs` ago. */
async function enqueue(
  organisation: OrganisationId,
  count: number,
  domain: string,
  { priority = 50, agoMs = 10_000, apartMs = 1 } = {},
) {
  await owner.query(
    `insert into sealpost.queue (item, kind, organisation, message, domain, priority, due_at)
      select gen_random_uuid(), 'delivery', $1::uuid, gen_random_uuid(), $3, $4::smallint,
        now() - make_interval(secs => ($5::float8 + $6::float8 * ($2::integer - n)) / 1000)
      from generate_series(1, $2::integer) n`,
    [organisation, count, domain, priority, agoMs, apartMs],
  );
}

async function claimsUntil(holds: (items: readonly ClaimedItem[]) => boolean, busy = ROOM.busy) {
  const taken: ClaimedItem[] = [];
  let claims = 0;
  for (; claims < 40 && !holds(taken); claims += 1) taken.push(...(await record.claim({ ...ROOM, busy })));
  return { taken, claims };
}

/** Rows of the queue that a claim reads; the server's own count. */
async function rowsRead(work: () => Promise<unknown>): Promise<number> {
  const count = async () => {
    await owner.query('select pg_stat_clear_snapshot()');
    const [row] = await owner.query<{ read: string }>(
      "select idx_tup_fetch as read from pg_stat_user_tables where relname = 'queue' and schemaname = 'sealpost'",
    );
    return Number(row?.read);
  };
  // The sessions of the pool tell their counts when they are idle, at most once a second unless asked.
  const settle = () =>
    fresh.database.system('worker', (tx) => tx.query({ text: 'select pg_stat_force_next_flush()' }));
  await settle();
  const before = await count();
  await work();
  await settle();
  return (await count()) - before;
}

describe('a claim behind a large backlog of a destination that takes nothing', () => {
  it('reaches what others have, in the same priority and behind it, and reads a bounded part each time', async () => {
    const clinic = newId() as OrganisationId;
    await enqueue(clinic, BACKLOG, 'busy.example');
    await enqueue(clinic, 3, 'other.example', { agoMs: 5000 });
    await enqueue(clinic, 3, 'third.example', { priority: 250, agoMs: 500_000 });
    await owner.script('analyze sealpost.queue');
    const { taken, claims } = await claimsUntil((items) => items.length === 6);
    expect(taken.map((one) => one.domain).sort()).toEqual([
      ...Array(3).fill('other.example'),
      ...Array(3).fill('third.example'),
    ]);
    expect(claims).toBeLessThanOrEqual(BACKLOG / 10_000 + 2);
    // Having come through, it stays there: what comes now is found by the next claim.
    await enqueue(clinic, 2, 'other.example', { agoMs: 0 });
    const next = await record.claim(ROOM);
    expect(next.map((one) => one.domain)).toEqual(['other.example', 'other.example']);
    const read = await rowsRead(() => record.claim(ROOM));
    expect(read).toBeGreaterThan(500); // else nothing was counted
    expect(read).toBeLessThan(6000);
  });

  it('passes a campaign that fell due in one moment, and reaches what is behind it', async () => {
    const clinic = newId() as OrganisationId;
    await enqueue(clinic, BACKLOG, 'busy.example', { apartMs: 0 });
    await enqueue(clinic, 2, 'other.example', { agoMs: 5000 });
    expect((await claimsUntil((items) => items.length === 2)).claims).toBeLessThanOrEqual(3);
  });

  it('takes from the front as soon as the destination is free again', async () => {
    const clinic = newId() as OrganisationId;
    await enqueue(clinic, BACKLOG, 'busy.example');
    expect((await claimsUntil(() => false)).taken).toEqual([]);
    const [first] = await record.claim({ ...ROOM, busy: [] });
    expect(first?.domain).toBe('busy.example');
    // Another destination is full now: what was passed for the first one says nothing about it.
    const other = await record.claim({ ...ROOM, busy: ['elsewhere.example'] });
    expect(other.length).toBeGreaterThan(0);
  });

  it('takes what was found behind it in order of urgency, within the share of a destination', async () => {
    const clinic = newId() as OrganisationId;
    await enqueue(clinic, 12_000, 'busy.example');
    await enqueue(clinic, 40, 'other.example', { agoMs: 4000 });
    await enqueue(clinic, 40, 'third.example', { priority: 250, agoMs: 4000 });
    const { taken } = await claimsUntil((items) => items.length > 0);
    expect(taken.every((one) => one.domain === 'other.example')).toBe(true);
    expect(taken.length).toBeLessThanOrEqual(32);
  });
});
