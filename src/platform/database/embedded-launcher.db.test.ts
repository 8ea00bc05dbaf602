import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#platform/runtime';
import {
  borrowEmbedded,
  type EmbeddedServer,
  startEmbedded,
  WrongMajorVersion,
} from './embedded-launcher.ts';
import { serverFiles } from './embedded-settings.ts';
import { connectOwner } from './owner-connection.ts';
import { AlreadyRunning, livingOwner } from './owner-lock.ts';
import { openDatabase } from './pool.ts';
import { findPostmaster, isAlive } from './postmaster.ts';

const asRoot = process.getuid?.() === 0;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('embedded PostgreSQL', () => {
  let parent: string;
  let running: EmbeddedServer[];
  const homeIn = (root: string) => ({ root, data: join(root, 'data'), run: join(root, 'run') });
  const start = async (root: string): Promise<EmbeddedServer> => {
    const server = await startEmbedded({ home: homeIn(root), volatile: true, logger: silentLogger });
    running.push(server);
    return server;
  };
  const answer = async (url: string): Promise<unknown> => {
    const connection = await connectOwner(url);
    try {
      return (await connection.query<{ one: number }>('select 1 as one'))[0]?.one;
    } finally {
      await connection.close();
    }
  };

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'sealpost-launcher-'));
    chmodSync(parent, 0o755);
    running = [];
  });
  afterEach(async () => {
    for (const server of running) await server.stop();
    rmSync(parent, { recursive: true, force: true });
  });

  it('starts fresh, keeps its data over a restart, and leaves nothing running', async () => {
    const root = join(parent, 'home');
    const first = await start(root);
    const connection = await connectOwner(first.url);
    const [collation] = await connection.query(
      "select datlocprovider::text as provider, datlocale::text as locale from pg_database where datname = 'sealpost'",
    );
    const [settings] = await connection.query(
      "select current_setting('listen_addresses') as tcp, current_setting('data_checksums') as checksums, current_user::text as who, current_setting('is_superuser') as super",
    );
    await connection.script('set role sealpost_owner; create table public.kept as select 42 as n');
    await connection.close();
    expect(collation).toEqual({ provider: 'b', locale: 'C.UTF-8' });
    expect(settings).toEqual({ tcp: '', checksums: 'on', who: 'sealpost', super: 'off' });
    expect(livingOwner(join(root, 'run'))).toBe(process.pid);
    const pid = first.pid();
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    expect(livingOwner(join(root, 'run'))).toBeUndefined();

    const second = await start(root);
    expect(second.adopted).toBe(false);
    const again = await connectOwner(second.url);
    await again.script('set role sealpost_owner');
    expect(await again.query('select n from public.kept')).toEqual([{ n: 42 }]);
    await again.close();
  });

  it('says that the home is in use, and lends the running server to short commands', async () => {
    const root = join(parent, 'home');
    const server = await start(root);
    await expect(startEmbedded({ home: homeIn(root) })).rejects.toThrow(AlreadyRunning);
    const borrowed = await borrowEmbedded({ home: homeIn(root) });
    expect(await answer(borrowed.url)).toBe(1);
    await borrowed.stop();
    expect(isAlive(server.pid())).toBe(true);
  });

  it('starts the postmaster again when it is killed, and the pool finds its way back', async () => {
    const server = await start(join(parent, 'home'));
    const database = openDatabase({ url: server.url });
    try {
      expect(await database.ping()).toBe(true);
      const killed = server.pid();
      process.kill(killed, 'SIGKILL');
      const until = performance.now() + 20_000;
      while ((server.pid() === killed || !(await database.ping(500))) && performance.now() < until)
        await wait(20);
      expect(server.pid()).not.toBe(killed);
      expect(await database.system('app', (tx) => tx.one({ text: 'select 1 as one' }))).toEqual({ one: 1 });
    } finally {
      await database.close();
    }
  });

  /** Starts the server from a process of its own and kills that: what `kill -9` leaves behind. */
  const startAndKill = async (root: string): Promise<number> => {
    const script = `
      import { startEmbedded } from ${JSON.stringify(new URL('./embedded-launcher.ts', import.meta.url).href)};
      const root = ${JSON.stringify(root)};
      const home = { root, data: root + '/data', run: root + '/run' };
      console.log((await startEmbedded({ home, volatile: true })).pid());
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    return Number(String(line));
  };

  it('adopts what a killed owner left running', async () => {
    const root = join(parent, 'home');
    const pid = await startAndKill(root);
    expect(isAlive(pid)).toBe(true);
    const adopted = await start(root);
    expect([adopted.adopted, adopted.pid()]).toEqual([true, pid]);
    expect(await answer(adopted.url)).toBe(1);
    process.kill(pid, 'SIGKILL'); // adopted or not, it is watched
    const database = openDatabase({ url: adopted.url });
    const until = performance.now() + 20_000;
    while ((adopted.pid() === pid || !(await database.ping(500))) && performance.now() < until)
      await wait(20);
    expect(await database.ping()).toBe(true);
    await database.close();
    await adopted.stop();
    expect(isAlive(adopted.pid())).toBe(false);
  });

  it('is not hit by a Ctrl-C, which reaches the whole group of its owner', async () => {
    const root = join(parent, 'home');
    const script = `
      import { startEmbedded } from ${JSON.stringify(new URL('./embedded-launcher.ts', import.meta.url).href)};
      import { connectOwner } from ${JSON.stringify(new URL('./owner-connection.ts', import.meta.url).href)};
      const root = ${JSON.stringify(root)};
      const server = await startEmbedded({ home: { root, data: root + '/data', run: root + '/run' }, volatile: true });
      process.once('SIGINT', async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        const connection = await connectOwner(server.url); // work that has to be ended first
        console.log(JSON.stringify(await connection.query('select 1 as one')));
        await connection.close();
        await server.stop();
        process.exit(0);
      });
      console.log('ready');
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      detached: true, // a group of its own, as a shell gives to a foreground job
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const pid = findPostmaster(join(root, 'data', 'postgresql'));
    if (pid === undefined || child.pid === undefined) throw new Error('nothing was started');
    process.kill(-child.pid, 'SIGINT');
    const [told] = await once(child.stdout, 'data');
    expect(String(told)).toContain('[{"one":1}]');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(isAlive(pid)).toBe(false);
  });

  it('ends what a killed owner left running with other settings, and starts its own', async () => {
    const root = join(parent, 'home');
    const pid = await startAndKill(root);
    const own = await startEmbedded({ home: homeIn(root), volatile: false, logger: silentLogger });
    running.push(own);
    expect(own.adopted).toBe(false);
    expect(isAlive(pid)).toBe(false);
    expect(await answer(own.url)).toBe(1);
  });

  it('starts over a stale pid file, also when its number is another process now', async () => {
    const root = join(parent, 'home');
    const first = await start(root);
    const pidFile = join(root, 'data', 'postgresql', 'postmaster.pid');
    const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n');
    await first.stop();
    // Number of a living process that is no postmaster; the server's account could signal process 1 no more than we.
    writeFileSync(pidFile, [String(process.ppid), ...rest].join('\n'));
    expect(findPostmaster(join(root, 'data', 'postgresql'))).toBeUndefined();
    const second = await start(root);
    expect(await answer(second.url)).toBe(1);
  });

  it('starts over an initdb that was interrupted', async () => {
    const root = join(parent, 'home');
    mkdirSync(join(root, 'data', 'postgresql.new', 'base'), { recursive: true });
    expect(await answer((await start(root)).url)).toBe(1);
    expect(existsSync(join(root, 'data', 'postgresql.new'))).toBe(false);
  });

  it('refuses data of another major version, says how to move them, and changes nothing', async () => {
    const root = join(parent, 'home');
    await (await start(root)).stop();
    const version = join(root, 'data', 'postgresql', 'PG_VERSION');
    writeFileSync(version, '17\n');
    const before = statSync(join(root, 'data', 'postgresql', 'postgresql.conf')).mtimeMs;
    await expect(start(root)).rejects.toThrow(WrongMajorVersion);
    await expect(start(root)).rejects.toThrow('sealpost database move');
    expect(statSync(join(root, 'data', 'postgresql', 'postgresql.conf')).mtimeMs).toBe(before);
    expect(livingOwner(join(root, 'run'))).toBeUndefined();
  });

  it('works below a directory that is closed to others, with its data in a place that it names', async (context) => {
    if (!asRoot) context.skip('only root runs PostgreSQL under another account');
    const closed = join(parent, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const root = join(closed, 'home');
    const server = await start(root);
    expect(await answer(server.url)).toBe(1);
    const pointer = join(root, 'data', 'postgresql.path');
    const base = readFileSync(pointer, 'utf8').trim();
    try {
      await server.stop();
      const again = await start(root);
      expect(await answer(again.url)).toBe(1);
      await again.stop();
      expect(readFileSync(pointer, 'utf8').trim()).toBe(base);
      // A copy of the home must not run on the original's data.
      const copy = join(closed, 'copy');
      mkdirSync(join(copy, 'data'), { recursive: true });
      writeFileSync(join(copy, 'data', 'postgresql.path'), `${base}\n`);
      await expect(start(copy)).rejects.toThrow('looks like a copy');
    } finally {
      for (const server of running) await server.stop();
      rmSync(base, { recursive: true, force: true });
    }
  });

  it('finds a short place for its socket when the home path is long', async () => {
    const root = join(parent, 'a'.repeat(100), 'home');
    const server = await start(root);
    expect(await answer(server.url)).toBe(1);
    const socket = new URL(server.url).searchParams.get('host') ?? '';
    expect(Buffer.byteLength(join(socket, '.s.PGSQL.5432'))).toBeLessThan(100);
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    await server.stop();
    expect(existsSync(socket)).toBe(false);
  });

  it('writes no statement, parameter or error detail into the log of the server', async () => {
    const root = join(parent, 'home');
    const server = await start(root);
    const connection = await connectOwner(server.url);
    const canary = 'canary-5d1f';
    await connection.query('select $1::int', [canary]).catch(() => undefined);
    await connection.query(`select '${canary}'::int`).catch(() => undefined);
    await connection.script(
      `set role sealpost_owner; create table public.u (t text unique); insert into public.u values ('${canary}')`,
    );
    await connection.query('insert into public.u values ($1)', [canary]).catch(() => undefined);
    await connection.close();
    await server.stop();
    const log = readFileSync(join(root, 'run', 'postgresql.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain(canary);
  });

  it('is durable by default', () => {
    const conf = serverFiles({ socketDirectory: "/it's", client: 'root', major: 18, volatile: false })[
      'postgresql.conf'
    ];
    for (const line of ['fsync = on', 'synchronous_commit = on', 'full_page_writes = on', "'/it''s'"]) {
      expect(conf).toContain(line);
    }
  });
});
