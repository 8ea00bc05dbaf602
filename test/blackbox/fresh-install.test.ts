import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a fresh clone holds: the files that git would. */
function cloneInto(directory: string): void {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  for (const path of listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    cpSync(join(root, path), join(directory, path));
  }
}

interface LockEntry {
  readonly version?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('a fresh clone', () => {
  let parent: string;
  let clone: string;

  beforeAll(() => {
    parent = mkdtempSync(join(tmpdir(), 'sealpost-fresh-')); // 0700: the server's account cannot pass it
    clone = join(parent, 'clone');
    mkdirSync(clone);
    cloneInto(clone);
  });
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  it('has a lock file that is complete and names no download addresses', () => {
    const lock: { readonly packages: Readonly<Record<string, LockEntry>> } = JSON.parse(
      readFileSync(join(clone, 'package-lock.json'), 'utf8'),
    );
    const paths = Object.keys(lock.packages);
    for (const [path, entry] of Object.entries(lock.packages)) {
      if (entry.link === true || path === '') continue;
      expect(entry.resolved, path).toBeUndefined();
      if (path.startsWith('node_modules/')) expect(entry.version, path).toMatch(/^\d/);
      // npm ci refuses a lock that lacks another system's optional binaries.
      for (const name of Object.keys(entry.optionalDependencies ?? {})) {
        expect(
          paths.some((known) => known.endsWith(`node_modules/${name}`)),
          `${name} of ${path}`,
        ).toBe(true);
      }
    }
  });

  it('yields Node 24 and a running PostgreSQL by npm ci --ignore-scripts alone, also below a closed directory', () => {
    const installed = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: clone,
      encoding: 'utf8',
    });
    expect(installed.status, installed.stderr).toBe(0);
    const bin = join(clone, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
    const node = existsSync(bin) ? bin : process.execPath;
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(/^v(2[4-9]|[3-9]\d)\./);

    const script = join(clone, 'try.ts');
    writeFileSync(
      script,
      `import { rmSync } from 'node:fs';
       import { migrate, openDatabase, startEmbedded } from '#platform/database';
       import { createLogger, loadConfig } from '#platform/runtime';
       const config = loadConfig({ SEALPOST_HOME: ${JSON.stringify(join(parent, 'home'))} });
       const server = await startEmbedded({ home: config.home, logger: createLogger({ level: 'error' }) });
       const report = await migrate({ url: server.url });
       const database = openDatabase({ url: server.url });
       console.log(JSON.stringify({ applied: report.applied.length, alive: await database.ping() }));
       await database.close();
       await server.stop();`,
    );
    const ran = spawnSync(node, [script], { cwd: clone, encoding: 'utf8' });
    const pointer = join(parent, 'home', 'data', 'postgresql.path');
    if (existsSync(pointer)) rmSync(readFileSync(pointer, 'utf8').trim(), { recursive: true, force: true });
    expect(ran.stderr).toBe('');
    const told: { readonly applied: number; readonly alive: boolean } = JSON.parse(ran.stdout);
    expect(told.alive).toBe(true);
    expect(told.applied).toBeGreaterThan(0);
  });

  it('installs nothing at the second start of the bootstrap, and tells what is unknown', () => {
    // The web parts have tests of their own; building them is not what is asked here.
    for (const name of ['client', 'web/console']) rmSync(join(clone, name, 'package.json'), { force: true });
    const first = spawnSync('node', ['bootstrap.mjs', 'prove', 'nothing-of-the-kind'], {
      cwd: clone,
      encoding: 'utf8',
    });
    expect(first.stderr).not.toContain('Installing'); // npm ci above was enough
    expect(first.stderr).toContain('there is no "nothing-of-the-kind"');
    expect(first.status).toBe(1);
    const began = performance.now();
    spawnSync('node', ['bootstrap.mjs', 'prove', 'nothing-of-the-kind'], { cwd: clone });
    expect(performance.now() - began).toBeLessThan(1500); // 100 ms on a quiet machine
  });
});
