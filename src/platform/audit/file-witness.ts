import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OrganisationId } from '#core/ids';
import { readCheckpoint } from './checkpoint.ts';
import { verifyConsistency } from './proofs.ts';
import type { Witness, WitnessAnswer, WitnessedState } from './witness.ts';

const LINE_FEED = 0x0a;
/** More than any note of ours has octets: the last line is found in so much of the file's end. */
const TAIL_BYTES = 8192;

/**
 * A witness in a directory: one file an organisation, one note a line (as a JSON string), only ever appended to, and
 * flushed with its directory before it answers. It should lie on another machine or on append-only storage: against
 * root of the same machine it is no witness. Calls for one organisation must not overlap across processes (the
 * sequencer's lock sees to that).
 */
export function createFileWitness(directory: string): Witness {
  const pathOf = (organisation: OrganisationId): string => join(directory, `${organisation}.notes`);
  return {
    latest: (organisation) => latest(pathOf(organisation)),
    publish: async (organisation, note, proof) => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = pathOf(organisation);
      const held = await latest(path);
      const answer = judge(held, note, proof);
      if (answer.kind !== 'witnessed') return answer;
      if (held !== null && held.size === readCheckpoint(note)?.size) return answer;
      await appendDurably(path, note);
      if (held === null) await flushDirectory(directory);
      return answer;
    },
    notes: (organisation) => readNotes(pathOf(organisation)),
  };
}

/** Whether a note extends what is held. Pure. */
export function judge(
  held: WitnessedState | null,
  note: string,
  proof: { readonly from: number; readonly path: readonly Buffer[] },
): WitnessAnswer {
  const offered = readCheckpoint(note);
  if (offered === null) return { kind: 'refused', reason: 'not-a-checkpoint' };
  if (held === null) return { kind: 'witnessed' };
  if (offered.size < held.size) return { kind: 'refused', reason: 'smaller' };
  if (offered.size === held.size) {
    return offered.root.equals(held.root) ? { kind: 'witnessed' } : { kind: 'refused', reason: 'other-root' };
  }
  if (proof.from !== held.size) return { kind: 'stale', latest: held };
  const extended = verifyConsistency({
    from: held.size,
    fromRoot: held.root,
    to: offered.size,
    toRoot: offered.root,
    path: proof.path,
  });
  return extended ? { kind: 'witnessed' } : { kind: 'refused', reason: 'inconsistent' };
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

async function latest(path: string): Promise<WitnessedState | null> {
  const file = await openIfThere(path);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.length, size - tail.length);
    // What follows the last line feed is a note whose writing was cut off: it was never answered for.
    const end = tail.lastIndexOf(LINE_FEED);
    if (end < 0) return null;
    const line = tail.subarray(tail.lastIndexOf(LINE_FEED, end - 1) + 1, end).toString();
    const checkpoint = readCheckpoint(noteOfLine(line));
    if (checkpoint === null) throw new WitnessDamaged();
    return { size: checkpoint.size, root: checkpoint.root };
  } finally {
    await file.close();
  }
}

/** The last line of a witness file is no checkpoint: it must not be written over by going on. */
export class WitnessDamaged extends Error {
  override readonly name = 'WitnessDamaged';
  constructor() {
    super('the witness file does not end with a checkpoint');
  }
}

async function appendDurably(path: string, note: string): Promise<void> {
  const file = await open(path, 'a+', 0o600);
  try {
    await dropCutOffLine(file);
    await file.appendFile(`${JSON.stringify(note)}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function dropCutOffLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  if (size === 0) return;
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  await file.read(tail, 0, tail.length, size - tail.length);
  const end = tail.lastIndexOf(LINE_FEED) + 1;
  if (end < tail.length) await file.truncate(size - tail.length + end);
}

async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function* readNotes(path: string): AsyncGenerator<string> {
  const file = await openIfThere(path);
  if (file === null) return;
  await file.close();
  const lines = createInterface({
    input: createReadStream(path, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let held: string | undefined;
  for await (const line of lines) {
    if (held !== undefined) yield noteOfLine(held);
    held = line;
  }
  if (held !== undefined && (await endsWithLineFeed(path))) yield noteOfLine(held);
}

async function endsWithLineFeed(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    await file.read(last, 0, 1, size - 1);
    return last[0] === LINE_FEED;
  } finally {
    await file.close();
  }
}

function noteOfLine(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'string' ? value : line;
  } catch {
    return line;
  }
}
