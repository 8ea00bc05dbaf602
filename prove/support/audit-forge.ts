import type { OrganisationId } from '#core/ids';
import { auditOrigin, leafHash, type NoteSigner } from '#platform/audit';
import type { SqlValue } from '#platform/database';
import { signCheckpoint } from '../../src/platform/audit/checkpoint.ts';
import { Frontier } from '../../src/platform/audit/frontier.ts';

/** What a forger has: the database as its superuser. */
export interface ForgersDatabase {
  query<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]>;
}

/** Places read at once: a million entries must not stand in memory. */
const PAGE = 50_000;

/**
 * Makes hashes, tiles and, with a signing key, checkpoints fit whatever entries now stand in the log: what somebody
 * would do who owns the database and, with a signer, the key as well. Checkpoints stay at the sizes they had.
 */
export async function forgeConsistently(
  sql: ForgersDatabase,
  organisation: OrganisationId,
  signer: NoteSigner | null,
): Promise<void> {
  const checkpoints = await sql.query<{ size: number }>(
    'select size from sealpost.audit_checkpoint where organisation = $1 order by size',
    [organisation],
  );
  await sql.query('delete from sealpost.audit_tile where organisation = $1', [organisation]);
  const frontier = new Frontier();
  let previous = 0;
  for (;;) {
    const leaves = await forgePlaces(sql, organisation, frontier.size);
    if (leaves.length === 0) return;
    const first = frontier.size;
    const end = first + leaves.length;
    const tiles: Tile[] = [];
    for (const { size } of checkpoints.filter((one) => one.size > first && one.size <= end)) {
      tiles.push(...frontier.append(leaves.slice(frontier.size - first, size - first)));
      if (signer !== null) {
        const root = frontier.root();
        const time = new Date();
        const note = signCheckpoint(
          { origin: auditOrigin(organisation), size, root, previous, time },
          signer,
        );
        await sql.query(
          'update sealpost.audit_checkpoint set root = $3, note = $4 where organisation = $1 and size = $2',
          [organisation, size, root, note],
        );
      }
      previous = size;
    }
    tiles.push(...frontier.append(leaves.slice(frontier.size - first)));
    await writeTiles(sql, organisation, tiles);
  }
}

type Tile = ReturnType<Frontier['append']>[number];

/** Lets the next places' hashes fit their entries; returns these hashes. */
async function forgePlaces(
  sql: ForgersDatabase,
  organisation: OrganisationId,
  from: number,
): Promise<Buffer[]> {
  const rows = await sql.query<{ position: number; leaf: Buffer }>(
    `select o.position, e.leaf from sealpost.audit_order o join sealpost.audit_entry e on e.id = o.entry
     where o.organisation = $1 and o.position >= $2 and o.position < $3 order by o.position`,
    [organisation, from, from + PAGE],
  );
  const leaves = rows.map((row) => leafHash(row.leaf));
  await sql.query(
    `update sealpost.audit_order o set leaf_hash = t.hash
     from unnest($2::bigint[], $3::bytea[]) as t (position, hash)
     where o.organisation = $1 and o.position = t.position and o.leaf_hash <> t.hash`,
    [organisation, rows.map((row) => row.position), leaves],
  );
  return leaves;
}

async function writeTiles(
  sql: ForgersDatabase,
  organisation: OrganisationId,
  tiles: readonly Tile[],
): Promise<void> {
  await sql.query(
    `insert into sealpost.audit_tile (organisation, level, index, hashes)
     select $1, * from unnest($2::smallint[], $3::bigint[], $4::bytea[])`,
    [
      organisation,
      tiles.map((tile) => tile.level),
      tiles.map((tile) => tile.index),
      tiles.map((tile) => Buffer.concat(tile.hashes)),
    ],
  );
}
