import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { startEmbedded, WrongMajorVersion } from './embedded-launcher.ts';
import { serverAccount } from './embedded-user.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { inOrder, moveDatabase } from './move.ts';
import { connectOwner } from './owner-connection.ts';

const OTHER_MAJOR = [17, 16, 15]
  .map((major) => `/usr/lib/postgresql/${major}/bin`)
  .find((path) => existsSync(path));

/** A schema with all that copying could get wrong. */
const SCHEMA = `
  create schema sealpost;
  grant usage on schema sealpost to sealpost_app, sealpost_worker;
  create table sealpost.z_parent (id uuid primary key, up uuid references sealpost.z_parent (id), name text collate "C" not null);
  create table sealpost.a_child (
    id bigint generated always as identity primary key,
    parent uuid not null references sealpost.z_parent (id) deferrable initially deferred,
    sealed bytea, moment timestamptz, doc jsonb, words bigint[], price numeric, f float8,
    twice text generated always as (doc ->> 'a') stored
  );
  alter table sealpost.a_child enable row level security;
  create table sealpost.keyless (line text);
  insert into sealpost.keyless values ('seed of the migration');
  create table sealpost.grown (id uuid primary key, n int) partition by range (id);
  create function sealpost.ensure_partitions(since timestamptz, until timestamptz) returns integer language plpgsql as $$
    begin
      execute format('create table if not exists sealpost.grown_%s partition of sealpost.grown for values from (%L) to (%L)',
        to_char(since at time zone 'UTC', 'YYYYMM'), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff');
      return 1;
    end $$;
  create function sealpost.refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
`;
const FILL = (top: string, below: string) => `
  insert into sealpost.z_parent values ('${top}', null, 'Ä\\tb'), ('${below}', '${top}', 'a');
  insert into sealpost.a_child (parent, sealed, moment, doc, words, price, f)
    select '${below}', decode(md5(n::text), 'hex'), '2026-01-01'::timestamptz + n * interval '1.000001 s', jsonb_build_object('a', n),
      array[n, -n], n / 7.0, n / 7.0::float8 from generate_series(1, 3000) n;
  insert into sealpost.keyless values (E'one\\ttab'), (null), (E'new\\nline'), ('\\N');
  select sealpost.ensure_partitions('2026-11-01Z', '2026-11-01Z');
  insert into sealpost.grown values ('${top}', 1);
  create trigger refuse before insert on sealpost.z_parent for each row execute function sealpost.refuse();
`;

