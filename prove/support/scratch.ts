// The temporary place of a proof or a benchmark, and the end of everything that it started. On a signal, a fault or an
// orderly end the programs started and the database servers below the place are ended and the place is removed. After a
// SIGKILL nothing of that can happen: the next run of the same command finds the place, whose owner is dead, and ends the
// servers that it can prove to be of it (postmaster.pid names the process, and the process works from inside the data
// directory). Nothing else is ever ended.
//
// All of it is synchronous: no timer of ours may start a database again while it is being ended.
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { claimHome, livingOwner, processIdentity } from '../../src/platform/database/owner-lock.ts';
import { findPostmaster, isAlive } from '../../src/platform/database/postmaster.ts';

export interface Scratch {
  readonly root: string;
  /** Ends what still runs below and removes the place. Also called when the process ends in any other way. */
  end(): void;
}

const OWNER = 'scratch-owner';
/** How deep below a scratch place the homes lie at most. */
const DEPTH = 4;

/** Makes a place named for the command in `base`, after ending what killed runs of the same command left there. */
export function openScratch(command: string, base = tmpdir()): Scratch {
  const prefix = `sealpost-${command}-`;
  sweep(base, prefix);
  const root = mkdtempSync(join(base, prefix));
  const lock = claimHome(join(root, OWNER));
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    for (const [signal, listener] of listeners) process.off(signal, listener);
    process.off('exit', end);
    endChildren();
    endBelow(root);
    lock.release();
    remove(root);
  };
  const listeners = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(
    (signal) => [signal, () => process.exit(128 + constants.signals[signal])] as const,
  );
  for (const [signal, listener] of listeners) process.on(signal, listener);
  process.on('exit', end);
  if (process.channel) {
    // Whoever started us was killed. Listening must not keep a finished command alive.
    process.once('disconnect', () => process.exit(1));
    process.channel.unref();
  }
  return { root, end };
}

/** Places of the same command and user whose owner is dead. One without an owner's mark is nobody's: left alone. */
function sweep(base: string, prefix: string): void {
  const own = process.getuid?.();
  for (const name of readdirSync(base).filter((entry) => entry.startsWith(prefix))) {
    const root = join(base, name);
    const mark = join(root, OWNER);
    if (statSync(root, { throwIfNoEntry: false })?.uid !== own) continue;
    if (!existsSync(join(mark, 'owner.json')) || livingOwner(mark) !== undefined) continue;
    endBelow(root);
    remove(root);
  }
}

/** Ends the systems that hold a home below, then the database servers of those homes. */
function endBelow(root: string): void {
  const homes = homesBelow(root, DEPTH);
  for (const home of homes) {
    const holder = livingOwner(join(home, 'run'));
    if (holder !== undefined && holder !== process.pid) endProcess(holder, ['SIGKILL']);
  }
  for (const home of homes) {
    const place = dataOf(home);
    const postmaster = findPostmaster(place.data);
    const socket = socketDirectoryOf(place.data);
    // "Immediate": the files are thrown away, nothing need be written. It takes its own children along.
    if (postmaster !== undefined) endProcess(postmaster, ['SIGQUIT', 'SIGKILL']);
    if (socket !== undefined) remove(socket);
    if (place.shelter !== undefined) remove(place.shelter);
  }
}

/** Directories that look like a home: with a run directory and a database below `data`. */
function homesBelow(directory: string, depth: number): string[] {
  if (existsSync(join(directory, 'run')) && existsSync(join(directory, 'data'))) return [directory];
  if (depth === 0) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== OWNER)
    .flatMap((entry) => homesBelow(join(directory, entry.name), depth - 1));
}

/** Where the home's database lies: inside, or in a shelter that names this home as its own (see findPlace). */
function dataOf(home: string): { readonly data: string; readonly shelter: string | undefined } {
  const inside = join(home, 'data', 'postgresql');
  const shelter = firstLine(join(home, 'data', 'postgresql.path'));
  const claimed = shelter !== undefined && firstLine(join(shelter, 'home')) === realpathSync(home);
  return claimed ? { data: join(shelter, 'postgresql'), shelter } : { data: inside, shelter: undefined };
}

/** The directory of the server's socket where it is one made for it under the temporary directory: line 5 of its pid file. */
function socketDirectoryOf(data: string): string | undefined {
  const pidFile = join(data, 'postmaster.pid');
  const named = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n')[4] : undefined;
  const ours =
    named !== undefined && dirname(named) === tmpdir() && /^sealpost-[0-9a-f]{16}$/.test(basename(named));
  return ours ? named : undefined;
}

function firstLine(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n')[0] : undefined;
}

/** The programs that this process started itself: asked to end, so that they take their own along. */
function endChildren(): void {
  if (process.platform !== 'linux') return; // theirs see the channel to us close
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const pid = Number(name);
    if (parentOf(pid) === process.pid) signalTo(pid, 'SIGTERM');
  }
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // ended meanwhile
  }
}

/** Sends the signals one after the other until the process has ended; its start time guards against a number used again. */
function endProcess(pid: number, signals: readonly NodeJS.Signals[]): void {
  const identity = processIdentity(pid);
  const running = (): boolean => isAlive(pid) && processIdentity(pid) === identity;
  for (const signal of signals) {
    if (!running() || !signalTo(pid, signal)) return;
    for (let waited = 0; waited < 5_000 && running(); waited += 10) sleep(10);
  }
}

function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // it has ended, or is not ours to end
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** A dying process may still write a last file. */
function remove(root: string): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
