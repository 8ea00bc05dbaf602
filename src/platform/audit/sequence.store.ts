import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** The end of a log as the database has it. */
export interface LogHead {
  /** Entries with a place. */
  readonly size: number;
  /** The newest checkpoint, null before the first. */
  readonly signedSize: number | null;
  readonly signedRoot: Buffer | null;
}

/** One sequencer at a time for an organisation, until the transaction ends; false when another is at it. */
export async function lockLog(
  tx: Transaction,
  organisation: OrganisationId,
  purpose: 'sequence' | 'witness',
): Promise<boolean> {
  const { locked } = await tx.one<{ locked: boolean }>({
    name: 'audit.lock',
    text: `select pg_try_advisory_xact_lock(hashtextextended('sealpost.audit.' || $2 || '.' || $1, 0)) as locked`,
    values: [organisation, purpose],
  });
  return locked;
}

export async function readHead(tx: Transaction, organisation: OrganisationId): Promise<LogHead> {
  return tx.one<LogHead>({
    name: 'audit.head',
    text: `select coalesce((select max(position) + 1 from audit_order where organisation = $1), 0) as size,
                  c.size as "signedSize", c.root as "signedRoot"
           from (values (1)) as one
           left join lateral (
             select size, root from audit_checkpoint where organisation = $1 order by size desc limit 1
           ) c on true`,
    values: [organisation],
  });
}

/**
 * Gives waiting entries their places from `start` on, in the order of their ids, and returns their leaf hashes, joined.
 * An id whose entry is gone stays behind, for the verification to find. Written with scalar subqueries, which cannot
 * become joins: whatever the statistics say of a table that was empty a second ago, each entry is one look-up by id.
 */
export async function placeEntries(
  tx: Transaction,
  organisation: OrganisationId,
  start: number,
  most: number,
): Promise<Buffer> {
  const { hashes } = await tx.one<{ hashes: Buffer | null }>({
    name: 'audit.place',
    text: `with last as (
             select coalesce(
               (select id from audit_unordered where organisation = $1 order by id offset $3 - 1 limit 1),
               'ffffffff-ffff-ffff-ffff-ffffffffffff') as id
           ), taken as (
             delete from audit_unordered u
             where u.organisation = $1 and u.id <= (select id from last)
               and (select e.organisation from audit_entry e where e.id = u.id) = $1
             returning u.id,
               (select sha256('\\x00'::bytea || e.leaf) from audit_entry e where e.id = u.id) as leaf_hash
           ), placed as (
             insert into audit_order (organisation, position, entry, leaf_hash)
             select $1, $2 + row_number() over (order by id) - 1, id, leaf_hash from taken
             returning position, leaf_hash
           )
           select string_agg(leaf_hash, ''::bytea order by position) as hashes from placed`,
    values: [organisation, start, most],
  });
  return hashes ?? Buffer.alloc(0);
}

export async function insertTiles(
  tx: Transaction,
  organisation: OrganisationId,
  tiles: readonly { readonly level: number; readonly index: number; readonly hashes: readonly Buffer[] }[],
): Promise<void> {
  await tx.execute({
    name: 'audit.insert-tiles',
    text: `insert into audit_tile (organisation, level, index, hashes)
           select $1, * from unnest($2::smallint[], $3::bigint[], $4::bytea[])`,
    values: [
      organisation,
      tiles.map((tile) => tile.level),
      tiles.map((tile) => tile.index),
      tiles.map((tile) => Buffer.concat(tile.hashes)),
    ],
  });
}

export async function insertCheckpoint(
  tx: Transaction,
  organisation: OrganisationId,
  checkpoint: { readonly size: number; readonly root: Buffer; readonly note: string },
): Promise<void> {
  await tx.execute({
    name: 'audit.insert-checkpoint',
    text: 'insert into audit_checkpoint (organisation, size, root, note) values ($1, $2, $3, $4)',
    values: [organisation, checkpoint.size, checkpoint.root, checkpoint.note],
  });
}

/** The newest checkpoint with its note, or undefined. */
export async function newestCheckpoint(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ readonly size: number; readonly note: string; readonly witnessed: boolean } | undefined> {
  return tx.maybe({
    name: 'audit.newest-checkpoint',
    text: `select size, note, witnessed_at is not null as witnessed from audit_checkpoint
           where organisation = $1 order by size desc limit 1`,
    values: [organisation],
  });
}

/** Notes that the witness vouches for this size, and so for every smaller one. */
export async function markWitnessed(
  tx: Transaction,
  organisation: OrganisationId,
  size: number,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'audit.mark-witnessed',
    text: `update audit_checkpoint set witnessed_at = $3
           where organisation = $1 and size <= $2 and witnessed_at is null`,
    values: [organisation, size, at],
  });
}

/** Organisations with entries that wait for their place. */
export async function waitingOrganisations(tx: Transaction): Promise<OrganisationId[]> {
  const rows = await tx.query<{ id: OrganisationId }>({
    name: 'audit.waiting',
    text: 'select id from audit_waiting() as id order by id',
  });
  return rows.map((row) => row.id);
}

/** Organisations with checkpoints that no witness has taken yet. */
export async function unwitnessedOrganisations(tx: Transaction): Promise<OrganisationId[]> {
  const rows = await tx.query<{ id: OrganisationId }>({
    name: 'audit.unwitnessed',
    text: 'select id from audit_unwitnessed() as id order by id',
  });
  return rows.map((row) => row.id);
}
