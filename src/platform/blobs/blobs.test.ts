import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlobId } from '#core/ids';
import { systemClock } from '#platform/runtime';
import { BlobMissing, type BlobStore, type Blobs } from './blobs.ts';
import { type BlobsOptions, createBlobs } from './create-blobs.ts';

let root: string;
let directory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sealpost-blobs-'));
  directory = join(root, 'data', 'blobs');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const open = (options: Partial<BlobsOptions> = {}) =>
  createBlobs({ directory, reserveBytes: 0, clock: systemClock, ...options });

async function* from(...blocks: Uint8Array[]) {
  yield* blocks;
}

async function contents(blobs: Blobs, id: BlobId): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of blobs.read(id)) blocks.push(block);
  return Buffer.concat(blocks);
}

const files = () =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const age = (path: string, hours: number) => {
  const then = new Date(Date.now() - hours * 3_600_000);
  utimesSync(path, then, then);
};

describe('the blob store on the file system', () => {
  test('gives back what was written, in files of 0600 under directories of 0700', async () => {
    const blobs = open();
    const blocks = [randomBytes(70_000), Buffer.alloc(0), randomBytes(1), randomBytes(500_000)];
    const { id, size } = await blobs.write(from(...blocks));
    expect(size).toBe(570_001);
    expect(await contents(blobs, id)).toEqual(Buffer.concat(blocks));
    expect(files()).toEqual([join(directory, id.slice(-2), id)]);
    expect(statSync(files()[0] ?? '').mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, id.slice(-2))).mode & 0o777).toBe(0o700);
  });

  test('takes an empty blob, and many at the same time', async () => {
    const blobs = open();
    const written = await Promise.all(
      Array.from({ length: 50 }, (_, n) => blobs.write(from(Buffer.alloc(n, n)))),
    );
    expect(new Set(written.map(({ id }) => id)).size).toBe(50);
    for (const [n, { id, size }] of written.entries()) {
      expect(size).toBe(n);
      expect(await contents(blobs, id)).toEqual(Buffer.alloc(n, n));
    }
  });

  test('leaves nothing behind when its source fails', async () => {
    const source = async function* () {
      yield randomBytes(100_000);
      throw new RangeError('source failed');
    };
    await expect(open().write(source())).rejects.toThrow(RangeError);
    expect(files()).toEqual([]);
  });

  test('says BlobMissing for what is not there, and TypeError for what is no id', async () => {
    const blobs = open();
    const absent = '01900000-0000-7000-8000-00000000ffff' as BlobId;
    await expect(contents(blobs, absent)).rejects.toThrow(BlobMissing);
    await expect(contents(blobs, '../../etc/passwd' as BlobId)).rejects.toThrow(TypeError);
  });

  test('keeps memory flat over 256 MB', async () => {
    const blobs = open();
    const block = randomBytes(1 << 20);
    const source = async function* () {
      for (let count = 0; count < 256; count += 1) yield block;
    };
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 5);
    const { id } = await blobs.write(source());
    let total = 0;
    for await (const read of blobs.read(id)) total += read.length;
    clearInterval(watch);
    expect(total).toBe(256 << 20);
    expect(peak - before).toBeLessThan(96 << 20);
  }, 60_000);
});

describe('the sweep', () => {
  test('removes old files without a row and cut off writes; keeps the young and the referred to', async () => {
    const kept = new Set<BlobId>();
    const blobs = open({ referenced: async (ids) => new Set(ids.filter((id) => kept.has(id))) });
    const [orphan, referred, young] = [
      await blobs.write(from(Buffer.from('a'))),
      await blobs.write(from(Buffer.from('b'))),
      await blobs.write(from(Buffer.from('c'))),
    ];
    kept.add(referred.id);
    const path = (id: BlobId) => join(directory, id.slice(-2), id);
    const part = `${path(orphan.id)}x.part`;
    const youngPart = `${path(young.id)}x.part`;
    writeFileSync(part, 'cut off');
    writeFileSync(youngPart, 'being written');
    for (const old of [path(orphan.id), path(referred.id), part]) age(old, 3);
    expect(await blobs.sweep(new Date(Date.now() - 3_600_000))).toBe(1);
    expect(files().sort()).toEqual([path(referred.id), path(young.id), youngPart].sort());
    await expect(contents(blobs, orphan.id)).rejects.toThrow(BlobMissing);
  });

  test('removes nothing when it cannot ask who refers to what', async () => {
    const failing = open({
      referenced: async () => {
        throw new Error('database away');
      },
    });
    const { id } = await failing.write(from(Buffer.from('a')));
    age(join(directory, id.slice(-2), id), 3);
    await expect(failing.sweep(new Date())).rejects.toThrow('database away');
    await expect(open().sweep(new Date())).rejects.toThrow();
    expect(files().length).toBe(1);
  });

  test('asks in batches', async () => {
    const asked: number[] = [];
    const ids = Array.from(
      { length: 1200 },
      (_, n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}` as BlobId,
    );
    const removed: BlobId[] = [];
    const store: BlobStore = {
      put: async () => 0,
      get: () => from() as AsyncIterable<Buffer>,
      delete: async (id) => removed.push(id) > 0,
      async *writtenBefore() {
        yield* ids;
      },
      freeBytes: () => null,
    };
    const blobs = open({
      store,
      referenced: async (batch) => {
        asked.push(batch.length);
        return new Set(batch.filter((_, n) => n % 2 === 0));
      },
    });
    expect(await blobs.sweep(new Date())).toBe(600);
    expect(asked).toEqual([500, 500, 200]);
  });
});

describe('the disk reserve', () => {
  test('is asked at most every two seconds, and is not met by a store that cannot be asked', () => {
    let free: number | Error | null = 1000;
    let probes = 0;
    let monotonic = 0;
    const store: BlobStore = {
      put: async () => 0,
      get: () => from() as AsyncIterable<Buffer>,
      delete: async () => false,
      writtenBefore: () => from() as AsyncIterable<never>,
      freeBytes() {
        probes += 1;
        if (free instanceof Error) throw free;
        return free;
      },
    };
    const clock = { now: () => new Date(), monotonic: () => monotonic };
    const blobs = open({ store, clock, reserveBytes: 1000 });
    expect(blobs.reserveOk()).toBe(true);
    free = 999;
    monotonic = 1999;
    expect(blobs.reserveOk()).toBe(true);
    expect(probes).toBe(1);
    monotonic = 2000;
    expect(blobs.reserveOk()).toBe(false);
    free = null; // a store without such a notion
    monotonic = 4000;
    expect(blobs.reserveOk()).toBe(true);
    free = new Error('gone');
    monotonic = 6000;
    expect(blobs.reserveOk()).toBe(false);
  });

  test('looks at the real disk', () => {
    expect(open({ reserveBytes: 1 }).reserveOk()).toBe(true);
    expect(open({ reserveBytes: Number.MAX_SAFE_INTEGER }).reserveOk()).toBe(false);
    const blobs = open({ reserveBytes: 1 });
    rmSync(root, { recursive: true });
    expect(blobs.reserveOk()).toBe(false);
  });
});
