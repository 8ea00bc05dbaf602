import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/platform/database/postmaster.ts';

const PROGRAM = fileURLToPath(new URL('./scratch-process.ts', import.meta.url));

interface Begun {
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly root: string;
  /** Null for a command that has no database. */
  readonly postmaster: number | null;
}

let base: string;
const started: Begun[] = [];

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'sealpost-test-scratch-'));
});
afterEach(() => {
  for (const { child, postmaster } of started.splice(0)) {
    child.kill('SIGKILL');
    if (runs(postmaster)) process.kill(postmaster ?? 0, 'SIGKILL');
  }
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

function launch(...args: readonly string[]): Pick<Begun, 'child' | 'ended'> {
  const child = fork(PROGRAM, [base, ...args], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  );
  return { child, ended };
}

const runs = (pid: number | null): boolean => pid !== null && isAlive(pid);

async function begin(...args: readonly string[]): Promise<Begun> {
  const { child, ended } = launch(...args);
  const said = new Promise<Pick<Begun, 'root' | 'postmaster'>>((resolve) =>
    child.once('message', (message: Pick<Begun, 'root' | 'postmaster'>) => resolve(message)),
  );
  const place = await Promise.race([said, ended.then(() => null)]);
  if (place === null) throw new Error('the command did not start');
  const begun = { child, ended, ...place };
  started.push(begun);
  expect(runs(begun.postmaster)).toBe(args.length === 0);
  return begun;
}

/** Runs the command once more, to its end. */
const again = async (): Promise<void> => expect(await launch('only-sweep').ended).toBe(0);

describe('a command that is ended', () => {
  it('by SIGTERM ends its database server and leaves nothing', async () => {
    const begun = await begin();
    begun.child.kill('SIGTERM');
    expect(await begun.ended).toBe(143);
    expect(runs(begun.postmaster)).toBe(false);
    expect(existsSync(begun.root)).toBe(false);
  }, 20_000);

  it.each<[string, (child: ChildProcess) => unknown]>([
    ['by SIGINT', (child) => child.kill('SIGINT')],
    ['by SIGHUP', (child) => child.kill('SIGHUP')],
    ['because whoever started it is gone', (child) => child.disconnect()],
  ])(
    '%s goes the same way',
    async (_name, endIt) => {
      const begun = await begin('without-database');
      endIt(begun.child);
      expect(await begun.ended).toBeGreaterThan(0);
      expect(existsSync(begun.root)).toBe(false);
    },
    20_000,
  );

  it('by SIGKILL leaves an orphan that the next run ends, and no other run, place or process', async () => {
    const [killed, living] = [await begin(), await begin('without-database')];
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(runs(killed.postmaster)).toBe(true);

    // A place whose postmaster.pid names a process that is something else, and one that nobody marked as theirs.
    const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
    const data = join(killed.root, 'b', 'home', 'data', 'postgresql');
    mkdirSync(data, { recursive: true });
    mkdirSync(join(killed.root, 'b', 'home', 'run'));
    writeFileSync(join(data, 'postmaster.pid'), `${bystander.pid}\n${data}\n`);
    const unmarked = join(base, 'sealpost-scratch-test-unmarked');
    mkdirSync(unmarked);

    await again();
    expect(runs(killed.postmaster)).toBe(false);
    expect(existsSync(killed.root)).toBe(false);
    expect(isAlive(living.child.pid ?? 0)).toBe(true);
    expect(existsSync(living.root)).toBe(true);
    expect(isAlive(bystander.pid ?? 0)).toBe(true);
    expect(existsSync(unmarked)).toBe(true);
    bystander.kill();
  }, 20_000);
});
