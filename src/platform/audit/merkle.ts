import { hash } from 'node:crypto';

/** Octets of a SHA-256 hash. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = Buffer.from([0]);
const NODE_PREFIX = 1;
// One buffer for all inner nodes: hashing is synchronous, so nobody else can be in it.
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX);

/** MTH of the empty tree: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** Hash of a leaf: SHA-256(0x00 ‖ bytes), RFC 6962 §2.1. */
export function leafHash(bytes: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([LEAF_PREFIX, bytes]), 'buffer');
}

/** Hash of an inner node: SHA-256(0x01 ‖ left ‖ right), RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return hash('sha256', nodeInput, 'buffer');
}

/** The root over a run of hashes of equally high, full subtrees: MTH with those hashes in the place of leaves. */
export function runRoot(hashes: readonly Buffer[]): Buffer {
  const range = new CompactRange();
  for (const each of hashes) range.append(each);
  return range.root();
}

/** Cuts concatenated hashes (a tile) into views of 32 octets each. */
export function splitHashes(joined: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at + HASH_BYTES <= joined.length; at += HASH_BYTES) {
    hashes.push(joined.subarray(at, at + HASH_BYTES));
  }
  return hashes;
}

/**
 * The right edge of a growing tree: one hash per set bit of its size, the highest subtree first. Appending costs one
 * hash on average, the root at most 53; memory does not grow with the tree.
 */
export class CompactRange {
  #size: number;
  readonly #peaks: Buffer[];

  constructor(size = 0, peaks: readonly Buffer[] = []) {
    this.#size = size;
    this.#peaks = [...peaks];
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf hash. */
  append(leaf: Buffer): void {
    let node = leaf;
    // As many merges as the old size has trailing one bits. Sizes may pass 2^32, so no bit operators.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#peaks.pop();
      if (left === undefined) throw new RangeError('compact range without its peaks');
      node = nodeHash(left, node);
    }
    this.#peaks.push(node);
    this.#size += 1;
  }

  /** MTH over everything appended so far (RFC 6962 §2.1). */
  root(): Buffer {
    let root: Buffer | undefined;
    for (let at = this.#peaks.length - 1; at >= 0; at -= 1) {
      const peak = this.#peaks[at];
      if (peak !== undefined) root = root === undefined ? peak : nodeHash(peak, root);
    }
    return root ?? EMPTY_ROOT;
  }

  clone(): CompactRange {
    return new CompactRange(this.#size, this.#peaks);
  }
}