describe('moving', () => {
  let parent: string;
  let migrations: string;
  const opened: FreshDatabase[] = [];
  const fresh = async () => {
    const database = await freshDatabase({ empty: true });
    opened.push(database);
    return database;
  };
  const superuser = async <T extends object>(url: string, text: string): Promise<T[]> => {
    const connection = await connectOwner(url);
    try {
      return await connection.query<T>(text);
    } finally {
      await connection.close();
    }
  };
  const script = async (url: string, text: string): Promise<void> => {
    const connection = await connectOwner(url);
    try {
      await connection.script(text);
    } finally {
      await connection.close();
    }
  };

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'sealpost-move-'));
    chmodSync(parent, 0o755);
    migrations = join(parent, 'migrations');
    mkdirSync(migrations);
    writeFileSync(join(migrations, '0001-all.sql'), SCHEMA);
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    rmSync(parent, { recursive: true, force: true });
  });

  const filledSource = async (): Promise<FreshDatabase> => {
    const source = await fresh();
    await migrate({ url: source.url, directory: migrations });
    await script(source.superuserUrl, `set role sealpost_owner; ${FILL(newId(), newId())}`);
    return source;
  };
  const EVERYTHING = `
    select (select jsonb_agg(p order by id) from sealpost.z_parent p) as parents,
      (select md5(string_agg(c::text, '|' order by id)) from sealpost.a_child c) as children,
      (select jsonb_agg(line order by line) from sealpost.keyless) as lines,
      (select jsonb_agg(g) from sealpost.grown g) as grown,
      (select last_value from sealpost.a_child_id_seq) as sequence,
      (select tgenabled::text from pg_trigger where tgname = 'refuse') as trigger`;

  it('copies everything to another server, and says what', async () => {
    const source = await filledSource();
    const target = await fresh();
    const moved = await moveDatabase({
      from: { kind: 'url', url: source.url },
      to: { kind: 'url', url: target.url },
      migrations,
    });
    expect(moved.map(({ name, rows }) => [name, rows])).toEqual([
      ['grown', 1],
      ['keyless', 5],
      ['z_parent', 2],
      ['a_child', 3000],
    ]);
    const [there] = await superuser<{ trigger: null }>(target.superuserUrl, EVERYTHING);
    const [here] = await superuser<{ trigger: string }>(source.superuserUrl, EVERYTHING);
    // The trigger was made by hand in the source and is no part of the schema's migrations.
    expect({ ...there, trigger: here?.trigger }).toEqual(here);
    expect(await pendingMigrations({ url: target.url, directory: migrations })).toEqual([]);
    const again = {
      from: { kind: 'url', url: source.url },
      to: { kind: 'url', url: target.url },
      migrations,
    } as const;
    await expect(moveDatabase(again)).rejects.toMatchObject({ code: 'TARGET_NOT_EMPTY' });
  });

  it('leaves the target as it was when a table cannot be copied', async () => {
    const source = await filledSource();
    const target = await fresh();
    await script(
      source.superuserUrl,
      "alter table sealpost.keyless add column extra text default 'only here'",
    );
    const move = {
      from: { kind: 'url', url: source.url },
      to: { kind: 'url', url: target.url },
      migrations,
    } as const;
    await expect(moveDatabase(move)).rejects.toThrow();
    expect(
      await superuser(target.superuserUrl, "select nspname from pg_namespace where nspname like 'sealpost%'"),
    ).toEqual([]);
    await script(source.superuserUrl, 'alter table sealpost.keyless drop column extra');
    expect(await moveDatabase(move)).toHaveLength(4);
  });

  it('refuses a source that holds nothing', async () => {
    const [a, b] = [await fresh(), await fresh()];
    const move = { from: { kind: 'url', url: a.url }, to: { kind: 'url', url: b.url } } as const;
    await expect(moveDatabase(move)).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
  });

  it("moves the release's own schema into an embedded home", async () => {
    const source = await freshDatabase();
    opened.push(source);
    const root = join(parent, 'home');
    const home = { root, data: join(root, 'data'), run: join(root, 'run') };
    const moved = await moveDatabase({ from: { kind: 'url', url: source.url }, to: { kind: 'home', home } });
    const tables = await superuser(
      source.superuserUrl,
      "select from pg_class where relnamespace = 'sealpost'::regnamespace and relkind in ('r', 'p') and not relispartition",
    );
    expect(moved).toHaveLength(tables.length);
    const server = await startEmbedded({ home });
    expect(await pendingMigrations({ url: server.url })).toEqual([]);
    await server.stop();
  });

  it('reads a data directory of another major version by its own programs', async (context) => {
    if (OTHER_MAJOR === undefined)
      return context.skip('no other major version of PostgreSQL is installed here');
    const root = join(parent, 'old');
    const home = { root, data: join(root, 'data'), run: join(root, 'run') };
    const data = join(home.data, 'postgresql');
    mkdirSync(data, { recursive: true });
    const account = serverAccount();
    chownSync(data, account.uid, account.gid);
    const made = spawnSync(
      join(OTHER_MAJOR, 'initdb'),
      ['-D', data, '-U', 'postgres', '--auth=peer', '--locale=C', '--encoding=UTF8', '--no-sync'],
      { cwd: '/', ...(account.foreign ? { uid: account.uid, gid: account.gid } : {}) },
    );
    expect(made.status).toBe(0);
    await expect(startEmbedded({ home })).rejects.toThrow(WrongMajorVersion);

    // Roles and database by hand: making them is not what old programs are used for.
    writeFileSync(join(data, 'pg_hba.conf'), 'local all all peer map=sealpost\n');
    const sha256 = createHash('sha256').update(SCHEMA).digest('hex');
    const single = (database: string, text: string) =>
      spawnSync(join(OTHER_MAJOR, 'postgres'), ['--single', '-j', '-D', data, database], {
        cwd: '/',
        input: text,
        encoding: 'utf8',
        ...(account.foreign ? { uid: account.uid, gid: account.gid } : {}),
      });
    const roles = `create role sealpost login noinherit;\n\ncreate role sealpost_owner nologin;\n\ncreate role sealpost_app nologin;\n\ncreate role sealpost_worker nologin;\n\ngrant sealpost_owner, sealpost_app, sealpost_worker to sealpost;\n\ncreate database sealpost owner sealpost_owner;\n\n`;
    expect(single('postgres', roles).stderr).not.toMatch(/ERROR|FATAL/);
    const fill = `set role sealpost_owner; ${SCHEMA} ${FILL(newId(), newId())}
      create schema sealpost_meta; create table sealpost_meta.schema_migration (name text primary key, sha256 text not null, applied_at timestamptz default now());
      insert into sealpost_meta.schema_migration (name, sha256) values ('0001-all.sql', '${sha256}');\n\n`;
    expect(single('sealpost', fill).stderr).not.toMatch(/ERROR|FATAL/);

    const target = await fresh();
    const moved = await moveDatabase({
      from: { kind: 'home', home, binaries: OTHER_MAJOR },
      to: { kind: 'url', url: target.url },
      migrations,
    });
    expect(moved.map(({ rows }) => rows)).toEqual([1, 5, 2, 3000]);
  });

  it('puts tables in the order of their references', () => {
    const table = (name: string, ...needs: string[]) => ({ name, needs, columns: [], order: [] });
    expect(inOrder([table('c', 'b'), table('b', 'a'), table('a')]).map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(() => inOrder([table('a', 'b'), table('b', 'a')])).toThrow('circle');
  });
});
