import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readCheckpointNote } from './list.store.ts';
import { EMPTY_ROOT, nodeHash } from './merkle.ts';
import { loadFrontier, subtreeReader } from './tree.ts';

/**
 * What shows, beside the leaves of a stretch, that they are the log's positions [from, to): the roots of the full
 * subtrees before them and behind them, left to right, each as large as its place allows.
 */
export interface RangeProof {
  readonly from: number;
  readonly to: number;
  /** Size of the log under `checkpoint`. */
  readonly size: number;
  readonly before: readonly Buffer[];
  readonly behind: readonly Buffer[];
  /** The signed checkpoint that the proof leads to. */
  readonly checkpoint: string;
}

interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** The full subtrees that cover the leaves [from, to), left to right. */
export function coverOf(from: number, to: number): Subtree[] {
  const cover: Subtree[] = [];
  for (let at = from; at < to; ) {
    let height = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= to) {
      width *= 2;
      height += 1;
    }
    cover.push({ height, index: at / width });
    at += width;
  }
  return cover;
}

/** The proof for a stretch under the newest checkpoint; null where that does not reach `to`, or there is none. */
export async function proveRange(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  to: number,
): Promise<RangeProof | null> {
  const checkpoint = await readCheckpointNote(tx, organisation, null);
  if (checkpoint === undefined || !(from >= 0 && from <= to && to <= checkpoint.size)) return null;
  const { size, note } = checkpoint;
  const read = subtreeReader(tx, organisation, await loadFrontier(tx, organisation, size));
  const roots = async (cover: readonly Subtree[]): Promise<Buffer[]> => {
    const found: Buffer[] = [];
    for (const { height, index } of cover) found.push(await read(height, index));
    return found;
  };
  const [before, behind] = [await roots(coverOf(0, from)), await roots(coverOf(to, size))];
  return { from, to, size, before, behind, checkpoint: note };
}

/** Takes the hashes of a stretch one by one and gives the root of the whole log that they belong to. */
export class RangeRoot {
  readonly #proof: Pick<RangeProof, 'from' | 'to' | 'size' | 'before' | 'behind'>;
  readonly #peaks: { height: number; hash: Buffer }[] = [];
  #at: number;

  /** Throws RangeError where the proof has not as many parts as its stretch needs. */
  constructor(proof: Pick<RangeProof, 'from' | 'to' | 'size' | 'before' | 'behind'>) {
    const cover = coverOf(0, proof.from);
    if (cover.length !== proof.before.length) throw new RangeError('the proof does not fit its range');
    this.#proof = proof;
    this.#at = proof.from;
    for (const [at, { height }] of cover.entries()) this.#push(height, proof.before[at]);
  }

  /** Takes the leaf hash of the next position. */
  append(leaf: Buffer): void {
    if (this.#at >= this.#proof.to) throw new RangeError('more entries than the range has');
    this.#at += 1;
    this.#push(0, leaf);
  }

  /** The root of the whole log. Throws RangeError before the last entry of the stretch was taken. */
  root(): Buffer {
    const { to, size, behind } = this.#proof;
    const cover = coverOf(to, size);
    if (this.#at !== to || cover.length !== behind.length) throw new RangeError('the range is not whole');
    for (const [at, { height }] of cover.entries()) this.#push(height, behind[at]);
    let root: Buffer | undefined;
    for (const peak of this.#peaks.toReversed()) {
      root = root === undefined ? peak.hash : nodeHash(peak.hash, root);
    }
    return root ?? EMPTY_ROOT;
  }

  #push(height: number, hash: Buffer | undefined): void {
    if (hash === undefined) throw new RangeError('the proof does not fit its range');
    let node = { height, hash };
    for (let left = this.#peaks.at(-1); left?.height === node.height; left = this.#peaks.at(-1)) {
      this.#peaks.pop();
      node = { height: node.height + 1, hash: nodeHash(left.hash, node.hash) };
    }
    this.#peaks.push(node);
  }
}
