import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '../../src/platform/runtime/config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'src', 'main.ts');
const BOOTSTRAP = join(ROOT, 'bootstrap.mjs');
const MEMORY = '/dev/shm';
const START_MS = 90_000;
const STOP_MS = 60_000;

export type Settings = Readonly<Record<string, string>>;

/** A finished command. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Sealpost as a process of its own, known by what it prints only. */
export interface Instance {
  readonly pid: number;
  readonly home: string;
  /** From the start of the process to the printed addresses. */
  readonly readyMs: number;
  readonly consoleUrl: string;
  readonly portalUrl: string;
  readonly submission: number;
  readonly submissions: number;
  /** Of the printed set-up link. */
  readonly setupToken: string | null;
  stdout(): string;
  /** What it writes to standard error, without what the bootstrap says before it hands over. */
  log(): string;
  /** Whether the bootstrap installed or built something. */
  installed(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Sends the signal and resolves with the exit code when the process has ended. */
  stop(name?: NodeJS.Signals): Promise<number | null>;
  /** As a power cut would end it, the database excepted. */
  kill(): Promise<void>;
}

/** Homes and processes of one test file; `close` ends and removes all of them. */
export interface Bench {
  /** A new empty home directory, which a PostgreSQL account can pass. */
  home(): string;
  start(home: string, settings?: Settings, options?: StartOptions): Promise<Instance>;
  /** A start that is expected to fail, or any other command. */
  run(home: string, args: readonly string[], settings?: Settings): Promise<Finished>;
  close(): Promise<void>;
}

export interface StartOptions {
  /** `bootstrap` is what `npm start` runs. */
  readonly by?: 'main' | 'bootstrap';
  readonly args?: readonly string[];
}

export function createBench(): Bench {
  const homes: string[] = [];
  const children = new Set<ChildProcess>();
  return {
    home() {
      const home = mkdtempSync(join(base(), 'sealpost-blackbox-'));
      homes.push(home);
      return home;
    },
    start: (home, settings = {}, options = {}) => startInstance(children, home, settings, options),
    run: (home, args, settings = {}) => runCommand(children, home, args, settings),
    async close() {
      for (const child of children) {
        child.kill('SIGTERM');
        await endOf(child, 20_000);
      }
      for (const home of homes) {
        for (const pid of databaseProcesses(home)) killQuietly(pid, 'SIGQUIT');
        await until(() => databaseProcesses(home).length === 0, 10_000).catch(() => undefined);
        rmSync(home, { recursive: true, force: true });
      }
    },
  };
}

/** In memory where there is room: a new database is hundreds of files. */
function base(): string {
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > 2 * 1024 ** 3 ? MEMORY : tmpdir();
}

/** Nothing of Sealpost's in the environment but what the test says; any free port unless it says one. */
function environment(home: string, settings: Settings): Record<string, string> {
  const kept = Object.entries(processEnvironment()).filter(
    ([name, value]) => value !== undefined && !name.startsWith('SEALPOST_') && name !== 'DATABASE_URL',
  );
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [name, value ?? ''])),
    SEALPOST_HOME: home,
    SEALPOST_HTTP_PORT: '0',
    SEALPOST_PORTAL_PORT: '0',
    SEALPOST_SUBMISSION_PORT: '0',
    SEALPOST_SUBMISSIONS_PORT: '0',
    SEALPOST_HEALTH_PORT: '0',
    ...settings,
  };
}

function spawnNode(args: readonly string[], home: string, settings: Settings): ChildProcess {
  return spawn(process.execPath, [...args], {
    cwd: ROOT,
    env: environment(home, settings),
    // The channel ends the process when this one dies.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

function collected(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: string[] = [];
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => chunks.push(text));
  return () => chunks.join('');
}

async function startInstance(
  children: Set<ChildProcess>,
  home: string,
  settings: Settings,
  { by = 'main', args = [] }: StartOptions,
): Promise<Instance> {
  const began = performance.now();
  const child = spawnNode([by === 'main' ? MAIN : BOOTSTRAP, 'start', ...args], home, settings);
  children.add(child);
  child.once('exit', () => children.delete(child));
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  await until(() => /Data and keys .*\n/.test(stdout()) || child.exitCode !== null, START_MS);
  if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${stdout()}${stderr()}`);
  const readyMs = performance.now() - began;
  const port = (pattern: RegExp) => Number(pattern.exec(stdout())?.[1] ?? 0);
  return {
    pid: child.pid ?? 0,
    home,
    readyMs,
    consoleUrl: addressIn(stdout(), 'Console and API'),
    portalUrl: addressIn(stdout(), 'Recipients portal'),
    submission: port(/SMTP submission +port (\d+) \(STARTTLS\)/),
    submissions: port(/, (\d+) \(TLS\)/),
    setupToken: /\/setup#(\S+)/.exec(stdout())?.[1] ?? null,
    stdout,
    log: () => (by === 'bootstrap' ? stderr().slice(Math.max(0, stderr().search(/^\{/m))) : stderr()),
    installed: () => /^(?:Installing|Building) /m.test(stderr()),
    signal: (name) => void child.kill(name),
    async stop(name = 'SIGTERM') {
      child.kill(name);
      return endOf(child, STOP_MS);
    },
    async kill() {
      child.kill('SIGKILL');
      await endOf(child, 10_000);
    },
  };
}

/** Where it really listens when that is told apart from the public address. */
function addressIn(text: string, label: string): string {
  const line = new RegExp(`${label} +(\\S+)(?: +listening on (\\S+))?`).exec(text);
  return line?.[2] ?? line?.[1] ?? '';
}

async function runCommand(
  children: Set<ChildProcess>,
  home: string,
  args: readonly string[],
  settings: Settings,
): Promise<Finished> {
  const began = performance.now();
  const child = spawnNode([MAIN, ...args], home, settings);
  children.add(child);
  child.once('exit', () => children.delete(child));
  const stdout = collected(child.stdout);
  const stderr = collected(child.stderr);
  const code = await endOf(child, START_MS);
  return { code: code ?? -1, stdout: stdout(), stderr: stderr(), durationMs: performance.now() - began };
}

/** Exit code, null for a signal; kills what does not end in time, which fails the test that waits. */
async function endOf(child: ChildProcess, timeoutMs: number): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await new Promise<void>((resolve) => child.once('close', () => resolve()));
    clearTimeout(timer);
  }
  return child.exitCode;
}

/** Every process that works inside the home's database directory: the postmaster and its children. */
export function databaseProcesses(home: string): number[] {
  const inside = join(home, 'data', 'postgresql');
  if (!existsSync(inside)) return [];
  const data = realpathSync(inside);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === data;
      } catch {
        return false; // it has ended, or is not ours to look at
      }
    });
}

function killQuietly(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Waits for a condition; throws when it does not come about in time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  what = 'a condition',
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what} did not come about within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
