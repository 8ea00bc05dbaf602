import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createLogger, describeFault, type Logger } from '#platform/runtime';
import { binariesIn, prepareBinaries, type ServerBinaries } from './embedded-binaries.ts';
import { type EmbeddedPlace, findPlace, type HomeDirectories } from './embedded-place.ts';
import { DATABASE, LOGIN, type ServerFiles, SUPERUSER, serverFiles, socketUrl } from './embedded-settings.ts';
import { clientAccountName } from './embedded-user.ts';
import { DatabaseUnavailable } from './faults.ts';
import { connectOwner } from './owner-connection.ts';
import { claimHome, type OwnerLock } from './owner-lock.ts';
import { disarmPidFile, endPostmaster, findPostmaster, isAlive } from './postmaster.ts';
import { provisionCluster } from './provision.store.ts';
import { replaceFile } from './replace-file.ts';

/** A running embedded server. */
export interface EmbeddedServer {
  /** Where the program connects, as its login. */
  readonly url: string;
  /** The superuser's address, for tests and moves. */
  readonly adminUrl: string;
  /** Number of the postmaster at this moment; changes when it had to be started again. */
  pid(): number;
  /** True when a server that an earlier process left behind was taken over. */
  readonly adopted: boolean;
  /** Writes everything and ends the server (or only lets go of it, when it belongs to another process). */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  readonly home: HomeDirectories;
  readonly logger?: Logger;
  /** Directory of other PostgreSQL programs, for reading a data directory of their major version. */
  readonly binaries?: string;
  /** For throw-away clusters of tests: no flush to disk. */
  readonly volatile?: boolean;
}

/** A data directory that these programs cannot read. The text says what to do. */
export class WrongMajorVersion extends Error {
  override readonly name = 'WrongMajorVersion';
  readonly code = 'WRONG_MAJOR_VERSION';
  constructor(data: string, found: string, ours: number) {
    super(
      `The database files in ${data} were written by PostgreSQL ${found}; this release brings PostgreSQL ${ours}, ` +
        `which cannot read them. Nothing was changed. Move them once with: sealpost database move ` +
        `--from ${dirname(data)} --binaries <bin directory of PostgreSQL ${found}> --to <new home directory or postgres://…>`,
    );
  }
}

/** PostgreSQL's own programs failed. The text names the cause as they told it: it is about files and rights, not data. */
export class DatabaseNotStarted extends Error {
  override readonly name = 'DatabaseNotStarted';
  readonly code = 'DATABASE_NOT_STARTED';
}

const LONGEST_LOG_BYTES = 20 * 1024 * 1024;
const READY_TIMEOUT_MS = 10 * 60_000; // recovery after a crash reads the whole write-ahead log since the last checkpoint
const SHARED_MEMORY_WAIT_MS = 15_000;

/**
 * Starts the embedded server of a home, or adopts the one that a killed process left running. Holds the home until
 * stop(); throws AlreadyRunning while another living process holds it. When the server dies it is started again.
 */
