import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another living process runs this home. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning';
  readonly code = 'ALREADY_RUNNING';
  readonly pid: number;
  constructor(pid: number) {
    super(`Sealpost is already running from this home directory (process ${pid}).`);
    this.pid = pid;
  }
}

export interface OwnerLock {
  /** Gives the home free. */
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly identity: string;
}

/**
 * What tells a living process from a later one with the same number: its start time. Undefined when there is no such
 * process, or only its unreaped remains (a container's first process may never reap).
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    } catch {
      return undefined; // no such process
    }
  }
  try {
    const started = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim();
    return started === '' || started.startsWith('Z') ? undefined : started.replace(/^\S+\s+/, '');
  } catch {
    return undefined; // ps ends with 1 when there is no such process
  }
}

/** The living owner of a home, if any. `run` is the home's run directory. */
export function livingOwner(run: string): number | undefined {
  const owner = readOwner(join(run, 'owner.json'));
  return owner !== undefined && processIdentity(owner.pid) === owner.identity ? owner.pid : undefined;
}

/** Claims a home for this process. Throws AlreadyRunning while a living process holds it. */
export function claimHome(run: string): OwnerLock {
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const path = join(run, 'owner.json');
  const mine: Owner = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(draft, path); // fails when it exists: of two that start at once, one wins
        break;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
        const living = livingOwner(run);
        if (living !== undefined) throw new AlreadyRunning(living);
        rmSync(path, { force: true });
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release() {
      const owner = readOwner(path);
      if (owner?.pid === mine.pid && owner.identity === mine.identity) rmSync(path, { force: true });
    },
  };
}

function readOwner(path: string): Owner | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed) || !('identity' in parsed))
      return undefined;
    const { pid, identity } = parsed;
    return typeof pid === 'number' && typeof identity === 'string' ? { pid, identity } : undefined;
  } catch {
    return undefined; // missing or cut off: nobody owns it
  }
}
