import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** Leaf hashes of the positions [from, to), joined; shorter when some are missing. */
export async function readLeafHashes(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  to: number,
): Promise<Buffer> {
  const { hashes } = await tx.one<{ hashes: Buffer | null }>({
    name: 'audit.leaf-hashes',
    text: `select string_agg(leaf_hash, ''::bytea order by position) as hashes from audit_order
           where organisation = $1 and position >= $2 and position < $3`,
    values: [organisation, from, to],
  });
  return hashes ?? Buffer.alloc(0);
}

export interface TileRow {
  readonly index: number;
  readonly hashes: Buffer;
}

/** The stored full tiles of a level with an index in [from, to), by index. */
export async function readTiles(
  tx: Transaction,
  organisation: OrganisationId,
  level: number,
  from: number,
  to: number,
): Promise<TileRow[]> {
  return tx.query<TileRow>({
    name: 'audit.tiles',
    text: `select index, hashes from audit_tile
           where organisation = $1 and level = $2 and index >= $3 and index < $4 order by index`,
    values: [organisation, level, from, to],
  });
}
