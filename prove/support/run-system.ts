import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SystemReady, SystemSpec } from './system-spec.ts';

const PROGRAM = fileURLToPath(new URL('./system-process.ts', import.meta.url));

/** A system in a process of its own. */
export interface RunningSystem {
  readonly pid: number;
  readonly ready: SystemReady;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  kill(): Promise<void>;
  /** Drains and ends in order. */
  stop(): Promise<void>;
}

/** Starts a system; null when it ended (was killed, or killed itself) before it served. */
export async function startSystem(
  spec: SystemSpec,
  nodeOptions: readonly string[] = [],
): Promise<RunningSystem | null> {
  const log = spec.logFile === undefined ? 'inherit' : openSync(spec.logFile, 'a', 0o600);
  const child = fork(PROGRAM, [], { execArgv: [...nodeOptions], stdio: ['ignore', log, log, 'ipc'] });
  if (typeof log === 'number') closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<SystemReady>((resolve) =>
    child.once('message', (message: SystemReady) => resolve(message)),
  );
  child.send(spec);
  const answer = await Promise.race([ready, ended]);
  if (answer === undefined) return null;
  return {
    pid: child.pid ?? 0,
    ready: answer,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.send('stop');
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await ended;
  clearTimeout(timer);
}
