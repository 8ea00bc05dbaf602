import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canTraverse, type ServerAccount, serverAccount } from './embedded-user.ts';
import { replaceFile } from './replace-file.ts';

/** The directories of a home that the database needs. */
export interface HomeDirectories {
  readonly root: string;
  readonly data: string;
  readonly run: string;
}

/** Where the embedded server's things lie, and under whose account. */
export interface EmbeddedPlace {
  readonly account: ServerAccount;
  /** PostgreSQL's data directory (may not exist yet; its parent does). */
  readonly data: string;
  readonly socketDirectory: string;
  readonly log: string;
  /** Where programs may be copied to. */
  readonly shelter: string;
  readonly run: string;
}

/** Used as root when the home lies out of the reach of the server's account (a clone under a 0700 directory). */
const SHELTER = '/var/lib/sealpost';
const SOCKET_NAME = '.s.PGSQL.5432';
const LONGEST_SOCKET_PATH = 99;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * Decides where the database lives, and makes the directories around it. The usual place is `<home>/data/postgresql`.
 * As root, when the server's account cannot reach that, it is `/var/lib/sealpost/<hash of the home's path>`, and
 * `<home>/data/postgresql.path` says so.
 */
export function findPlace(home: HomeDirectories): EmbeddedPlace {
  makeDirectory(home.root, 0o700);
  makeDirectory(home.data, 0o700);
  makeDirectory(home.run, 0o700);
  const inside = join(home.data, 'postgresql');
  const pointer = join(home.data, 'postgresql.path');
  const owner = existsSync(inside) ? statSync(inside).uid : undefined;

  let account = serverAccount(owner);
  let data = inside;
  if (account.foreign) {
    // Passing through, not listing: the account reaches its own directory and sees nothing beside it.
    for (const path of [home.root, home.data, home.run]) chmodSync(path, 0o711);
    if (existsSync(pointer) || !canTraverse(account, home.data)) {
      data = sheltered(home, pointer, inside);
      account = serverAccount(existsSync(data) ? statSync(data).uid : undefined);
    }
  }
  return {
    account,
    data,
    socketDirectory: socketDirectory(home, account),
    log: join(home.run, 'postgresql.log'),
    shelter: account.foreign ? makeDirectory(SHELTER, 0o755) : home.run,
    run: home.run,
  };
}

function sheltered(home: HomeDirectories, pointer: string, inside: string): string {
  if (existsSync(inside)) {
    throw new Error(
      `${inside} cannot be reached by PostgreSQL's account: a directory above it is closed to others. Open the way ` +
        '(chmod o+x on the directories above), or start as the user who owns it.',
    );
  }
  const real = realpathSync(home.root);
  const base = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(SHELTER, hashOf(real));
  makeDirectory(SHELTER, 0o755);
  makeDirectory(base, 0o711);
  const claim = join(base, 'home');
  const claimant = existsSync(claim) ? readFileSync(claim, 'utf8').trim() : undefined;
  if (claimant !== undefined && claimant !== real && existsSync(join(claimant, 'data', 'postgresql.path'))) {
    throw new Error(
      `The database in ${base} belongs to ${claimant}; this home looks like a copy of it. ` +
        `Remove ${pointer} to start with an empty database.`,
    );
  }
  replaceFile(claim, `${real}\n`, 0o600);
  replaceFile(pointer, `${base}\n`, 0o600);
  return join(base, 'postgresql');
}

/** In the home when the path is short enough and within reach, else a private directory under the system's temporary one. */
function socketDirectory(home: HomeDirectories, account: ServerAccount): string {
  const near = join(home.run, 'socket');
  const path =
    Buffer.byteLength(join(near, SOCKET_NAME)) <= LONGEST_SOCKET_PATH && canTraverse(account, home.run)
      ? near
      : join(tmpdir(), `sealpost-${hashOf(realpathSync(home.root))}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  const own = process.getuid?.();
  // Whoever owns the directory could put up a server of his own and be believed.
  if (!found.isDirectory() || (found.uid !== own && found.uid !== account.uid)) {
    throw new Error(`${path} belongs to somebody else; it is needed for the database's socket.`);
  }
  if (account.foreign) chownSync(path, account.uid, account.gid);
  chmodSync(path, 0o700);
  return path;
}

function makeDirectory(path: string, mode: number): string {
  if (!existsSync(path)) {
    mkdirSync(path, { recursive: true, mode });
    chmodSync(path, mode);
  }
  return path;
}
