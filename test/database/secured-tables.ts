import { randomBytes, randomInt } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import type { DatabaseRole, SqlValue, Statement } from '#platform/database';
import type { OwnerConnection } from '../../src/platform/database/owner-connection.ts';

type Right = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

interface Column {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** Values that a check allows; empty where there is no such check. */
  readonly allowed: readonly string[];
}

/** A table or partition under row security, as the catalogue has it. */
export interface SecuredTable {
  readonly name: string;
  /** The column that names the organisation. */
  readonly tenant: string;
  readonly partition: boolean;
  /** `YYYYMM` of a partition. */
  readonly month: string | null;
  readonly columns: readonly Column[];
  may(role: DatabaseRole, right: Right): boolean;
  updatable(role: DatabaseRole): readonly string[];
}

interface Row {
  readonly name: string;
  readonly partition: boolean;
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
  readonly checks: string | null;
  readonly rights: string[];
  readonly updates: string[];
}

/** Every table and partition of our schema that carries an organisation. */
export async function readSecuredTables(owner: OwnerConnection): Promise<SecuredTable[]> {
  const rows = await owner.query<Row>(`
    select c.oid::regclass::text as name, c.relispartition as partition, a.attname as column, t.typname as type,
      a.attnotnull and not a.atthasdef as required,
      (select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k
       where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) as checks,
      array(select r.role || ' ' || p.right from unnest(array['app', 'worker']) r(role), unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p("right")
            where has_table_privilege('sealpost_' || r.role, c.oid, p.right)) as rights,
      array(select r.role from unnest(array['app', 'worker']) r(role)
            where has_column_privilege('sealpost_' || r.role, c.oid, a.attnum, 'UPDATE')) as updates
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
    where n.nspname = 'sealpost' and c.relkind in ('r', 'p') and c.relrowsecurity
    order by c.relname, a.attnum`);
  const byTable = Map.groupBy(rows, (row) => row.name);
  return [...byTable].map(([name, columns]) => {
    const full = name.includes('.') ? name : `sealpost.${name}`;
    return {
      name: full,
      tenant: columns.some(({ column }) => column === 'organisation') ? 'organisation' : 'id',
      partition: columns[0]?.partition ?? false,
      month: /_(\d{6})$/.exec(name)?.[1] ?? null,
      columns: columns.map(({ column, type, required, checks }) => ({
        name: column,
        type,
        required,
        allowed: [...(checks ?? '').matchAll(/'([^']+)'::text/g)].map(([, value = '']) => value),
      })),
      may: (role, right) => columns[0]?.rights.includes(`${role} ${right}`) ?? false,
      updatable: (role) =>
        columns.filter(({ updates }) => updates.includes(role)).map(({ column }) => column),
    };
  });
}

/** A row of that organisation that the table's own rules accept. */
export function rowFor(
  table: SecuredTable,
  organisation: OrganisationId,
): Statement & { readonly values: readonly SqlValue[] } {
  const columns = table.columns.filter(
    (column) => column.required || column.name === table.tenant || column.name === 'terms',
  );
  const values = columns.map((column): SqlValue => {
    if (column.name === table.tenant) return organisation;
    return sampleFor(column, table);
  });
  const places = columns.map((_, index) => `$${index + 1}`);
  const names = columns.map(({ name }) => name);
  return { text: `insert into ${table.name} (${names.join(', ')}) values (${places.join(', ')})`, values };
}

function sampleFor({ name, type, allowed }: Column, table: SecuredTable): SqlValue {
  switch (type) {
    case 'uuid':
      return name === 'id' ? idOf(table.month) : idOf(null);
    case 'text':
      return allowed[0] ?? `x${randomBytes(6).toString('hex')}`;
    case 'bytea':
      return randomBytes(16);
    case 'jsonb':
      return '{}';
    case 'date':
      return '2026-01-01';
    case 'timestamptz':
      // What ends must end after it began, also where both are written within one millisecond.
      return new Date(Date.now() + (name === 'expires_at' ? 3_600_000 : 0));
    case 'bool':
      return true;
    case '_text':
      return [allowed[0] ?? 'x'];
    case '_uuid':
      return [idOf(null)];
    case '_int8':
      return [1, 2];
    case 'int2':
      return 1;
    case 'int4':
    case 'int8':
      if (name.endsWith('megabytes')) return 20;
      return randomInt(1, name === 'port' ? 65_536 : 1_000_000);
    default:
      throw new Error(`${table.name}.${name} has a type that this test cannot fill: ${type}`);
  }
}

/** A UUIDv7 of that month, or of now. */
function idOf(month: string | null): string {
  const moment =
    month === null ? Date.now() : Date.UTC(Number(month.slice(0, 4)), Number(month.slice(4)) - 1, 15);
  const hex =
    moment.toString(16).padStart(12, '0') +
    `7${randomBytes(2).toString('hex').slice(1)}8${randomBytes(8).toString('hex').slice(1)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
