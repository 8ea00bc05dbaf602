import { CompactRange, nodeHash, runRoot } from './merkle.ts';

/** Hashes in a full tile: eight levels of the tree at once (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** A full tile: `level` 0 holds leaf hashes, level n the roots of 256 tiles of level n - 1. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly Buffer[];
}

/**
 * The tree's right edge in tiles: for each level the hashes that do not fill a tile yet. Knows enough to go on
 * appending and to give the root, and no more: at most 255 hashes a level.
 */
export class Frontier {
  #size: number;
  readonly #pending: Buffer[][];

  constructor(size = 0, pending: readonly (readonly Buffer[])[] = []) {
    this.#size = size;
    this.#pending = pending.map((level) => [...level]);
  }

  /** Leaves in the tree. */
  get size(): number {
    return this.#size;
  }

  /** Hashes of the unfinished tile of that level, left to right. */
  pending(level: number): readonly Buffer[] {
    return this.#pending[level] ?? [];
  }

  /** Appends leaf hashes and returns the tiles that they filled, lower levels before higher ones. */
  append(leaves: readonly Buffer[]): Tile[] {
    const filled: Tile[] = [];
    for (const leaf of leaves) {
      this.#push(0, leaf, filled);
      this.#size += 1;
    }
    return filled;
  }

  #push(level: number, node: Buffer, filled: Tile[]): void {
    const pending = this.#pending[level] ?? [];
    this.#pending[level] = pending;
    pending.push(node);
    if (pending.length < TILE_WIDTH) return;
    const hashes = pending.splice(0);
    // Tiles filled so far on this level: leaves before and including this one, by what a tile of the level covers.
    const index = Math.floor(this.#size / TILE_WIDTH ** (level + 1));
    filled.push({ level, index, hashes });
    this.#push(level + 1, runRoot(hashes), filled);
  }

  /** Root of the whole tree (RFC 6962 §2.1): the peaks of all levels, folded from the right. */
  root(): Buffer {
    let root: Buffer | undefined;
    for (const level of this.#pending) {
      if (level.length === 0) continue;
      root = foldPeaks(level, root);
    }
    return root ?? new CompactRange().root();
  }

  clone(): Frontier {
    return new Frontier(this.#size, this.#pending);
  }
}

/** MTH over full subtrees of one height, followed by a smaller remainder where there is one. */
function foldPeaks(hashes: readonly Buffer[], remainder: Buffer | undefined): Buffer {
  let root = remainder;
  let end = hashes.length;
  for (let width = 1; end > 0; width *= 2) {
    if (end % (width * 2) === 0) continue;
    const peak = runRoot(hashes.slice(end - width, end));
    root = root === undefined ? peak : nodeHash(peak, root);
    end -= width;
  }
  return root ?? new CompactRange().root();
}
