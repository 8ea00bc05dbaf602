import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileErrorCode } from '#platform/runtime';
import { ensureDirectory } from './durable-files.ts';

/** Wraps that a process reserves at once. */
const USES_PER_BLOCK = 2 ** 20;
/** 2^32 random nonces under one key, the limit of SP 800-38D §8.3, in blocks. */
export const MOST_BLOCKS = 2 ** 12;

/**
 * Counts the wraps under each group key over all processes: each reserves a million before it uses them, by adding
 * one octet to a file beside the key (appends of one octet do not get lost among processes). What a process does not
 * use up is wasted, which costs nothing but numbers.
 */
export class GroupUses {
  readonly #left = new Map<string, number>();

  /** Takes one use without waiting; false when a reservation is needed first. */
  take(group: string): boolean {
    const left = this.#left.get(group) ?? 0;
    if (left === 0) return false;
    this.#left.set(group, left - 1);
    return true;
  }

  /** True where this process holds uses of the group. */
  holds(group: string): boolean {
    return (this.#left.get(group) ?? 0) > 0;
  }

  /** Reserves a block; false when the group key has reached its limit. */
  async reserve(group: string, path: string): Promise<boolean> {
    await ensureDirectory(dirname(path));
    const handle = await open(path, 'a', 0o600);
    try {
      await handle.write(Buffer.of(1));
      await handle.sync();
      // Measured after our own octet: whoever finds the file too long has none of the allowed blocks.
      if ((await handle.stat()).size > MOST_BLOCKS) return false;
    } finally {
      await handle.close();
    }
    this.#left.set(group, (this.#left.get(group) ?? 0) + USES_PER_BLOCK);
    return true;
  }

  forget(group: string): void {
    this.#left.delete(group);
  }
}

/** True where the group's file says that its limit is reached. */
export async function isUsedUp(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size >= MOST_BLOCKS;
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
