// First step of every command. Plain JavaScript without dependencies, for Node 20 and newer: it installs what the lock
// file names when that has changed, builds the web parts when their sources have changed, and hands over to the pinned
// Node 24 that npm installed. A second start does neither.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(root, ...parts);
const say = (text) => process.stderr.write(`${text}\n`);

/** Ends the program with a text that says what to do. */
function stop(text) {
  say(`sealpost: ${text}`);
  process.exit(1);
}

// ---------------------------------------------------------------- installing

const lockHash = createHash('sha256')
  .update(readFileSync(at('package-lock.json')))
  .update(`${process.platform} ${process.arch}`)
  .digest('hex');

function install() {
  const stamp = at('node_modules', '.sealpost-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash) return;
  if (!installedAlready()) {
    say('Installing the pinned packages (once; no install scripts are run) …');
    const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (npm.error) stop(`npm could not be run (${npm.error.code}). Node 20 or newer brings it.`);
    if (npm.status !== 0) stop('npm ci failed; see above. The network or the registry may be out of reach.');
  }
  writeFileSync(stamp, lockHash);
}

/** True when npm's own record of what is installed holds everything that the lock file asks for on this machine. */
function installedAlready() {
  const record = at('node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link) return true;
    const mine = found[path];
    // Not there: right for another machine's binaries, and for what only those need.
    if (mine === undefined) return entry.optional === true && !isForThisMachine(entry);
    return mine.version === entry.version && existsSync(at(path));
  });
}

function isForThisMachine({ os, cpu, libc }) {
  const allows = (list, value) => list === undefined || [list].flat().includes(value);
  return (
    (os !== undefined || cpu !== undefined) &&
    libc === undefined &&
    allows(os, process.platform) &&
    allows(cpu, process.arch)
  );
}

function pinnedNode() {
  const pinned = at('node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return stop(
    `Node 24 is needed. It comes with npm for Linux on x64 and arm64; here (${process.platform} ${process.arch}) install Node 24 yourself. This is Node ${process.versions.node}.`,
  );
}

// ---------------------------------------------------------------- building the web parts

/** Workspaces that are built, in order, each with the directories whose sources decide. */
const BUILDS = [
  { name: 'client', sources: ['client'] },
  { name: 'web/console', sources: ['web/console', 'web/ui', 'client'] },
];

function build() {
  for (const { name, sources } of BUILDS) {
    const manifest = at(name, 'package.json');
    if (!existsSync(manifest) || !JSON.parse(readFileSync(manifest, 'utf8')).scripts?.build) continue;
    const stamp = at(name, 'dist', '.sealpost-built');
    const hash = hashOfSources(sources);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) continue;
    say(`Building ${name} …`);
    const npm = spawnSync('npm', ['run', '--silent', 'build', '-w', name], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: environment(),
      shell: process.platform === 'win32',
    });
    if (npm.status !== 0) stop(`building ${name} failed; see above.`);
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, hash);
  }
}

function hashOfSources(directories) {
  const hash = createHash('sha256').update(lockHash);
  const walk = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (entry.name === 'dist' || entry.name === 'node_modules') continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path));
    }
  };
  for (const directory of directories) if (existsSync(at(directory))) walk(at(directory));
  return hash.digest('hex');
}

// ---------------------------------------------------------------- handing over

const node = () => pinnedNode();

