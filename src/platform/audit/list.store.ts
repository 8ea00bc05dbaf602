import type { OrganisationId } from '#core/ids';
import { binary, type Transaction } from '#platform/database';

export interface ListedRow {
  readonly id: string;
  /** Null while the entry waits for its place. */
  readonly position: number | null;
  /** Null when the entry's row is gone. */
  readonly leaf: Buffer | null;
}

/** Entries with an id from `from` on and below `before`, placed and waiting, newest first: one snapshot of both. */
export async function readLines(
  tx: Transaction,
  organisation: OrganisationId,
  range: { readonly from: string; readonly before: string; readonly most: number },
): Promise<ListedRow[]> {
  return tx.query<ListedRow>({
    name: 'audit.list',
    text: `select line.id, line.position, e.leaf
           from (
             (select entry as id, position from audit_order
              where organisation = $1 and entry >= $2 and entry < $3 order by entry desc limit $4)
             union all
             (select id, null::bigint as position from audit_unordered
              where organisation = $1 and id >= $2 and id < $3 order by id desc limit $4)
             order by id desc limit $4
           ) line left join lateral (
             select leaf from audit_entry where id = line.id and organisation = $1 offset 0
           ) e on true
           order by line.id desc`,
    values: [organisation, range.from, range.before, range.most],
  });
}

/** Entries of the organisation by their ids, in the order of these; ids that name none are left out. */
export async function readLinesOf(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
): Promise<ListedRow[]> {
  return tx.query<ListedRow>({
    name: 'audit.lines-of',
    text: `select line.id, line.position, e.leaf
           from (
             select entry as id, position from audit_order
             where organisation = $1 and entry = any($2::uuid[])
             union all
             select id, null::bigint as position from audit_unordered
             where organisation = $1 and id = any($2::uuid[])
           ) line left join lateral (
             select leaf from audit_entry where id = line.id and organisation = $1 offset 0
           ) e on true
           order by line.id`,
    values: [organisation, binary.uuids(ids)],
  });
}

export interface StateRow {
  readonly size: number;
  readonly unplaced: number;
  readonly oldest: string | null;
  readonly signedSize: number | null;
  readonly signedRoot: Buffer | null;
  readonly signedNote: string | null;
  readonly witnessedSize: number | null;
  readonly witnessedAt: Date | null;
  /** The note of the oldest checkpoint that no witness has taken. */
  readonly oldestUnwitnessed: string | null;
}

export async function readState(tx: Transaction, organisation: OrganisationId): Promise<StateRow> {
  return tx.one<StateRow>({
    name: 'audit.state',
    text: `select coalesce((select max(position) + 1 from audit_order where organisation = $1), 0) as size,
                  (select count(*) from audit_unordered where organisation = $1) as unplaced,
                  (select id from audit_unordered where organisation = $1 order by id limit 1) as oldest,
                  (select note from audit_checkpoint where organisation = $1 and witnessed_at is null
                   order by size limit 1) as "oldestUnwitnessed",
                  c.size as "signedSize", c.root as "signedRoot", c.note as "signedNote",
                  w.size as "witnessedSize", w.witnessed_at as "witnessedAt"
           from (values (1)) as one
           left join lateral (
             select size, root, note from audit_checkpoint
             where organisation = $1 order by size desc limit 1
           ) c on true
           left join lateral (
             select size, witnessed_at from audit_checkpoint
             where organisation = $1 and witnessed_at is not null order by size desc limit 1
           ) w on true`,
    values: [organisation],
  });
}

/** The sealed reference of an entry; undefined when there is no such entry. */
export async function readReference(
  tx: Transaction,
  organisation: OrganisationId,
  entry: string,
): Promise<{ readonly leaf: Buffer; readonly sealed: Buffer | null } | undefined> {
  return tx.maybe({
    name: 'audit.reference',
    text: 'select leaf, sealed_reference as sealed from audit_entry where organisation = $1 and id = $2',
    values: [organisation, entry],
  });
}

/** Where an entry stands; undefined while it waits or when there is none. */
export async function readPosition(
  tx: Transaction,
  organisation: OrganisationId,
  entry: string,
): Promise<{ readonly position: number } | undefined> {
  return tx.maybe({
    name: 'audit.position',
    text: 'select position from audit_order where organisation = $1 and entry = $2 order by position limit 1',
    values: [organisation, entry],
  });
}

/** The signed checkpoint of exactly that size, or the newest one. */
export async function readCheckpointNote(
  tx: Transaction,
  organisation: OrganisationId,
  size: number | null,
): Promise<{ readonly size: number; readonly note: string } | undefined> {
  return tx.maybe({
    name: 'audit.checkpoint-note',
    text: `select size, note from audit_checkpoint
           where organisation = $1 and ($2::bigint is null or size = $2) order by size desc limit 1`,
    values: [organisation, size],
  });
}

/** Entries from a place on, oldest first. */
export async function readPlacedRows(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  most: number,
): Promise<{ readonly id: string; readonly position: number; readonly leaf: Buffer | null }[]> {
  return tx.query({
    name: 'audit.placed',
    text: `select o.entry as id, o.position, e.leaf
           from sealpost.audit_order o left join lateral (
             select leaf from sealpost.audit_entry where id = o.entry and organisation = $1 offset 0
           ) e on true
           where o.organisation = $1 and o.position >= $2 order by o.position limit $3`,
    values: [organisation, from, most],
  });
}

/** The first place of an entry written at or after that id; the end of the log where there is none. */
export async function firstPlace(
  tx: Transaction,
  organisation: OrganisationId,
  floor: string,
): Promise<number> {
  const row = await tx.one<{ position: number }>({
    name: 'audit.first-place',
    text: `select coalesce(
             (select min(position) from (
               select position from sealpost.audit_order where organisation = $1 and entry >= $2 order by entry limit 500
             ) near),
             (select max(position) + 1 from sealpost.audit_order where organisation = $1), 0) as position`,
    values: [organisation, floor],
  });
  return Number(row.position);
}
