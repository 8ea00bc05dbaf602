import type { OrganisationId } from '#core/ids';
import { binary, type Transaction } from '#platform/database';
import type { ListedRow } from './list.store.ts';

export async function unindexedLogs(tx: Transaction): Promise<OrganisationId[]> {
  const rows = await tx.query<{ id: OrganisationId }>({
    name: 'audit.unindexed',
    text: 'select id from audit_unindexed() as id order by id',
  });
  return rows.map((row) => row.id);
}

/** How far the index reaches, for one indexer at a time: null when another is at it. */
export async function lockIndex(tx: Transaction, organisation: OrganisationId): Promise<number | null> {
  const row = await tx.one<{ locked: boolean; indexed: number }>({
    name: 'audit.lock-index',
    text: `select pg_try_advisory_xact_lock(hashtextextended('sealpost.audit.index.' || $1, 0)) as locked,
                  coalesce((select indexed from audit_search_state where organisation = $1::uuid), 0) as indexed`,
    values: [organisation],
  });
  return row.locked ? row.indexed : null;
}

/** The placed entries from `from` on, at most `most`. */
export async function readPlaced(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  most: number,
): Promise<ListedRow[]> {
  return tx.query<ListedRow>({
    name: 'audit.to-index',
    text: `select o.entry as id, o.position, e.leaf
           from audit_order o left join lateral (
             select leaf from audit_entry where id = o.entry and organisation = $1 offset 0
           ) e on true
           where o.organisation = $1 and o.position >= $2
           order by o.position limit $3`,
    values: [organisation, from, most],
  });
}

export async function insertTerms(
  tx: Transaction,
  organisation: OrganisationId,
  rows: readonly { readonly id: string; readonly terms: readonly bigint[] }[],
  indexed: number,
): Promise<void> {
  const ends: number[] = [];
  for (const { terms } of rows) ends.push((ends.at(-1) ?? 0) + terms.length);
  await tx.execute({
    name: 'audit.insert-terms',
    text: `with reached as (
             insert into audit_search_state (organisation, indexed) values ($1, $6)
             on conflict (organisation) do update set indexed = excluded.indexed
           )
           insert into audit_search (id, organisation, terms)
           select id, $1, ($2::bigint[])[first:last]
           from unnest($3::uuid[], $4::integer[], $5::integer[]) as t (id, first, last)
           on conflict do nothing`,
    values: [
      organisation,
      binary.int8s(rows.flatMap((row) => row.terms)),
      binary.uuids(rows.map((row) => row.id)),
      rows.map((row, at) => (ends[at] ?? 0) - row.terms.length + 1),
      ends,
      indexed,
    ],
  });
}

/** Entries with a place that the index does not reach, and how far it does. */
export async function readLag(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ readonly indexed: number; readonly size: number }> {
  return tx.one({
    name: 'audit.index-lag',
    text: `select coalesce((select indexed from audit_search_state where organisation = $1), 0) as indexed,
                  coalesce((select max(position) + 1 from audit_order where organisation = $1), 0) as size`,
    values: [organisation],
  });
}

/** What the index does not know yet, placed from `indexed` on or waiting, with ids in the range; newest first. */
export async function readUnindexed(
  tx: Transaction,
  organisation: OrganisationId,
  range: { readonly indexed: number; readonly from: string; readonly before: string; readonly most: number },
): Promise<ListedRow[]> {
  return tx.query<ListedRow>({
    name: 'audit.unindexed-lines',
    text: `select line.id, line.position, e.leaf
           from (
             (select entry as id, position from audit_order
              where organisation = $1 and position >= $2 and entry >= $3 and entry < $4)
             union all
             (select id, null::bigint as position from audit_unordered
              where organisation = $1 and id >= $3 and id < $4)
             order by id desc limit $5
           ) line left join lateral (
             select leaf from audit_entry where id = line.id and organisation = $1 offset 0
           ) e on true
           order by line.id desc`,
    values: [organisation, range.indexed, range.from, range.before, range.most],
  });
}

/** Compiling a plan takes longer than a search: ruled out for the rest of the transaction. */
export async function withoutCompiling(tx: Transaction): Promise<void> {
  await tx.execute({ name: 'audit.no-jit', text: 'set local jit = off' });
}

/** The index's answer: all of `wanted` and, of each further list, one. */
export interface WantedTerms {
  readonly wanted: readonly bigint[];
  readonly oneOf: readonly (readonly bigint[])[];
}

/** Entries that the index names, newest first, with their bytes and places. */
export async function readFound(
  tx: Transaction,
  organisation: OrganisationId,
  { wanted, oneOf }: WantedTerms,
  range: { readonly from: string; readonly before: string; readonly most: number },
): Promise<ListedRow[]> {
  const list = (at: number) => {
    const terms = oneOf[at];
    return terms === undefined ? null : binary.int8s(terms);
  };
  return tx.query<ListedRow>({
    name: 'audit.search',
    text: `with found as materialized (
             select id from search_audit($1, $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6, $7, $8) as id
           )
           select f.id, o.position, e.leaf
           from found f
           left join lateral (
             select position from audit_order where organisation = $1 and entry = f.id offset 0
           ) o on true
           left join lateral (
             select leaf from audit_entry where id = f.id and organisation = $1 offset 0
           ) e on true
           order by f.id desc`,
    values: [
      organisation,
      binary.int8s(wanted),
      list(0),
      list(1),
      list(2),
      range.from,
      range.before,
      range.most,
    ],
  });
}

/** Entries whose bytes are none of ours: no search leaves them out. */
export async function readUnreadable(
  tx: Transaction,
  organisation: OrganisationId,
  range: { readonly from: string; readonly before: string; readonly most: number },
): Promise<ListedRow[]> {
  return tx.query<ListedRow>({
    name: 'audit.search-unreadable',
    text: `with found as materialized (select id from unreadable_audit($1, $2, $3, $4) as id)
           select f.id, o.position, e.leaf
           from found f
           left join lateral (
             select position from audit_order where organisation = $1 and entry = f.id offset 0
           ) o on true
           left join lateral (
             select leaf from audit_entry where id = f.id and organisation = $1 offset 0
           ) e on true
           order by f.id desc`,
    values: [organisation, range.from, range.before, range.most],
  });
}

/** Under which ids an address stands, by its keyed hashes; the newest `most` of each kind. */
export async function readSubjectsOf(
  tx: Transaction,
  organisation: OrganisationId,
  hashes: ReadonlyMap<string, Buffer>,
  most: number,
): Promise<{ readonly kind: string; readonly id: string }[]> {
  return tx.query({
    name: 'audit.subjects-of',
    text: 'select distinct kind, id from audit_subjects_of($1, $2::text[], $3::bytea[], $4)',
    values: [organisation, [...hashes.keys()], binary.octets([...hashes.values()]), most],
  });
}
