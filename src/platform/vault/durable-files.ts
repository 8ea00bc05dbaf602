import { randomBytes } from 'node:crypto';
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileErrorCode, flushDirectory } from '#platform/runtime';

/** Makes a directory (0700) and its missing parents, each flushed into its parent. */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT') throw error;
    await ensureDirectory(dirname(path));
    return ensureDirectory(path);
  }
  await flushDirectory(dirname(path));
}

/** Undefined when there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Names in a directory; none when it does not exist. */
export async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function writeTemporary(path: string, octets: Uint8Array): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(octets);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(temporary);
    throw error;
  }
  await handle.close();
  return temporary;
}

/**
 * Makes a file (0600) that nobody can ever see half-written, and flushes it and its directory. Of several processes
 * that try at the same time exactly one gets true (link(2) fails where the name exists).
 */
export async function createOnce(path: string, octets: Uint8Array): Promise<boolean> {
  await ensureDirectory(dirname(path));
  const temporary = await writeTemporary(path, octets);
  let made = true;
  try {
    await link(temporary, path);
  } catch (error) {
    if (fileErrorCode(error) !== 'EEXIST') throw error;
    made = false;
  } finally {
    await unlink(temporary);
  }
  // Also where another process won: what it made may be used only once its name is flushed.
  await flushDirectory(dirname(path));
  return made;
}

/** Replaces a file as a whole (0600): readers see the old or the new one, also after a crash. */
export async function replaceFile(path: string, octets: Uint8Array): Promise<void> {
  await ensureDirectory(dirname(path));
  await rename(await writeTemporary(path, octets), path);
  await flushDirectory(dirname(path));
}

/**
 * Overwrites a file with random octets, removes it, and flushes. On journalling or copy-on-write file systems and on
 * flash the old blocks may outlive the overwriting: what counts is that nothing can find them by name. False when
 * there was no file.
 */
export async function destroyFile(path: string): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r+');
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    await handle.write(randomBytes(size), 0, size, 0);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await unlink(path);
  } catch (error) {
    if (fileErrorCode(error) !== 'ENOENT') throw error; // another process was faster
  }
  await flushDirectory(dirname(path));
  return true;
}

/** A lock file older than this belongs to a process that died: what runs under the lock takes milliseconds. */
const STALE_LOCK_MS = 5 * 60_000;
const LOCK_PATIENCE_MS = 10_000;

/** Runs short work while no other process runs under the same lock. Throws when the lock stays taken for 10 s. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await ensureDirectory(dirname(path));
  await takeLock(path);
  try {
    return await work();
  } finally {
    await unlink(path);
  }
}

async function takeLock(path: string): Promise<void> {
  const givenUp = Date.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.close();
      return;
    } catch (error) {
      if (fileErrorCode(error) !== 'EEXIST') throw error;
    }
    if (Date.now() > givenUp) throw new Error('another process holds the lock on the keys');
    await stealStale(path);
    await setTimeout(20);
  }
}

async function stealStale(path: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > STALE_LOCK_MS) await unlink(path);
  } catch (error) {
    if (fileErrorCode(error) !== 'ENOENT') throw error; // released meanwhile
  }
}
