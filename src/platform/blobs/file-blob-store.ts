import { createReadStream, mkdirSync, statfsSync } from 'node:fs';
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobId, isUuid } from '#core/ids';
import { fileErrorCode, flushDirectory } from '#platform/runtime';
import { BlobMissing, type BlobStore } from './blobs.ts';

const READ_OCTETS = 256 * 1024;
const PART = '.part';

/** Sealed bytes as files `xx/<id>` (0600 in 0700 directories), `xx` being the id's last two digits, which are random. */
export class FileBlobStore implements BlobStore {
  readonly #directory: string;
  /** Directories that this process has seen or made. */
  readonly #ready = new Set<string>();

  /** Makes the directory, so that its free space can be asked for before the first blob. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  async put(id: BlobId, source: AsyncIterable<Uint8Array>): Promise<number> {
    const path = this.#path(id);
    await this.#ensureDirectory(dirname(path));
    const part = `${path}${PART}`;
    let size = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const block of source) {
        size += block.length;
        yield block;
      }
    };
    const handle = await open(part, 'wx', 0o600);
    try {
      await handle.writeFile(counted());
      await handle.sync();
    } catch (error) {
      await handle.close();
      await unlink(part);
      throw error;
    }
    await handle.close();
    await rename(part, path);
    await flushDirectory(dirname(path));
    return size;
  }

  async *get(id: BlobId): AsyncGenerator<Buffer, void, undefined> {
    const stream = createReadStream(this.#path(id), { highWaterMark: READ_OCTETS });
    try {
      for await (const block of stream) if (Buffer.isBuffer(block)) yield block;
    } catch (error) {
      if (fileErrorCode(error) === 'ENOENT') throw new BlobMissing();
      throw error;
    }
  }

  async delete(id: BlobId): Promise<boolean> {
    const path = this.#path(id);
    if (!(await removeIfThere(path))) return false;
    await flushDirectory(dirname(path));
    return true;
  }

  async *writtenBefore(moment: Date): AsyncGenerator<BlobId, void, undefined> {
    for (const shelf of await namesIn(this.#directory)) {
      if (!/^[0-9a-f]{2}$/.test(shelf)) continue;
      for (const name of await namesIn(join(this.#directory, shelf))) {
        const path = join(this.#directory, shelf, name);
        const modified = await modifiedAt(path);
        if (modified === undefined || modified >= moment.getTime()) continue;
        if (isBlobId(name)) yield name;
        else if (name.endsWith(PART)) await removeIfThere(path);
      }
    }
  }

  freeBytes(): number | null {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }

  #path(id: BlobId): string {
    if (!isUuid(id)) throw new TypeError('a blob id is a UUID'); // it becomes part of a path
    return join(this.#directory, id.slice(-2), id);
  }

  async #ensureDirectory(path: string): Promise<void> {
    if (this.#ready.has(path)) return;
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      const code = fileErrorCode(error);
      if (code === 'ENOENT') {
        await this.#ensureDirectory(dirname(path));
        return this.#ensureDirectory(path);
      }
      if (code !== 'EEXIST') throw error;
    }
    // Also where it existed: whoever made it may not have flushed it yet.
    await flushDirectory(dirname(path));
    this.#ready.add(path);
  }
}

/** A UUID is all that makes a blob id. */
export function isBlobId(name: string): name is BlobId {
  return isUuid(name);
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined; // removed meanwhile
    throw error;
  }
}
