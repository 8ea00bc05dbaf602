import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { DatabaseFault, DatabaseUnavailable, isUniqueViolation } from './faults.ts';
import { connectOwner } from './owner-connection.ts';
import { openDatabase } from './pool.ts';

const organisation = (): OrganisationId => newId() as OrganisationId;

describe('tenant transactions', () => {
  let fresh: FreshDatabase;
  const one = organisation();
  const two = organisation();

  beforeAll(async () => {
    fresh = await freshDatabase({ empty: true });
    const owner = await connectOwner(fresh.superuserUrl);
    await owner.script(`
      create schema sealpost;
      grant usage on schema sealpost to sealpost_app, sealpost_worker;
      create table sealpost.note (id uuid primary key, organisation uuid not null, text text, big int8);
      alter table sealpost.note enable row level security;
      create policy tenant on sealpost.note
        using (organisation = any (coalesce(nullif(current_setting('sealpost.organisations', true), ''), '{}')::uuid[]))
        with check (organisation = any (coalesce(nullif(current_setting('sealpost.organisations', true), ''), '{}')::uuid[]));
      grant select, insert, update on sealpost.note to sealpost_app;
      grant select on sealpost.note to sealpost_worker;
      create table sealpost.counter (id int primary key, n int not null);
      insert into sealpost.counter values (1, 0), (2, 0);
      grant select, update on sealpost.counter to sealpost_app;`);
    await owner.close();
  });
  afterAll(() => fresh.close());

  const insert = (org: OrganisationId, text: string, id = newId()) => ({
    name: 'note-insert',
    text: 'insert into note (id, organisation, text) values ($1, $2, $3)',
    values: [id, org, text],
  });
  const texts = { name: 'note-texts', text: 'select text from note order by text' };

  it('see their own organisations only', async () => {
    await fresh.database.tenant([one], 'app', (tx) => tx.execute(insert(one, 'first')));
    await fresh.database.tenant([two], 'app', (tx) => tx.execute(insert(two, 'second')));
    expect(await fresh.database.tenant([one], 'app', (tx) => tx.query(texts))).toEqual([{ text: 'first' }]);
    expect(await fresh.database.tenant([one, two], 'worker', (tx) => tx.query(texts))).toHaveLength(2);
    expect(await fresh.database.system('app', (tx) => tx.query(texts))).toEqual([]);
  });

  it("cannot write into another organisation, and the worker has the worker's rights only", async () => {
    await expect(
      fresh.database.tenant([one], 'app', (tx) => tx.execute(insert(two, 'x'))),
    ).rejects.toMatchObject({
      code: '42501',
    });
    await expect(
      fresh.database.tenant([one], 'worker', (tx) => tx.execute(insert(one, 'x'))),
    ).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('refuse what is not an id', async () => {
    const hostile = "'; reset role; --" as OrganisationId;
    await expect(async () =>
      fresh.database.tenant([hostile], 'app', () => Promise.resolve()),
    ).rejects.toThrow(DatabaseFault);
  });

  it('leave nothing behind on the connection', async () => {
    const single = openDatabase({ url: fresh.url, poolSize: 1 });
    try {
      await single.tenant([one], 'app', (tx) => tx.query(texts));
      const state = {
        text: "select current_user::text as who, current_setting('sealpost.organisations', true) as orgs",
      };
      const inside = await single.system('worker', (tx) => tx.one(state));
      expect(inside).toEqual({ who: 'sealpost_worker', orgs: '{}' });
    } finally {
      await single.close();
    }
    const login = await connectOwner(fresh.url);
    try {
      await expect(login.query('select * from sealpost.note')).rejects.toMatchObject({ code: '42501' });
    } finally {
      await login.close();
    }
  });

  it('roll back on throw, run afterCommit only after a commit, and close', async () => {
    const ran: string[] = [];
    let escaped: Promise<unknown> | undefined;
    await expect(
      fresh.database.tenant([one], 'app', async (tx) => {
        await tx.execute(insert(one, 'gone'));
        tx.afterCommit(() => ran.push('no'));
        throw new RangeError('mine');
      }),
    ).rejects.toThrow(RangeError);
    await fresh.database.tenant([one], 'app', async (tx) => {
      tx.afterCommit(() => ran.push('yes'));
      escaped = Promise.resolve()
        .then(() => new Promise((resolve) => setTimeout(resolve, 30)))
        .then(() => tx.query(texts));
      escaped.catch(() => undefined);
      await tx.query(texts);
    });
    expect(ran).toEqual(['yes']);
    await expect(escaped).rejects.toMatchObject({ code: 'CLOSED_TRANSACTION' });
    expect(await fresh.database.tenant([one], 'app', (tx) => tx.query(texts))).toEqual([{ text: 'first' }]);
  });

  it('report the fault that aborted, not its echo, also when work swallowed it', async () => {
    const id = newId();
    const twice = fresh.database.tenant([one], 'app', (tx) =>
      Promise.all([tx.execute(insert(one, 'a', id)), tx.execute(insert(one, 'b', id)), tx.query(texts)]),
    );
    await expect(twice).rejects.toSatisfy((error) => isUniqueViolation(error, 'note_pkey'));
    const swallowed = fresh.database.tenant([one], 'app', async (tx) => {
      await tx.execute(insert(one, 'a', id));
      await tx.execute(insert(one, 'b', id)).catch(() => undefined);
      return 'looks fine';
    });
    await expect(swallowed).rejects.toMatchObject({ code: '23505' });
    const renamed = fresh.database.tenant([one], 'app', async (tx) => {
      await tx.execute(insert(one, 'a', id));
      await tx.execute(insert(one, 'b', id)).catch(() => {
        throw new RangeError('already there');
      });
    });
    await expect(renamed).rejects.toThrow('already there');
  });

  it('never quote a value in a fault', async () => {
    const canary = 'canary-7f3a';
    const fault = await fresh.database
      .tenant([one], 'app', (tx) => tx.query({ text: 'select $1::text::uuid', values: [canary] }))
      .catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(DatabaseFault);
    const shown = `${String(fault)} ${JSON.stringify(fault)} ${fault instanceof Error ? `${fault.stack} ${String(fault.cause)}` : ''}`;
    expect(shown).not.toContain(canary);
    expect(fault).toMatchObject({ code: '22P02' });
  });

  it('give rows in the types that are promised', async () => {
    const row = await fresh.database.system('app', (tx) =>
      tx.one({
        text: `select '\\x00ff'::bytea as bytes, '2026-01-02T03:04:05Z'::timestamptz as moment, 7::int8 as small,
          9007199254740993::int8 as large, '2026-01-02'::date as day, 1.10::numeric as exact, '{1,2}'::int8[] as list,
          $1::bytea as echoed, '{"a":1}'::jsonb as doc, $2::uuid[] as ids, $3::bytea[] as many`,
        values: [new Uint8Array([1, 2]).subarray(1), [one], [Buffer.from([3]), new Uint8Array([4])]],
      }),
    );
    expect(row).toEqual({
      bytes: Buffer.from([0, 255]),
      moment: new Date('2026-01-02T03:04:05Z'),
      small: 7,
      large: 9007199254740993n,
      day: '2026-01-02',
      exact: '1.10',
      list: [1, 2],
      echoed: Buffer.from([2]),
      doc: { a: 1 },
      ids: [one],
      many: [Buffer.from([3]), Buffer.from([4])],
    });
  });

  it('one() and maybe() hold what they say', async () => {
    const rows = (n: number) => ({ text: `select n from generate_series(1, ${n}) n` });
    await fresh.database.system('app', async (tx) => {
      expect(await tx.maybe(rows(0))).toBeUndefined();
      expect(await tx.one(rows(1))).toEqual({ n: 1 });
    });
    await expect(fresh.database.system('app', (tx) => tx.one(rows(0)))).rejects.toMatchObject({
      code: 'NOT_ONE_ROW',
    });
    await expect(fresh.database.system('app', (tx) => tx.maybe(rows(2)))).rejects.toMatchObject({
      code: 'NOT_ONE_ROW',
    });
  });

  it('run again after a deadlock', async () => {
    let runs = 0;
    const add = (id: number) => ({ text: 'update counter set n = n + 1 where id = $1', values: [id] });
    const crossing = (first: number, second: number) =>
      fresh.database.tenant([one], 'app', async (tx) => {
        runs += 1;
        await tx.execute(add(first));
        await new Promise((resolve) => setTimeout(resolve, 100));
        await tx.execute(add(second));
      });
    await Promise.all([crossing(1, 2), crossing(2, 1)]);
    expect(runs).toBeGreaterThanOrEqual(3);
    const rows = await fresh.database.tenant([one], 'app', (tx) =>
      tx.query({ text: 'select n from counter' }),
    );
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  });

  it('come back after their connections were cut, as one typed fault in between', async () => {
    const cut = fresh.database.tenant([one], 'app', async (tx) => {
      const { pid } = await tx.one<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
      const owner = await connectOwner(fresh.superuserUrl);
      await owner.query('select pg_terminate_backend($1)', [pid]);
      await owner.close();
      await tx.query(texts);
    });
    await expect(cut).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await fresh.database.tenant([one], 'app', (tx) => tx.query(texts))).toEqual([{ text: 'first' }]);
    expect(await fresh.database.ping()).toBe(true);
  });

  it('say so when no connection is free in time, and when nobody listens', async () => {
    const tight = openDatabase({ url: fresh.url, poolSize: 1, acquireTimeoutMs: 100 });
    await tight.system('app', async () => {
      await expect(tight.system('app', () => Promise.resolve())).rejects.toMatchObject({
        code: 'POOL_EXHAUSTED',
      });
    });
    await tight.close();
    const nowhere = openDatabase({ url: 'postgresql://x@localhost/x?host=%2Fnonexistent' });
    await expect(nowhere.system('app', () => Promise.resolve())).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await nowhere.ping(200)).toBe(false);
    await nowhere.close();
  });
});
