import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnvironment } from '#platform/runtime';

const PROGRAM = fileURLToPath(new URL('./canary-process.ts', import.meta.url));

export interface CanarySpec {
  readonly home: string;
  readonly log: string;
  /** The field whose sealing is left out, for the control. */
  readonly leaveClear: string | null;
}

export interface CanaryReady {
  readonly setupLink: string | null;
  readonly ports: {
    readonly http: number | null;
    readonly portal: number | null;
    readonly submission: number | null;
    readonly submissions: number | null;
  };
  readonly adminUrl: string;
  readonly postmaster: number | null;
}

export interface CanarySystem extends CanaryReady {
  readonly apiUrl: string;
  readonly portalUrl: string;
  stop(): Promise<void>;
  /** Ends the process and its database server with SIGKILL. */
  kill(): Promise<void>;
}

/** Starts a whole installation below `root`: its home, its log, its output and its temporary files all stand there. */
export async function startCanary(root: string, leaveClear: string | null): Promise<CanarySystem> {
  const places = { home: join(root, 'home'), temp: join(root, 'tmp'), output: join(root, 'output.txt') };
  mkdirSync(places.temp, { recursive: true });
  // As a system's own: a server that runs as another user puts its socket there.
  chmodSync(places.temp, 0o1777);
  const output = openSync(places.output, 'a');
  const child = fork(PROGRAM, [], {
    stdio: ['ignore', output, output, 'ipc'],
    env: { PATH: processEnvironment().PATH, TMPDIR: places.temp, LANG: 'C.UTF-8' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ready = new Promise<CanaryReady>((resolve) =>
    child.once('message', (message: CanaryReady) => resolve(message)),
  );
  const spec: CanarySpec = { home: places.home, log: join(root, 'log.jsonl'), leaveClear };
  child.send(spec);
  const answer = await Promise.race([ready, ended]);
  if (answer === undefined)
    throw new Error(`the installation did not start: ${readFileSync(places.output, 'utf8').slice(-2_000)}`);
  return {
    ...answer,
    apiUrl: `http://127.0.0.1:${answer.ports.http}`,
    portalUrl: `http://127.0.0.1:${answer.ports.portal}`,
    stop: () => stop(child, ended),
    async kill() {
      child.kill('SIGKILL');
      if (answer.postmaster !== null) process.kill(answer.postmaster, 'SIGKILL');
      await ended;
      // The server's own children notice within moments; until then they may still write.
      await new Promise((resolve) => setTimeout(resolve, 500));
    },
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.connected) child.send('stop');
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await ended;
  clearTimeout(timer);
}
