import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { connectOwner } from './owner-connection.ts';

describe('migrate', () => {
  let fresh: FreshDatabase;
  let directory: string;
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text);
  const run = () => migrate({ url: fresh.url, directory });

  beforeEach(async () => {
    fresh = await freshDatabase({ empty: true });
    directory = mkdtempSync(join(tmpdir(), 'sealpost-migrations-'));
    file('0001-first.sql', 'create schema sealpost; create table sealpost.a (id int);');
  });
  afterEach(async () => {
    await fresh.close();
    rmSync(directory, { recursive: true });
  });

  it('applies once, in order, as the owner', async () => {
    file('0002-second.sql', 'create table sealpost.b (id int);');
    expect(await pendingMigrations({ url: fresh.url, directory })).toEqual([
      '0001-first.sql',
      '0002-second.sql',
    ]);
    expect(await run()).toEqual({
      applied: ['0001-first.sql', '0002-second.sql'],
      newest: '0002-second.sql',
    });
    expect(await run()).toEqual({ applied: [], newest: '0002-second.sql' });
    file('0003-third.sql', 'alter table sealpost.b add column more int;');
    expect(await pendingMigrations({ url: fresh.url, directory })).toEqual(['0003-third.sql']);
    expect((await run()).applied).toEqual(['0003-third.sql']);
    const owner = await connectOwner(fresh.superuserUrl);
    const owners = await owner.query(
      "select distinct tableowner::text from pg_tables where schemaname like 'sealpost%'",
    );
    await owner.close();
    expect(owners).toEqual([{ tableowner: 'sealpost_owner' }]);
  });

  it('lets starts at the same time take turns', async () => {
    file('0002-slow.sql', 'select pg_sleep(0.2); create table sealpost.b (id int);');
    const reports = await Promise.all([run(), run(), run()]);
    expect(reports.flatMap((report) => report.applied).sort()).toEqual(['0001-first.sql', '0002-slow.sql']);
  });

  it('refuses a file that has changed since, but not other line ends', async () => {
    file('0001-first.sql', 'create schema sealpost;\ncreate table sealpost.a (id int);\n');
    await run();
    file('0001-first.sql', 'create schema sealpost;\r\ncreate table sealpost.a (id int);\r\n');
    expect((await run()).applied).toEqual([]);
    file('0001-first.sql', 'create schema sealpost;\ncreate table sealpost.a (id int8);\n');
    await expect(run()).rejects.toMatchObject({
      code: 'CHANGED',
      message: expect.stringContaining('0001-first.sql'),
    });
    await expect(pendingMigrations({ url: fresh.url, directory })).rejects.toMatchObject({ code: 'CHANGED' });
  });

  it('refuses a database of a newer release, and files that come too late', async () => {
    file('0003-third.sql', 'select 1;');
    await run();
    rmSync(join(directory, '0003-third.sql'));
    await expect(run()).rejects.toMatchObject({ code: 'NEWER', message: expect.stringContaining('newer') });
    file('0003-third.sql', 'select 1;');
    file('0002-late.sql', 'select 1;');
    await expect(run()).rejects.toMatchObject({ code: 'OUT_OF_ORDER' });
  });

  it('leaves nothing of a file that fails, and applies it when mended', async () => {
    file('0002-bad.sql', 'create table sealpost.b (id int); select nonsense;');
    await expect(run()).rejects.toMatchObject({
      code: '42703',
      message: expect.stringContaining('nonsense'),
    });
    expect(await pendingMigrations({ url: fresh.url, directory })).toEqual(['0002-bad.sql']);
    file('0002-bad.sql', 'create table sealpost.b (id int);');
    expect((await run()).applied).toEqual(['0002-bad.sql']);
  });

  it('refuses a file that ends its transaction, and bad names', async () => {
    file('0002-commits.sql', 'select 1; commit;');
    await expect(run()).rejects.toMatchObject({ code: 'BAD_TRANSACTION' });
    rmSync(join(directory, '0002-commits.sql'));
    file('0001-again.sql', 'select 1;');
    await expect(run()).rejects.toMatchObject({ code: 'BAD_NAME' });
    rmSync(join(directory, '0001-again.sql'));
    file('third.sql', 'select 1;');
    await expect(run()).rejects.toMatchObject({ code: 'BAD_NAME' });
  });

  it("the release's own migrations apply to an empty database and are then complete", async () => {
    const report = await migrate({ url: fresh.url });
    expect(report.applied.length).toBeGreaterThan(0);
    expect(await pendingMigrations({ url: fresh.url })).toEqual([]);
  });
});
