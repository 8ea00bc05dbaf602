import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface VerifyHead {
  /** One past the highest position that is walked to. */
  readonly size: number;
  readonly signedSize: number;
  /** Highest checkpoint that is noted as witnessed. */
  readonly witnessedSize: number;
  /** True when rows stand at positions below 0, where no walk would meet them. */
  readonly below: boolean;
  /** True when rows stand so far behind the others that a walk there would not end. */
  readonly beyond: boolean;
}

/** Places walked to although no row is near; a number that whoever owns the database writes must not keep us for years. */
const GAP = 65_536;

/**
 * The log's ends in one statement: sequencing commits them together, so they belong together. The walk goes as far as
 * twice as many places as there are rows.
 */
export async function readVerifyHead(tx: Transaction, organisation: OrganisationId): Promise<VerifyHead> {
  return tx.one<VerifyHead>({
    name: 'audit.verify-head',
    text: `with reach as materialized (
             select 2 * count(*) + $2 as bound from audit_order where organisation = $1
           )
           select coalesce((select max(position) + 1 from audit_order
                            where organisation = $1 and position < (select bound from reach)), 0) as size,
                  least(coalesce((select max(size) from audit_checkpoint where organisation = $1), 0), $3)
                    as "signedSize",
                  least(coalesce((select max(size) from audit_checkpoint
                                  where organisation = $1 and witnessed_at is not null), 0), $3) as "witnessedSize",
                  exists (select from audit_order where organisation = $1 and position < 0) as below,
                  exists (select from audit_order
                          where organisation = $1 and position >= (select bound from reach)) as beyond`,
    values: [organisation, GAP, Number.MAX_SAFE_INTEGER],
  });
}

/** A place in the log with what stands there; `leaf` is null when the entry is gone. */
export interface PlaceRow {
  readonly position: number;
  readonly entry: string;
  readonly leafHash: Buffer;
  readonly leaf: Buffer | null;
  readonly reference: Buffer | null;
}

/** The places [from, to) with their entries, each looked up by id (`offset 0` keeps the planner from joining). */
export async function readPlaces(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  to: number,
): Promise<PlaceRow[]> {
  return tx.query<PlaceRow>({
    name: 'audit.verify-places',
    text: `select o.position, o.entry, o.leaf_hash as "leafHash", e.leaf, e.sealed_reference as reference
           from audit_order o left join lateral (
             select leaf, sealed_reference from audit_entry
             where id = o.entry and organisation = $1 offset 0
           ) e on true
           where o.organisation = $1 and o.position >= $2 and o.position < $3
           order by o.position`,
    values: [organisation, from, to],
  });
}

export interface CheckpointRow {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

/** Checkpoints larger than `after`, smallest first; of a size that no log can have, none. */
export async function readCheckpoints(
  tx: Transaction,
  organisation: OrganisationId,
  after: number,
  most: number,
): Promise<CheckpointRow[]> {
  return tx.query<CheckpointRow>({
    name: 'audit.verify-checkpoints',
    text: `select size, root, note from audit_checkpoint
           where organisation = $1 and size > $2 and size <= $4 order by size limit $3`,
    values: [organisation, after, most, Number.MAX_SAFE_INTEGER],
  });
}

/** Tiles that the tree cannot have filled, by its size at this very statement (a log may grow meanwhile). */
export async function readSurplusTiles(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ readonly level: number; readonly index: number }[]> {
  return tx.query({
    name: 'audit.verify-surplus-tiles',
    text: `with reach as (
             select greatest((select max(position) + 1 from audit_order where organisation = $1),
                             (select max(size) from audit_checkpoint where organisation = $1), 0) as size
           )
           select level, index from audit_tile, reach
           where organisation = $1 and (
             index < 0 or level not between 0 and 6
             or (index::numeric + 1) * power(256::numeric, level + 1) > reach.size)
           order by level, index limit 100`,
    values: [organisation],
  });
}

/** Waiting entries made before `youngest`, and ids that wait without an entry. */
export async function readOverdue(
  tx: Transaction,
  organisation: OrganisationId,
  youngest: string,
): Promise<{ readonly id: string; readonly gone: boolean }[]> {
  return tx.query({
    name: 'audit.verify-overdue',
    text: `select u.id, e.id is null as gone
           from audit_unordered u left join audit_entry e on e.id = u.id and e.organisation = u.organisation
           where u.organisation = $1 and (u.id < $2 or e.id is null)
           order by u.id limit 100`,
    values: [organisation, youngest],
  });
}

/**
 * Entries that have no place and wait for none. Reads every entry once; a log of millions takes its seconds. Without
 * statistics the planner takes nested loops over the whole log (minutes for 100,000 entries), so they are ruled out for
 * the rest of the transaction: what is left, hash or merge, spills to disk and grows with the log, not with its square.
 */
export async function readStrays(tx: Transaction, organisation: OrganisationId): Promise<string[]> {
  await tx.execute({ name: 'audit.no-nested-loops', text: 'set local enable_nestloop = off' });
  const rows = await tx.query<{ id: string }>({
    name: 'audit.verify-strays',
    text: `select e.id from audit_entry e
           where e.organisation = $1
             and not exists (select from audit_order o where o.organisation = $1 and o.entry = e.id)
             and not exists (select from audit_unordered u where u.organisation = $1 and u.id = e.id)
           limit 100`,
    values: [organisation],
  });
  return rows.map((row) => row.id);
}
