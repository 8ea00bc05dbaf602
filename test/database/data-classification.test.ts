import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectOwner, type OwnerConnection } from '../../src/platform/database/owner-connection.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';

interface Classified {
  readonly table: string;
  readonly column: string;
  readonly form: string;
  readonly why: string;
}

const PAGE = readFileSync(new URL('../../docs/reference/data.md', import.meta.url), 'utf8');

/** Rows of the page's tables: `## schema.table` and below it `| column | form | what |`. */
function classified(): Classified[] {
  const rows: Classified[] = [];
  for (const section of PAGE.split(/^## /m).slice(1)) {
    const table = /^([a-z_]+\.[a-z_]+)$/m.exec(section)?.[1];
    if (table === undefined || !section.startsWith(table)) continue;
    for (const match of section.matchAll(/^\| `([a-z_0-9]+)` +\| ([a-z]+) +\| (.*) +\|$/gm)) {
      rows.push({ table, column: match[1] ?? '', form: match[2] ?? '', why: match[3] ?? '' });
    }
  }
  return rows;
}

/** Tables that the page lists as carrying no organisation. */
function excepted(): string[] {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith('Tables without an organisation')) ?? '';
  return [...section.matchAll(/^\| `([a-z_.]+)` +\| \S.*\|$/gm)].map((match) => match[1] ?? '');
}

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

interface Table {
  readonly table: string;
  readonly partition: boolean;
  readonly secured: boolean;
  readonly policies: number;
  readonly organisation: boolean;
  readonly grants: readonly string[];
}

const OURS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'";

let fresh: FreshDatabase;
let owner: OwnerConnection;
let columns: readonly Column[] = [];
let tables: readonly Table[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  owner = await connectOwner(fresh.superuserUrl);
  columns = await owner.query<Column>(`
    select n.nspname || '.' || c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p') and not c.relispartition and ${OURS} and a.attnum > 0 and not a.attisdropped`);
  tables = await owner.query<Table>(`
    select n.nspname || '.' || c.relname as table, c.relispartition as partition, c.relrowsecurity as secured,
      (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'organisation'
              and a.attnotnull) as organisation,
      array(select distinct g.grantee::regrole::text from aclexplode(c.relacl) g
            where g.grantee in ('sealpost_app'::regrole, 'sealpost_worker'::regrole, 0)) as grants
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and ${OURS}`);
});
afterAll(async () => {
  await owner.close();
  await fresh.close();
});

describe('docs/reference/data.md', () => {
  it('classifies every column of the database and no other', () => {
    const named = (rows: readonly { readonly table: string; readonly column: string }[]): string[] =>
      rows.map((row) => `${row.table}.${row.column}`).sort();
    expect(columns.length).toBeGreaterThan(100);
    expect(named(classified())).toEqual(named(columns));
  });

  it('knows three forms, and says what each column holds', () => {
    for (const row of classified()) {
      expect(['clear', 'sealed', 'indexed']).toContain(row.form);
      expect(row.why.trim()).not.toBe('');
    }
  });

  it('calls sealed and indexed only what can hold ciphertext or a hash', () => {
    const typeOf = new Map(columns.map((row) => [`${row.table}.${row.column}`, row.type]));
    for (const row of classified()) {
      const name = `${row.table}.${row.column}`;
      const type = typeOf.get(name);
      if (row.form === 'sealed') expect(`${name} ${type}`).toBe(`${name} bytea`);
      if (row.form === 'indexed' && name !== 'sealpost.identity.passphrase_hash') {
        expect(['bytea', 'bigint[]'], name).toContain(type);
      }
    }
  });

  it('lists exactly the tables that need not carry an organisation', () => {
    const without = tables
      .filter((table) => !table.partition && !table.organisation)
      .map((table) => table.table);
    expect(excepted().sort()).toEqual(without.sort());
  });
});

describe('row security', () => {
  it('stands on every tenant table and on each of its partitions', () => {
    const tenant = tables.filter((table) => table.organisation);
    expect(tenant.filter((table) => table.partition).length).toBeGreaterThan(50);
    expect(tenant.filter((table) => !table.secured).map((table) => table.table)).toEqual([]);
    const parents = tenant.filter((table) => !table.partition);
    expect(parents.filter((table) => table.policies === 0).map((table) => table.table)).toEqual([]);
  });

  it('is not walked around by a grant on a partition, nor by one to everybody', () => {
    const direct = tables.filter((table) => table.partition && table.grants.length > 0);
    expect(direct.map((table) => table.table)).toEqual([]);
    expect(tables.filter((table) => table.grants.includes('-')).map((table) => table.table)).toEqual([]);
  });

  it('stays on partitions that are made later', async () => {
    await owner.script(
      "select sealpost.ensure_partitions(now() + interval '20 months', now() + interval '22 months')",
    );
    const open = await owner.query<{ name: string }>(`
      select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relispartition and c.relkind = 'r' and not c.relrowsecurity and ${OURS}`);
    expect(open).toEqual([]);
  });

  it('binds the working roles: neither is superuser, owner of a table, or exempt', async () => {
    const roles = await owner.query<{ name: string }>(`
      select rolname as name from pg_roles r where rolname in ('sealpost_app', 'sealpost_worker')
        and (rolsuper or rolbypassrls or exists (select from pg_class c where c.relowner = r.oid))`);
    expect(roles).toEqual([]);
  });
});