/** The environment of what we start: the pinned Node and the installed tools come first. */
function environment(more = {}) {
  const path = [dirname(pinnedNode()), at('node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path, ...more };
}

/**
 * Runs a program to its end, passing signals on. The channel between us is for one thing: when this process is killed,
 * the program sees it close and ends in order instead of staying behind.
 */
function run(args, more = {}) {
  return new Promise((resolve) => {
    const child = spawn(node(), args, {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: environment(more),
    });
    child.channel?.unref();
    const pass = (signal) => {
      // From a terminal Ctrl-C reaches the whole group, the child too: passing it on would press it twice.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
    for (const signal of signals) process.on(signal, pass);
    child.on('error', (error) => stop(`${args[0]} could not be started (${error.code}).`));
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      resolve(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/** `prove NAME …` and `bench NAME …` run a file of that name. */
function runNamed(folder, [name, ...rest]) {
  const known = existsSync(at(folder))
    ? readdirSync(at(folder))
        .filter((file) => /^[a-z0-9-]+\.ts$/.test(file))
        .map((file) => file.slice(0, -3))
    : [];
  if (name === undefined || !known.includes(name)) {
    stop(
      `${folder}: ${name === undefined ? 'a name is needed' : `there is no "${name}"`}. There are: ${known.join(', ') || 'none yet'}.`,
    );
  }
  return run([at(folder, `${name}.ts`), ...rest]);
}

// ---------------------------------------------------------------- testing

function findProgram(names) {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) if (existsSync(join(directory, name))) return join(directory, name);
  }
  return undefined;
}

/** Installs packages where that is possible: on Debian, as root. */
function installFromDebian(packages, purpose) {
  if (process.getuid?.() !== 0 || !findProgram(['apt-get'])) return;
  say(`Installing ${packages.join(', ')} for ${purpose} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { stdio: ['ignore', 2, 2], env, timeout: 300_000 };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}

/** Programs that the conformance tests run beside ours, and the Debian package of each. Without one its tests are skipped, and say so. */
const COMPANIONS = {
  gpg: 'gnupg',
  sq: 'sq',
  mutt: 'mutt',
  qpdf: 'qpdf',
  pdftotext: 'poppler-utils',
  swaks: 'swaks',
};

function companions() {
  const missing = Object.entries(COMPANIONS).filter(([program]) => findProgram([program]) === undefined);
  if (missing.length > 0)
    installFromDebian(
      // swaks speaks TLS through a library that its package only recommends.
      missing.flatMap(([, name]) => (name === 'swaks' ? [name, 'libnet-ssleay-perl'] : [name])),
      'the conformance tests',
    );
}

/** The browser of the browser tests; on Debian as root it is installed. */
function chromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = findProgram(names);
  if (found !== undefined) return found;
  installFromDebian(['chromium'], 'the browser tests');
  return (
    findProgram(names) ??
    stop('the browser tests need Chromium. Install it (Debian: apt-get install chromium) and try again.')
  );
}

/** All checks and tests. The last line is the sum; anything failed, or nothing run, is a failure. */
async function test(filters) {
  const browser = chromium();
  companions();
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const checked = await run([at('scripts', 'check.ts')]);
  sum[checked === 0 ? 'passed' : 'failed'] += 1;

  const scratch = mkdtempSync(join(tmpdir(), 'sealpost-test-'));
  const report = join(scratch, 'summary.json');
  const projects = ['unit', 'database', 'blackbox', 'browser', 'alone'].flatMap((name) => [
    '--project',
    name,
  ]);
  const code = await run(
    [
      at('node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--root',
      root,
      ...projects,
      '--reporter=dot',
      `--reporter=${at('test', 'support', 'summary-reporter.ts')}`,
      ...filters,
    ],
    { SEALPOST_TEST_CHROMIUM: browser, SEALPOST_TEST_SUMMARY: report },
  );
  const told = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  rmSync(scratch, { recursive: true, force: true });

  if (told === undefined) {
    say('vitest ended without a report.');
    sum.failed += 1;
  } else {
    sum.passed += told.passed;
    sum.failed += told.failures.length;
    for (const { name, text } of told.failures)
      say(`FAILED   ${name}\n         ${text.split('\n').join('\n         ')}`);
    for (const { name, reason } of told.skipped) {
      say(`SKIPPED  ${name}: ${reason ?? 'no reason given, which counts as failed'}`);
      sum[reason ? 'skipped' : 'failed'] += 1;
    }
    const ran = told.passed + told.failures.length;
    if (ran === 0) say('no test was run.');
    if (ran === 0 || (code !== 0 && told.failures.length === 0)) sum.failed += 1;
  }
  if (checked !== 0) say('FAILED   npm run check (see above)');
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
  return sum.failed === 0 ? 0 : 1;
}

// ---------------------------------------------------------------- commands

/**
 * A small young generation, so that little memory is held; and room for the old one to grow before it is collected: a
 * server's live heap is 40 MB, and by itself V8 marks it each second under load, a tenth of all processor time
 * (docs/decisions/0010).
 */
const HEAP = ['--min-semi-space-size=8', '--max-semi-space-size=8', '--heap-growing-percent=200'];

const [command = 'help', ...rest] = process.argv.slice(2);
install();
build();
switch (command) {
  case 'test':
    process.exitCode = await test(rest);
    break;
  case 'check':
    process.exitCode = await run([at('scripts', 'check.ts'), ...rest]);
    break;
  case 'prove':
  case 'bench':
    process.exitCode = await runNamed(command, rest);
    break;
  default:
    process.exitCode = await run([...HEAP, at('src', 'main.ts'), command, ...rest]);
}
