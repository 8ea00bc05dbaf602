import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frontier, TILE_WIDTH } from './frontier.ts';
import { CompactRange, EMPTY_ROOT, leafHash, nodeHash, runRoot } from './merkle.ts';
import {
  consistencyProof,
  inclusionProof,
  type SubtreeReader,
  verifyConsistency,
  verifyInclusion,
} from './proofs.ts';

/** The definition, word for word (RFC 6962 §2.1): the yardstick for everything incremental. */
function mth(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(mth(leaves.slice(0, split)), mth(leaves.slice(split)));
}

const readerOver =
  (leaves: readonly Buffer[]): SubtreeReader =>
  (height, index) =>
    Promise.resolve(mth(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height)));

const numbered = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));

// Inputs and roots of the Certificate Transparency project's Merkle tree tests.
const KNOWN_INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const KNOWN_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const KNOWN_LEAVES = KNOWN_INPUTS.map((text) => leafHash(Buffer.from(text, 'hex')));
const hex = (nodes: readonly Buffer[]): string[] => nodes.map((node) => node.toString('hex'));

describe('Merkle tree of RFC 6962', () => {
  it('meets the known roots of sizes 0 to 8', () => {
    const range = new CompactRange();
    const frontier = new Frontier();
    for (const [size, root] of KNOWN_ROOTS.entries()) {
      expect(range.root().toString('hex')).toBe(root);
      expect(frontier.root().toString('hex')).toBe(root);
      const leaf = KNOWN_LEAVES[size];
      if (leaf === undefined) break;
      range.append(leaf);
      frontier.append([leaf]);
    }
  });

  it('meets the known inclusion and consistency proofs', async () => {
    const read = readerOver(KNOWN_LEAVES);
    expect(hex(await inclusionProof(read, 0, 8))).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
    expect(hex(await inclusionProof(read, 5, 8))).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(hex(await consistencyProof(read, 6, 8))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });

  it('gives the defined root however the leaves arrive, and full tiles that hold them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 700 }), (count, step) => {
        const leaves = numbered(count);
        const frontier = new Frontier();
        const tiles = [];
        for (let at = 0; at < count; at += step) tiles.push(...frontier.append(leaves.slice(at, at + step)));
        expect(frontier.size).toBe(count);
        expect(frontier.root()).toEqual(mth(leaves));
        expect(runRoot(leaves)).toEqual(mth(leaves));
        expect(tiles.map((tile) => [tile.level, tile.index])).toEqual(
          Array.from({ length: Math.floor(count / TILE_WIDTH) }, (_, index) => [0, index]),
        );
        expect(tiles.flatMap((tile) => tile.hashes)).toEqual(
          leaves.slice(0, Math.floor(count / TILE_WIDTH) * TILE_WIDTH),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('fills a tile of the second level with the roots of 256 tiles', () => {
    const leaves = numbered(TILE_WIDTH * TILE_WIDTH + 3);
    const frontier = new Frontier();
    const upper = frontier.append(leaves).filter((tile) => tile.level === 1);
    expect(upper.map((tile) => tile.index)).toEqual([0]);
    expect(upper[0]?.hashes[7]).toEqual(mth(leaves.slice(7 * TILE_WIDTH, 8 * TILE_WIDTH)));
    expect(frontier.root()).toEqual(mth(leaves));
    expect(frontier.pending(2)).toHaveLength(1);
  });

  it('goes on from a copy without touching the original', () => {
    const leaves = numbered(300);
    const frontier = new Frontier();
    frontier.append(leaves.slice(0, 250));
    const copy = frontier.clone();
    copy.append(leaves.slice(250));
    expect(frontier.root()).toEqual(mth(leaves.slice(0, 250)));
    expect(copy.root()).toEqual(mth(leaves));
  });
});

describe('proofs', () => {
  it('inclusion: every true one holds, and none holds for another leaf, place, size or root', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.nat(), async (size, pick) => {
        const leaves = numbered(size);
        const position = pick % size;
        const path = await inclusionProof(readerOver(leaves), position, size);
        const leaf = leaves[position] ?? EMPTY_ROOT;
        const proof = { leafHash: leaf, position, size, path, root: mth(leaves) };
        expect(verifyInclusion(proof)).toBe(true);
        expect(verifyInclusion({ ...proof, leafHash: leafHash(Buffer.from('another')) })).toBe(false);
        expect(verifyInclusion({ ...proof, root: EMPTY_ROOT })).toBe(false);
        expect(verifyInclusion({ ...proof, path: [...path, EMPTY_ROOT] })).toBe(false);
        if (path.length > 0) expect(verifyInclusion({ ...proof, path: path.slice(1) })).toBe(false);
        if (size > 1) expect(verifyInclusion({ ...proof, position: (position + 1) % size })).toBe(false);
        expect(verifyInclusion({ ...proof, position: size })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('consistency: every true one holds, and none holds for another history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), async (to, pick, spoil) => {
        const leaves = numbered(to);
        const from = 1 + (pick % to);
        const path = await consistencyProof(readerOver(leaves), from, to);
        const proof = { from, fromRoot: mth(leaves.slice(0, from)), to, toRoot: mth(leaves), path };
        expect(verifyConsistency(proof)).toBe(true);
        const other = leaves.with(spoil % from, leafHash(Buffer.from('rewritten')));
        const rewritten = await consistencyProof(readerOver(other), from, to);
        expect(verifyConsistency({ ...proof, toRoot: mth(other), path: rewritten })).toBe(false);
        expect(verifyConsistency({ ...proof, path: [...path, EMPTY_ROOT] })).toBe(false);
        if (path.length > 0) expect(verifyConsistency({ ...proof, path: path.slice(0, -1) })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('the empty tree is a prefix of every tree, and no tree of a smaller one', () => {
    const root = mth(numbered(5));
    expect(verifyConsistency({ from: 0, fromRoot: EMPTY_ROOT, to: 5, toRoot: root, path: [] })).toBe(true);
    expect(verifyConsistency({ from: 5, fromRoot: root, to: 3, toRoot: root, path: [] })).toBe(false);
  });
});
