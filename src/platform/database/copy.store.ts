import type { OwnerConnection } from './owner-connection.ts';
import { quoteName } from './provision.store.ts';

/** A table to be copied: parents of partitions stand for their partitions. */
export interface CopyTable {
  readonly name: string;
  /** Columns that hold data, in order; generated ones are made anew. */
  readonly columns: readonly string[];
  /** ORDER BY expressions that put the rows into the same order on every server. */
  readonly order: readonly string[];
  /** Tables that this one refers to. */
  readonly needs: readonly string[];
}

export interface SequenceState {
  readonly name: string;
  readonly last: string;
  readonly called: boolean;
}

/** Values must read alike on both sides, whatever the servers' own settings are. */
const SAME_WRITING = `
  set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'iso_8601';
  set local extra_float_digits = 3; set local bytea_output = 'hex'; set local search_path = pg_catalog`;

/** Begins reading: one snapshot, and no writer until the end. */
export async function beginReading(connection: OwnerConnection): Promise<void> {
  await connection.script(
    `begin isolation level repeatable read; set local role sealpost_owner; ${SAME_WRITING}`,
  );
  const tables = await connection.query<{ name: string }>(
    "select tablename::text as name from pg_tables where schemaname = 'sealpost' order by 1",
  );
  const names = tables.map(({ name }) => `sealpost.${quoteName(name)}`);
  if (names.length > 0) await connection.script(`lock table ${names.join(', ')} in share mode`);
}

export async function beginWriting(connection: OwnerConnection): Promise<void> {
  await connection.script(`begin; set local role sealpost_owner; ${SAME_WRITING}`);
}

export async function listTables(connection: OwnerConnection): Promise<readonly CopyTable[]> {
  return connection.query<CopyTable>(`
    select c.relname::text as name,
      array(select attname::text from pg_attribute a
            where a.attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
      array(select format(case when a.attcollation <> 0 then '%I collate "C"' else '%I' end, attname)
            from pg_index i, unnest(i.indkey) with ordinality k (attnum, place)
            join pg_attribute a on a.attnum = k.attnum
            where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid order by place) as "order",
      array(select distinct r.relname::text from pg_constraint f join pg_class r on r.oid = f.confrelid
            where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid and not r.relispartition) as needs
    from pg_class c
    where c.relnamespace = 'sealpost'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`);
}

export async function listSequences(connection: OwnerConnection): Promise<readonly SequenceState[]> {
  const names = await connection.query<{ name: string }>(
    "select sequencename::text as name from pg_sequences where schemaname = 'sealpost' order by 1",
  );
  const states: SequenceState[] = [];
  for (const { name } of names) {
    const [state] = await connection.query<{ last: string; called: boolean }>(
      `select last_value::text as last, is_called as called from sealpost.${quoteName(name)}`,
    );
    if (state !== undefined) states.push({ name, ...state });
  }
  return states;
}

export async function setSequence(
  connection: OwnerConnection,
  { name, last, called }: SequenceState,
): Promise<void> {
  await connection.query('select setval($1::regclass, $2::bigint, $3)', [
    `sealpost.${quoteName(name)}`,
    last,
    called,
  ]);
}

/** Partitions, by the month that ends their names. */
export async function partitionMonths(connection: OwnerConnection): Promise<readonly string[]> {
  const rows = await connection.query<{ month: string }>(`
    select distinct substring(relname from '_([0-9]{6})$') as month from pg_class
    where relnamespace = 'sealpost'::regnamespace and relispartition and relkind = 'r' and relname ~ '_[0-9]{6}$' order by 1`);
  return rows.map(({ month }) => month);
}

/** Makes the partitions that the source's rows need. Months as `YYYYMM`. */
export async function makePartitions(
  connection: OwnerConnection,
  first: string,
  last: string,
): Promise<void> {
  await connection.query(
    "select sealpost.ensure_partitions(to_timestamp($1, 'YYYYMM'), to_timestamp($2, 'YYYYMM'))",
    [first, last],
  );
}

/** Empties the tables of what the migrations have put there, and keeps triggers from acting on rows that have been. */
export async function prepareTarget(
  connection: OwnerConnection,
  tables: readonly CopyTable[],
): Promise<void> {
  const names = tables.map(({ name }) => `sealpost.${quoteName(name)}`);
  // First, because the log's own triggers let nobody empty it.
  for (const name of names) await connection.script(`alter table ${name} disable trigger user`);
  await connection.script(`truncate ${names.join(', ')}`);
}

export async function finishTarget(connection: OwnerConnection, tables: readonly CopyTable[]): Promise<void> {
  // Checks of foreign keys wait for the end of the transaction; a table with such checks pending cannot be altered.
  await connection.script('set constraints all immediate');
  for (const { name } of tables) {
    await connection.script(`alter table sealpost.${quoteName(name)} enable trigger user`);
  }
  await connection.script('commit');
}

/** Statistics for the planner: a freshly filled database has none. */
export async function analyze(connection: OwnerConnection): Promise<void> {
  await connection.script('set role sealpost_owner; analyze; reset role');
}

export async function hasOurSchema(connection: OwnerConnection): Promise<boolean> {
  const rows = await connection.query(
    "select from pg_namespace where nspname in ('sealpost', 'sealpost_meta')",
  );
  return rows.length > 0;
}

/** Takes back what a failed move has made in a target that was empty before. */
export async function dropOurSchema(connection: OwnerConnection): Promise<void> {
  await connection.script(
    'begin; set local role sealpost_owner; drop schema if exists sealpost cascade; drop schema if exists sealpost_meta cascade; commit',
  );
}

export function copyOutText({ name, columns, order }: CopyTable): string {
  const list = columns.map(quoteName).join(', ');
  const by = order.length > 0 ? order.join(', ') : `(${quoteName(name)}.*)::text collate "C"`;
  return `copy (select ${list} from sealpost.${quoteName(name)} order by ${by}) to stdout`;
}

export function copyInText({ name, columns }: CopyTable): string {
  return `copy sealpost.${quoteName(name)} (${columns.map(quoteName).join(', ')}) from stdin`;
}
