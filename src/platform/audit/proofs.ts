import { nodeHash } from './merkle.ts';

/** Gives the hash of the full subtree over the leaves [index·2^height, (index + 1)·2^height). */
export type SubtreeReader = (height: number, index: number) => Promise<Buffer>;

/** Largest power of two below `size` (size ≥ 2): where RFC 6962 splits a tree. */
function splitPoint(size: number): number {
  let width = 1;
  while (width * 2 < size) width *= 2;
  return width;
}

/** MTH of the leaves [from, to), where `from` is where RFC 6962's splitting arrives. */
async function rangeRoot(read: SubtreeReader, from: number, to: number): Promise<Buffer> {
  const size = to - from;
  let height = 0;
  let width = 1;
  while (width * 2 <= size) {
    width *= 2;
    height += 1;
  }
  const left = await read(height, from / width);
  return width === size ? left : nodeHash(left, await rangeRoot(read, from + width, to));
}

/** The audit path of the leaf at `position` in the tree of `size` leaves (RFC 6962 §2.1.1), lowest node first. */
export async function inclusionProof(read: SubtreeReader, position: number, size: number): Promise<Buffer[]> {
  if (!(position >= 0 && position < size)) throw new RangeError('position outside of the tree');
  const path = async (from: number, to: number): Promise<Buffer[]> => {
    if (to - from === 1) return [];
    const middle = from + splitPoint(to - from);
    return position < middle
      ? [...(await path(from, middle)), await rangeRoot(read, middle, to)]
      : [...(await path(middle, to)), await rangeRoot(read, from, middle)];
  };
  return path(0, size);
}

/** The proof that the tree of `from` leaves is a prefix of that of `to` leaves (RFC 6962 §2.1.2); empty when equal. */
export async function consistencyProof(read: SubtreeReader, from: number, to: number): Promise<Buffer[]> {
  if (!(from >= 0 && from <= to)) throw new RangeError('the older tree must be the smaller one');
  if (from === 0 || from === to) return [];
  const sub = async (start: number, end: number, whole: boolean): Promise<Buffer[]> => {
    if (end === from) return whole ? [] : [await rangeRoot(read, start, end)];
    const middle = start + splitPoint(end - start);
    return from <= middle
      ? [...(await sub(start, middle, whole)), await rangeRoot(read, middle, end)]
      : [...(await sub(middle, end, false)), await rangeRoot(read, start, middle)];
  };
  return sub(0, to, true);
}

/** True when `path` proves the leaf hash at `position` under `root` of `size` leaves (RFC 9162 §2.1.3.2). */
export function verifyInclusion(proof: {
  readonly leafHash: Uint8Array;
  readonly position: number;
  readonly size: number;
  readonly path: readonly Uint8Array[];
  readonly root: Uint8Array;
}): boolean {
  if (!(Number.isSafeInteger(proof.position) && proof.position >= 0 && proof.position < proof.size))
    return false;
  let place = proof.position;
  let last = proof.size - 1;
  let node: Uint8Array = proof.leafHash;
  for (const sibling of proof.path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      node = nodeHash(sibling, node);
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      node = nodeHash(node, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && Buffer.compare(node, proof.root) === 0;
}

/** True when `path` proves that the tree (from, fromRoot) is a prefix of (to, toRoot) (RFC 9162 §2.1.4.2). */
export function verifyConsistency(proof: {
  readonly from: number;
  readonly fromRoot: Uint8Array;
  readonly to: number;
  readonly toRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}): boolean {
  const { from, to, path } = proof;
  if (!Number.isSafeInteger(to) || !(from >= 0 && from <= to)) return false;
  if (from === to) return path.length === 0 && Buffer.compare(proof.fromRoot, proof.toRoot) === 0;
  if (from === 0) return path.length === 0;
  let place = from - 1;
  let last = to - 1;
  while (place % 2 === 1) {
    place = (place - 1) / 2;
    last = Math.floor(last / 2);
  }
  // A power of two: the old root itself is the first node, and the proof leaves it out.
  const [first, ...rest] = place === 0 ? [proof.fromRoot, ...path] : path;
  if (first === undefined) return false;
  let oldNode: Uint8Array = first;
  let newNode: Uint8Array = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      oldNode = nodeHash(sibling, oldNode);
      newNode = nodeHash(sibling, newNode);
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newNode = nodeHash(newNode, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return (
    last === 0 && Buffer.compare(oldNode, proof.fromRoot) === 0 && Buffer.compare(newNode, proof.toRoot) === 0
  );
}
