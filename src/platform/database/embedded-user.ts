import { execFileSync } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** The operating-system account that runs PostgreSQL. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  /** False when it is the account of this process. */
  readonly foreign: boolean;
}

const DEDICATED = 'sealpost';

/**
 * PostgreSQL refuses to run as root, so as root it runs under an account of its own: `sealpost` when there is one, else
 * `postgres`, else `sealpost` is made. `owner` is the account of data that exist already: they stay with it.
 * initdb and peer authentication look the account up, so it must be listed in the system's user database.
 */
export function serverAccount(owner?: number): ServerAccount {
  const own = process.getuid?.();
  if (own === undefined) {
    throw new Error(
      'Embedded PostgreSQL runs on Linux and macOS only. Set DATABASE_URL to a PostgreSQL 18 server.',
    );
  }
  if (own !== 0) {
    const { uid, gid, username } = userInfo();
    return { uid, gid, name: username, foreign: false };
  }
  if (owner !== undefined && owner !== 0) {
    const account = lookUp(String(owner));
    if (account !== undefined) return account;
    throw new Error(`The database files belong to user id ${owner}, which this system does not know.`);
  }
  return lookUp(DEDICATED) ?? lookUp('postgres') ?? createAccount();
}

/** The name that peer authentication will see this process as. */
export function clientAccountName(): string {
  return userInfo().username;
}

function lookUp(nameOrUid: string): ServerAccount | undefined {
  const id = (flag: string): string =>
    execFileSync('id', [flag, nameOrUid], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    const account = { uid: Number(id('-u')), gid: Number(id('-g')), name: id('-un'), foreign: true };
    return account.uid === 0 ? undefined : account;
  } catch {
    return undefined; // no such account
  }
}

function createAccount(): ServerAccount {
  const ways: readonly (readonly [string, readonly string[]])[] = [
    [
      'useradd',
      ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/bin/false', DEDICATED],
    ],
    ['adduser', ['-S', '-D', '-H', '-s', '/bin/false', DEDICATED]],
  ];
  for (const [command, args] of ways) {
    try {
      execFileSync(command, args, { stdio: 'ignore', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
    } catch {
      continue; // not this distribution's tool: try the next
    }
    const account = lookUp(DEDICATED);
    if (account !== undefined) return account;
  }
  throw new Error(
    'PostgreSQL cannot run as root, and no account for it could be made. Create a user "sealpost", or start as another user.',
  );
}

/** Whether that account may pass through every directory down to `directory` (which must exist). ACLs are not read. */
export function canTraverse(account: ServerAccount, directory: string): boolean {
  if (!account.foreign) return true;
  for (let path = realpathSync(directory); ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
