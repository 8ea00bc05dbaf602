import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { Frontier, TILE_WIDTH } from './frontier.ts';
import { HASH_BYTES, runRoot, splitHashes } from './merkle.ts';
import type { SubtreeReader } from './proofs.ts';
import { readLeafHashes, readTiles } from './tree.store.ts';

/** The stored tree lacks a part that it must have: somebody has taken rows away. Verification says which. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
  readonly reason: 'hashes-missing' | 'tile-missing' | 'head-unsigned' | 'root-differs';
  constructor(reason: LogDamaged['reason']) {
    super(`the audit log is damaged (${reason}); sequencing stops until it has been looked at`);
    this.reason = reason;
  }
}

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;

/** Rebuilds the right edge of the tree of `size` leaves from stored tiles and leaf hashes. */
export async function loadFrontier(
  tx: Transaction,
  organisation: OrganisationId,
  size: number,
): Promise<Frontier> {
  const pending: Buffer[][] = [];
  for (let level = 0; TILE_WIDTH ** level <= size; level += 1) {
    const count = Math.floor(size / TILE_WIDTH ** level);
    const first = count - (count % TILE_WIDTH);
    pending.push(await levelHashes(tx, organisation, level, first, count));
  }
  return new Frontier(size, pending);
}

/** Hashes [from, to) of a tile level: leaf hashes, or the roots of the full tiles below. */
async function levelHashes(
  tx: Transaction,
  organisation: OrganisationId,
  level: number,
  from: number,
  to: number,
): Promise<Buffer[]> {
  if (from === to) return [];
  if (level === 0) {
    const joined = await readLeafHashes(tx, organisation, from, to);
    if (joined.length !== (to - from) * HASH_BYTES) throw new LogDamaged('hashes-missing');
    return splitHashes(joined);
  }
  const below = await readTiles(tx, organisation, level - 1, from, to);
  if (below.length !== to - from || below.some((tile) => tile.hashes.length !== TILE_BYTES)) {
    throw new LogDamaged('tile-missing');
  }
  return below.map((tile) => runRoot(splitHashes(tile.hashes)));
}

/** Reads full subtrees of the tree that the frontier ends: from it where it reaches, else from stored tiles. */
export function subtreeReader(
  tx: Transaction,
  organisation: OrganisationId,
  frontier: Frontier,
): SubtreeReader {
  const cache = new Map<string, Buffer[]>();
  const tile = async (level: number, index: number): Promise<readonly Buffer[]> => {
    if ((index + 1) * TILE_WIDTH ** (level + 1) > frontier.size) return frontier.pending(level);
    const key = `${level}/${index}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const [row] = await readTiles(tx, organisation, level, index, index + 1);
    if (row === undefined || row.hashes.length !== TILE_BYTES) throw new LogDamaged('tile-missing');
    const hashes = splitHashes(row.hashes);
    cache.set(key, hashes);
    return hashes;
  };
  return async (height, index) => {
    const level = Math.floor(height / 8);
    const width = 2 ** (height % 8);
    const first = index * width;
    const hashes = await tile(level, Math.floor(first / TILE_WIDTH));
    const run = hashes.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + width);
    if (run.length !== width) throw new LogDamaged('hashes-missing');
    return runRoot(run);
  };
}
