import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompactRange, leafHash, runRoot } from './merkle.ts';
import { coverOf, RangeRoot } from './range-proof.ts';

const leaves = (count: number) =>
  Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));
const rootOf = (all: readonly Buffer[]) => {
  const range = new CompactRange();
  for (const each of all) range.append(each);
  return range.root();
};
const roots = (all: readonly Buffer[], from: number, to: number) =>
  coverOf(from, to).map(({ height, index }) =>
    runRoot(all.slice(index * 2 ** height, (index + 1) * 2 ** height)),
  );

const stretch = fc
  .tuple(fc.nat(300), fc.nat(300), fc.nat(300))
  .map((three) => three.toSorted((one, other) => one - other));

describe('a stretch of the log', () => {
  it('leads to the root of the whole, wherever it stands', () => {
    fc.assert(
      fc.property(stretch, ([from = 0, to = 0, size = 0]) => {
        const all = leaves(size);
        const proof = { from, to, size, before: roots(all, 0, from), behind: roots(all, to, size) };
        const range = new RangeRoot(proof);
        for (const leaf of all.slice(from, to)) range.append(leaf);
        expect(range.root()).toEqual(rootOf(all));
      }),
    );
  });

  it('does not when an entry was changed, left out or added', () => {
    const all = leaves(100);
    const proof = { from: 10, to: 40, size: 100, before: roots(all, 0, 10), behind: roots(all, 40, 100) };
    const changed = new RangeRoot(proof);
    for (const [at, leaf] of all.slice(10, 40).entries())
      changed.append(at === 7 ? leafHash(Buffer.from('x')) : leaf);
    expect(changed.root()).not.toEqual(rootOf(all));
    const short = new RangeRoot(proof);
    for (const leaf of all.slice(10, 39)) short.append(leaf);
    expect(() => short.root()).toThrow(RangeError);
    short.append(leafHash(Buffer.from('another')));
    expect(() => short.append(leafHash(Buffer.from('one more')))).toThrow(RangeError);
  });
});
