import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processIdentity } from '../../src/platform/database/owner-lock.ts';
import { createBench, databaseProcesses, type Instance, until } from '../support/instance.ts';
import { expectCleanLog, faultsIn } from '../support/log-lines.ts';

const bench = createBench();
afterAll(() => bench.close());

const health = async (instance: Instance, name: 'live' | 'ready') => {
  const answer = await fetch(new URL(`/health/${name}`, instance.consoleUrl));
  return { status: answer.status, body: await answer.json() };
};

describe('starting and stopping', () => {
  const home = bench.home();
  let first: Instance;

  beforeAll(async () => {
    first = await bench.start(home, {}, { by: 'bootstrap' });
  });

  it('prints addresses that answer, and the set-up link', async () => {
    expect(first.stdout()).toContain('Sandbox mode');
    expect(first.setupToken).toMatch(/^[\w-]{40,}$/);
    expect(await health(first, 'live')).toEqual({ status: 200, body: { status: 'ok', checks: {} } });
    expect((await health(first, 'ready')).body).toEqual({
      status: 'ok',
      checks: { database: true, storage: true },
    });
    const page = await fetch(new URL('/setup', first.consoleUrl));
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    const portal = await fetch(first.portalUrl);
    expect(portal.status).toBe(200);
    expect(await portal.text()).toContain('<form');
    const metrics = await (await fetch(new URL('/metrics', first.consoleUrl))).text();
    expect(metrics).toMatch(/^sealpost_sandbox 1$/m);
    const document = await fetch(new URL('/v1/openapi.json', first.consoleUrl));
    expect(await document.json()).toMatchObject({ openapi: '3.1.0' });
  });

  it('says so when the home is in use, and ends with an error', async () => {
    const second = await bench.run(home, ['start']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      /^sealpost: Sealpost is already running from this home directory \(process \d+\)\.$/m,
    );
    expect((await health(first, 'ready')).status).toBe(200);
  });

  it('ends in order on Ctrl-C: no process is left, exit code 0', async () => {
    expect(databaseProcesses(home).length).toBeGreaterThan(1);
    expect(await first.stop('SIGINT')).toBe(0);
    expect(first.stdout()).toContain('Stopped.');
    expect(databaseProcesses(home)).toEqual([]);
    expect(faultsIn(first.log())).toEqual([]);
  });

  it('starts again in seconds, installs nothing, and stops on SIGTERM', async () => {
    const again = await bench.start(home, {}, { by: 'bootstrap' });
    const printed = Number(/ready \((\d+) ms\)/.exec(again.stdout())?.[1]);
    console.log(`second start: ${Math.round(again.readyMs)} ms by the clock, ${printed} ms as printed`);
    expect(again.installed()).toBe(false);
    // 3 s on a quiet machine; tests share theirs.
    expect(again.readyMs).toBeLessThan(10_000);
    expectCleanLog(again.log(), []);
    expect(await again.stop('SIGTERM')).toBe(0);
    expect(databaseProcesses(home)).toEqual([]);
  });

  it('adopts or ends the database that kill -9 left behind, and stops it at the end', async () => {
    const killed = await bench.start(home);
    await killed.kill();
    expect(databaseProcesses(home).length).toBeGreaterThan(0);
    const next = await bench.start(home);
    expect((await health(next, 'ready')).status).toBe(200);
    expect(next.log()).toContain('"code":"database.adopted"');
    expect(await next.stop()).toBe(0);
    expect(databaseProcesses(home)).toEqual([]);
  });

  it('ends when the process that started it is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').fork(process.argv[1], ['start'], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
         child.stdout.on('data', (text) => { if (String(text).includes('is ready')) console.log(child.pid); });`,
        fileURLToPath(new URL('../../src/main.ts', import.meta.url)),
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: '/usr/bin:/bin',
          SEALPOST_HOME: home,
          SEALPOST_HTTP_PORT: '0',
          SEALPOST_PORTAL_PORT: '0',
          SEALPOST_SUBMISSION_PORT: '0',
          SEALPOST_SUBMISSIONS_PORT: '0',
        },
      },
    );
    const [text]: unknown[] = await once(parent.stdout, 'data');
    const pid = Number(String(text));
    expect(pid).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    // Nobody may reap what is left of it, so its entry alone does not count as life.
    const over = () => processIdentity(pid) === undefined && databaseProcesses(home).length === 0;
    await until(over, 60_000, 'the end');
  });
});

describe('a start that must not happen', () => {
  const home = bench.home();
  const rootKey = join(home, 'keys', 'root.key');

  beforeAll(async () => {
    const instance = await bench.start(home);
    expect(await instance.stop()).toBe(0);
  });

  const refused = async (settings: Record<string, string> = {}, args: readonly string[] = []) => {
    const ended = await bench.run(home, ['start', ...args], settings);
    expect(ended.code).not.toBe(0);
    expect(ended.stdout).not.toContain('is ready');
    expect(databaseProcesses(home)).toEqual([]);
    return ended.stderr
      .split('\n')
      .filter((line) => line.startsWith('sealpost: '))
      .join('\n');
  };

  it('does not go on without the root key, and makes no new one', async () => {
    const aside = `${rootKey}.aside`;
    renameSync(rootKey, aside);
    const before = readdirSync(join(home, 'keys')).sort();
    expect(await refused()).toMatch(/root key/i);
    expect(readdirSync(join(home, 'keys')).sort()).toEqual(before);
    expect(existsSync(rootKey)).toBe(false);
    renameSync(aside, rootKey);
  });

  it('does not go on with another root key', async () => {
    const right = readFileSync(rootKey);
    const other = bench.home();
    const instance = await bench.start(other);
    await instance.stop();
    writeFileSync(rootKey, readFileSync(join(other, 'keys', 'root.key')), { mode: 0o600 });
    expect(await refused()).toMatch(/root key/i);
    writeFileSync(rootKey, right, { mode: 0o600 });
  });

  it('does not go on with a root key that others can read', async () => {
    const { chmodSync } = await import('node:fs');
    chmodSync(rootKey, 0o644);
    expect(await refused()).toMatch(/0600|only its owner|permission/i);
    chmodSync(rootKey, 0o600);
  });

  it('refuses settings and words that it does not know', async () => {
    expect(await refused({ SEALPOST_HTPP_PORT: '8480' })).toBe(
      'sealpost: SEALPOST_HTPP_PORT: is not a setting of Sealpost',
    );
    expect(await refused({ SEALPOST_HTTP_PORT: 'http' })).toMatch(/^sealpost: SEALPOST_HTTP_PORT: /);
    expect(await refused({ SEALPOST_DNS: 'resolver' })).toMatch(/^sealpost: SEALPOST_DNS: /);
    expect(await refused({}, ['--role', 'api'])).toMatch(/^sealpost: start takes --roles/);
    expect(await refused({}, ['--roles', 'api,cook'])).toMatch(/^sealpost: SEALPOST_ROLES: /);
  });

  it('names the port that is in use, and the setting', async () => {
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? String(address.port) : '';
    try {
      for (const setting of ['SEALPOST_HTTP_PORT', 'SEALPOST_PORTAL_PORT', 'SEALPOST_SUBMISSIONS_PORT']) {
        const text = await refused({ [setting]: port });
        expect(text).toContain(`port ${port} on 127.0.0.1 is in use`);
        expect(text).toContain(setting);
      }
    } finally {
      taken.close();
    }
  });

  it('says when an external database cannot be reached', async () => {
    expect(await refused({ DATABASE_URL: 'postgres://sealpost@127.0.0.1:9/sealpost' })).toMatch(
      /^sealpost: the database cannot be reached \(.+\)\. Check DATABASE_URL/,
    );
  });

  it('starts again after all that', async () => {
    const instance = await bench.start(home);
    expect((await health(instance, 'ready')).status).toBe(200);
    expect(await instance.stop()).toBe(0);
  });
});
