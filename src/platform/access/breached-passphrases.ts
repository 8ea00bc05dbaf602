import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** Passphrases that are known from breaches. */
export interface BreachedPassphrases {
  /** Whether exactly this text is among them. */
  has(passphrase: string): Promise<boolean>;
}

/** Longer than any line: 40 digits, a colon, a count, CR and LF. */
const WINDOW = 96;
const LINE = /^([0-9A-Fa-f]{40})(?::\d+)?\r?$/;

/**
 * A list on disk as it can be downloaded: lines of upper-case SHA-1 in hexadecimal, `HASH:count`, sorted. It is searched by
 * halving, about 36 small reads for a thousand million lines, and never loaded. The file is opened for each question, so a newer one
 * can be put in its place. Throws when it cannot be read, or when its ends or middle are not such lines in order.
 */
export async function openBreachedPassphrases(path: string): Promise<BreachedPassphrases> {
  await withFile(path, async (file, size) => {
    const seen: string[] = [];
    for (const part of [0, 0.25, 0.5, 0.75, 1])
      seen.push((await lineAt(file, size, Math.floor((size - 1) * part))).hash);
    if (seen.some((hash, index) => index > 0 && hash < (seen[index - 1] ?? '')))
      throw new Error('the list of breached passphrases is not sorted by its hashes');
  });
  return {
    has: (passphrase) =>
      withFile(path, (file, size) =>
        holds(file, size, createHash('sha1').update(passphrase, 'utf8').digest('hex').toUpperCase()),
      ),
  };
}

async function withFile<T>(path: string, act: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) throw new Error('the list of breached passphrases is empty');
    return await act(file, size);
  } finally {
    await file.close();
  }
}

/** Lower and upper bound are places of octets; each round reads the line that lies over the middle. */
async function holds(file: FileHandle, size: number, wanted: string): Promise<boolean> {
  let from = 0;
  let to = size;
  while (from < to) {
    const { hash, start, end } = await lineAt(file, size, Math.floor((from + to) / 2));
    if (hash === wanted) return true;
    if (hash < wanted) from = end;
    else to = start;
  }
  return false;
}

/** The line over this place; a line feed belongs to the line that it ends. `end` is where the next one starts. */
async function lineAt(
  file: FileHandle,
  size: number,
  place: number,
): Promise<{ readonly hash: string; readonly start: number; readonly end: number }> {
  const first = Math.max(0, place - WINDOW);
  const buffer = Buffer.alloc(Math.min(size, place + WINDOW) - first);
  await file.read(buffer, 0, buffer.length, first);
  const before = place === 0 ? -1 : buffer.lastIndexOf(0x0a, place - first - 1);
  const after = buffer.indexOf(0x0a, place - first);
  const stop = after === -1 ? buffer.length : after;
  const match = LINE.exec(buffer.toString('latin1', before + 1, stop));
  if (match?.[1] === undefined)
    throw new Error('the list of breached passphrases has a line that is not SHA-1 in hexadecimal');
  return { hash: match[1].toUpperCase(), start: first + before + 1, end: first + stop + 1 };
}