export async function startEmbedded(options: LaunchOptions): Promise<EmbeddedServer> {
  const lock = claimHome(options.home.run);
  try {
    const server = new Supervised(options, lock);
    await server.start();
    return server;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The server of a home for a short command: the running one when there is one, else started for the while. */
export async function borrowEmbedded(options: LaunchOptions): Promise<EmbeddedServer> {
  const place = findPlace(options.home);
  const pid = findPostmaster(place.data);
  if (pid === undefined) return startEmbedded(options);
  return {
    ...addresses(place),
    pid: () => pid,
    adopted: true,
    stop: () => Promise.resolve(),
  };
}

function addresses(place: EmbeddedPlace): { readonly url: string; readonly adminUrl: string } {
  return {
    url: socketUrl(place.socketDirectory, LOGIN, DATABASE),
    adminUrl: socketUrl(place.socketDirectory, SUPERUSER, 'postgres'),
  };
}

class Supervised implements EmbeddedServer {
  readonly url: string;
  readonly adminUrl: string;
  adopted = false;
  readonly #place: EmbeddedPlace;
  readonly #binaries: ServerBinaries;
  readonly #files: ServerFiles;
  readonly #volatile: boolean;
  readonly #logger: Logger;
  readonly #lock: OwnerLock;
  #pid = 0;
  #stopping = false;
  #watch: NodeJS.Timeout | undefined;
  #restarting: Promise<void> | undefined;

  constructor(options: LaunchOptions, lock: OwnerLock) {
    this.#lock = lock;
    this.#logger = options.logger ?? createLogger({ level: 'warn' });
    this.#place = findPlace(options.home);
    this.#binaries =
      options.binaries === undefined
        ? prepareBinaries(this.#place.account, this.#place.shelter)
        : binariesIn(options.binaries);
    this.#volatile = options.volatile ?? false;
    this.#files = serverFiles({
      socketDirectory: this.#place.socketDirectory,
      client: clientAccountName(),
      major: this.#binaries.major,
      volatile: this.#volatile,
    });
    ({ url: this.url, adminUrl: this.adminUrl } = addresses(this.#place));
  }

  pid(): number {
    return this.#pid;
  }

  async start(): Promise<void> {
    const { data } = this.#place;
    if (!existsSync(join(data, 'PG_VERSION'))) this.#initialise();
    const written = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    if (written !== String(this.#binaries.major))
      throw new WrongMajorVersion(data, written, this.#binaries.major);

    const left = findPostmaster(data);
    if (left !== undefined && this.#runsAsWeWould()) {
      this.#pid = left;
      this.adopted = true;
      this.#logger.warn('database.adopted', { pid: left });
      await this.#untilReady(undefined);
    } else {
      if (left !== undefined) await endPostmaster(left);
      await this.#launch();
    }
    const admin = await connectOwner(this.adminUrl);
    try {
      await provisionCluster(admin);
    } finally {
      await admin.close();
    }
    this.#watch = setInterval(() => this.#look(), 200);
    this.#watch.unref();
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#watch);
    await this.#restarting?.catch(() => undefined); // its fault was logged; what runs now is ended below
    const pid = findPostmaster(this.#place.data);
    if (pid !== undefined) await endPostmaster(pid);
    rmSync(this.#place.socketDirectory, { recursive: true, force: true });
    this.#lock.release();
  }

  /** initdb beside the final place and then a rename: a start that was interrupted leaves no half-made cluster. */
  #initialise(): void {
    const { data, account } = this.#place;
    const draft = `${data}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o700 });
    if (account.foreign) chownSync(draft, account.uid, account.gid);
    const settings = [
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--encoding=UTF8',
    ];
    const made = spawnSync(
      this.#binaries.initdb,
      [
        '-D',
        draft,
        '-U',
        SUPERUSER,
        '--auth=peer',
        '--data-checksums',
        '--no-instructions',
        ...settings,
      ].concat(this.#volatile ? ['--no-sync'] : []),
      { ...this.#processOptions(), encoding: 'utf8' },
    );
    if (made.status !== 0) {
      throw new DatabaseNotStarted(
        `PostgreSQL's initdb failed: ${made.error?.message ?? made.stderr.trim()}`,
      );
    }
    renameSync(draft, data);
  }

  #processOptions(): { uid?: number; gid?: number; cwd: string; env: Record<string, string> } {
    const { account } = this.#place;
    return {
      cwd: '/',
      // Nothing of our own environment: it holds secrets.
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      ...(account.foreign ? { uid: account.uid, gid: account.gid } : {}),
    };
  }

  /** Whether what runs was started by the same programs with the same settings: then it can stay. */
  #runsAsWeWould(): boolean {
    const stamp = join(this.#place.run, 'postgresql.stamp');
    return existsSync(stamp) && readFileSync(stamp, 'utf8') === this.#stamp();
  }

  #stamp(): string {
    return `${this.#binaries.postgres}\n${this.#binaries.version}\n${Object.values(this.#files).join('\n')}`;
  }

  /** Starts the postmaster and waits for it. While children of a killed one still hold its memory, tries again. */
  async #launch(): Promise<void> {
    const { data, account, socketDirectory, run } = this.#place;
    const owner = account.foreign ? account : undefined;
    for (const [name, text] of Object.entries(this.#files)) replaceFile(join(data, name), text, 0o600, owner);
    replaceFile(join(run, 'postgresql.stamp'), this.#stamp(), 0o600);
    disarmPidFile(data, owner);
    for (const name of ['.s.PGSQL.5432', '.s.PGSQL.5432.lock'])
      rmSync(join(socketDirectory, name), { force: true });

    const giveUpAt = performance.now() + SHARED_MEMORY_WAIT_MS;
    for (;;) {
      const child = this.#spawn();
      if (await this.#untilReady(child)) {
        this.#logger.info('database.started', { pid: this.#pid, version: this.#binaries.version });
        return;
      }
      if (performance.now() > giveUpAt || this.#stopping) {
        throw new DatabaseNotStarted(
          `PostgreSQL did not start. Its log (${this.#place.log}) ends with: ${this.#lastLines()}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  #spawn(): ChildProcess {
    const log = openLog(this.#place.log);
    try {
      const child = spawn(this.#binaries.postgres, ['-D', this.#place.data], {
        ...this.#processOptions(),
        // A group of its own: Ctrl-C reaches us only, and we end the server when our own work has ended.
        detached: true,
        stdio: ['ignore', log, log],
      });
      child.on('error', (error) => this.#logger.error('database.spawn-failed', describeFault(error)));
      child.unref();
      this.#pid = child.pid ?? 0;
      return child;
    } finally {
      closeSync(log);
    }
  }

  /** True when it answers; false when the child has ended before. */
  async #untilReady(child: ChildProcess | undefined): Promise<boolean> {
    const giveUpAt = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      try {
        const connection = await connectOwner(this.adminUrl, 2000);
        await connection.close();
        return true;
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        if (
          child !== undefined &&
          (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
        ) {
          return false;
        }
        if (child === undefined && !isAlive(this.#pid)) throw error;
        if (performance.now() > giveUpAt) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  #lastLines(): string {
    return existsSync(this.#place.log)
      ? readFileSync(this.#place.log, 'utf8').trim().split('\n').slice(-3).join(' | ')
      : '';
  }

  #look(): void {
    if (this.#stopping || this.#restarting !== undefined) return;
    if (isAlive(this.#pid)) {
      boundLog(this.#place.log);
      return;
    }
    const another = findPostmaster(this.#place.data);
    if (another !== undefined) {
      this.#pid = another; // started by hand meanwhile: to be watched, not to be fought
      return;
    }
    this.#logger.error('database.died', { pid: this.#pid });
    this.#restarting = this.#launch()
      .catch((error: unknown) => this.#logger.error('database.restart-failed', describeFault(error)))
      .finally(() => {
        this.#restarting = undefined; // the next look tries again when it failed
      });
  }
}

function openLog(path: string): number {
  if (existsSync(path)) boundLog(path);
  return openSync(path, 'a', 0o600);
}

/** The log is for the last trouble, not for history: it starts anew when it has grown large. */
function boundLog(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  try {
    if (fstatSync(file).size > LONGEST_LOG_BYTES) ftruncateSync(file);
  } finally {
    closeSync(file);
  }
}
