import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

interface Stat {
  readonly parent: number;
  /** User and system time of the process and of its ended and awaited children, in ticks. */
  readonly ticks: number;
}

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; fields are counted after it (proc(5)).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return null; // ended meanwhile; its parent has its time
  }
}

/** A process and everything below it. */
export function treeOf(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const stat = statOf(pid);
    if (stat === null) continue;
    const list = children.get(stat.parent);
    if (list === undefined) children.set(stat.parent, [pid]);
    else list.push(pid);
  }
  const found: number[] = [];
  const walk = (pid: number): void => {
    if (found.includes(pid)) return;
    found.push(pid);
    for (const child of children.get(pid) ?? []) walk(child);
  };
  for (const root of roots) walk(root);
  return found.filter((pid) => existsSync(`/proc/${pid}`));
}

/**
 * Processor seconds that a tree has used: own time of each living process plus that of the children it has awaited.
 * A process that ends between two readings is in its parent's sum, so differences are exact to a tick a process.
 */
export function cpuSeconds(roots: readonly number[]): number {
  return treeOf(roots).reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0), 0) / TICKS;
}

/** The same by program name, to see who uses it. */
export function cpuByName(roots: readonly number[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const pid of treeOf(roots)) {
    const name = nameOf(pid);
    sums.set(name, (sums.get(name) ?? 0) + (statOf(pid)?.ticks ?? 0) / TICKS);
  }
  return sums;
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'ended';
  }
}

/** Proportional set size of a tree in megabytes: pages that processes share are counted once, in parts. */
export function memoryMb(roots: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of treeOf(roots)) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
    } catch {
      kilobytes += 0; // ended meanwhile
    }
  }
  return kilobytes / 1024;
}

/**
 * Samples the memory of a tree until stopped; the peak is what counts. A look costs the kernel a walk over every page
 * of every process (5 % of two cores at two looks a second), so there are few.
 */
export class MemoryWatch {
  peakMb = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(roots: readonly number[], everyMs = 2_000) {
    const look = (): void => {
      this.peakMb = Math.max(this.peakMb, memoryMb(roots));
    };
    look();
    this.#timer = setInterval(look, everyMs);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.peakMb;
  }
}
