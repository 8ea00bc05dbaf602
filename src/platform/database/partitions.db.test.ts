import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { freeBytes } from './disk-space.ts';
import { connectOwner } from './owner-connection.ts';
import { ensurePartitions } from './partitions.store.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.close());

it('makes partitions a year ahead, once, also when two processes do it together', async () => {
  // Far from what the migrations made for today.
  const now = new Date('2040-03-31T23:59:59Z');
  const [a, b] = await Promise.all([
    ensurePartitions(fresh.database, now),
    ensurePartitions(fresh.database, now),
  ]);
  const owner = await connectOwner(fresh.superuserUrl);
  const parents = await owner.query('select from sealpost.partitioned_table');
  const made = await owner.query<{ name: string }>(
    "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent where p.relkind = 'p' and c.relname ~ '_20(40|41)[0-9]{2}$'",
  );
  await owner.close();
  expect(parents.length).toBeGreaterThan(0);
  expect(made).toHaveLength(parents.length * 13); // March 2040 to March 2041
  expect(Math.min(a, b)).toBe(0);
  expect(Math.max(a, b)).toBe(made.length);
  expect(await ensurePartitions(fresh.database, now)).toBe(0);
});

it('reads the free space', async () => {
  expect(await freeBytes(tmpdir())).toBeGreaterThan(0);
  await expect(freeBytes('/nonexistent')).rejects.toThrow();
});
