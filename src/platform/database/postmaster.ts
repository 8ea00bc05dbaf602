import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { processIdentity } from './owner-lock.ts';
import { replaceFile } from './replace-file.ts';

/**
 * The living postmaster of a data directory, by its postmaster.pid. A process with that number that is something else
 * (numbers are used again, most of all in containers) does not count.
 */
export function findPostmaster(data: string): number | undefined {
  const pid = recordedPid(data);
  if (pid === undefined || processIdentity(pid) === undefined) return undefined;
  return serves(pid, data) ? pid : undefined;
}

export function isAlive(pid: number): boolean {
  return processIdentity(pid) !== undefined;
}

/**
 * Makes a left-behind postmaster.pid harmless when its number now belongs to another process, which PostgreSQL would
 * take for a living postmaster. The file itself must stay: its other lines name the shared memory by which PostgreSQL
 * finds out whether children of the dead postmaster still write. A postmaster ignores its own parent's number: ours.
 */
export function disarmPidFile(data: string, owner?: { readonly uid: number; readonly gid: number }): void {
  const pid = recordedPid(data);
  if (pid === undefined || !isAlive(pid) || serves(pid, data)) return;
  const path = join(data, 'postmaster.pid');
  const [, ...rest] = readFileSync(path, 'utf8').split('\n');
  replaceFile(path, [String(process.pid), ...rest].join('\n'), 0o600, owner);
}

/** Waits until the process has ended; false when it has not within the time. */
export async function waitForEnd(pid: number, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

/** Ends a postmaster: first "fast" (connections are closed, everything is written), after 30 s "immediate". */
export async function endPostmaster(pid: number): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return; // it has ended
      throw error;
    }
    if (await waitForEnd(pid, patienceMs)) return;
  }
  throw new Error(`PostgreSQL (process ${pid}) does not end.`);
}

function recordedPid(data: string): number | undefined {
  const path = join(data, 'postmaster.pid');
  if (!existsSync(path)) return undefined;
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

/** A postmaster works from inside its data directory. */
function serves(pid: number, data: string): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(data);
  } catch {
    return false; // ended meanwhile, or another user's process: not ours
  }
}
