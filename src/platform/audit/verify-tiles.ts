import type { Findings } from './findings.ts';
import { TILE_WIDTH } from './frontier.ts';
import { HASH_BYTES, runRoot, splitHashes } from './merkle.ts';

/** Loads one stored tile, undefined when it is not there. */
export type TileLoader = (level: number, index: number) => Promise<Buffer | undefined>;

/**
 * Checks tiles above level 0. A hash in an upper tile is good when it is the root of the tile below, as stored or as
 * computed: so one changed tile is reported once, not again on every level above it.
 */
export class UpperTiles {
  readonly #load: TileLoader;
  readonly #findings: Findings;
  readonly #levels: { index: number; stored: Buffer[]; computed: Buffer[] }[] = [];

  constructor(load: TileLoader, findings: Findings) {
    this.#load = load;
    this.#findings = findings;
  }

  /** Takes the root of the next full tile below `level`: as its stored bytes give it, and as the entries do. */
  async push(level: number, stored: Buffer, computed: Buffer): Promise<void> {
    const state = this.#levels[level] ?? { index: 0, stored: [], computed: [] };
    this.#levels[level] = state;
    state.stored.push(stored);
    state.computed.push(computed);
    if (state.stored.length < TILE_WIDTH) return;
    const bytes = await this.#load(level, state.index);
    const label = `level ${level} index ${state.index}`;
    if (bytes === undefined) this.#findings.add('tile-removed', null, null, label);
    else if (bytes.length !== TILE_WIDTH * HASH_BYTES) this.#findings.add('tile-changed', null, null, label);
    const hashes = bytes?.length === TILE_WIDTH * HASH_BYTES ? splitHashes(bytes) : state.computed;
    const wrong = hashes.some(
      (hash, at) => state.stored[at]?.equals(hash) !== true && state.computed[at]?.equals(hash) !== true,
    );
    if (wrong) this.#findings.add('tile-changed', null, null, label);
    const computedRoot = runRoot(state.computed);
    const storedRoot = runRoot(hashes);
    this.#levels[level] = { index: state.index + 1, stored: [], computed: [] };
    await this.push(level + 1, storedRoot, computedRoot);
  }
}
