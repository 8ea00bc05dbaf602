import { DATABASE, LOGIN } from './embedded-settings.ts';
import { DatabaseFault } from './faults.ts';
import type { OwnerConnection } from './owner-connection.ts';

const WORKING_ROLES = ['sealpost_owner', 'sealpost_app', 'sealpost_worker'] as const;

/** In the embedded cluster, as superuser: the login, the working roles and the database. Idempotent. */
export async function provisionCluster(admin: OwnerConnection): Promise<void> {
  const [found] = await admin.query<{ ready: boolean }>(
    'select exists (select from pg_database where datname = $1) as ready',
    [DATABASE],
  );
  if (found?.ready === true) return;
  const logins = await admin.query('select from pg_roles where rolname = $1', [LOGIN]);
  if (logins.length === 0) await admin.script(`create role ${LOGIN} login noinherit`);
  await ensureRoles(admin, LOGIN);
  await admin.script(`create database ${DATABASE} owner sealpost_owner`);
  await admin.script(
    `revoke all on database ${DATABASE} from public; grant connect, temporary on database ${DATABASE} to ${LOGIN}`,
  );
}

/**
 * Makes the three roles that transactions take, and lets `login` take them (without inheriting: before SET ROLE it has
 * no rights of theirs). Roles belong to the whole server, so several databases and several starts may meet here.
 */
export async function ensureRoles(connection: OwnerConnection, login: string): Promise<void> {
  await connection.script('begin; select pg_advisory_xact_lock(7305804402)');
  try {
    for (const role of WORKING_ROLES) {
      const known = await connection.query('select from pg_roles where rolname = $1', [role]);
      if (known.length === 0) await connection.script(`create role ${role} nologin`);
      const [member] = await connection.query<{ may: boolean }>("select pg_has_role($1, $2, 'SET') as may", [
        login,
        role,
      ]);
      if (member?.may !== true) {
        await connection.script(`grant ${role} to ${quoteName(login)} with inherit false, set true`);
      }
    }
    await connection.script('commit');
  } catch (error) {
    await connection.script('rollback');
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error;
    throw new Error(
      `The database user may not create the roles ${WORKING_ROLES.join(', ')}. As an administrator of the server, run: ` +
        `${WORKING_ROLES.map((role) => `CREATE ROLE ${role} NOLOGIN; GRANT ${role} TO ${quoteName(login)} WITH INHERIT FALSE;`).join(' ')}`,
      { cause: error },
    );
  }
}

/** For a database that is not ours from birth: the owner role must be able to make its schema there. */
export async function ensureOwnerMayCreate(connection: OwnerConnection): Promise<void> {
  const [right] = await connection.query<{ may: boolean; database: string }>(
    "select has_database_privilege('sealpost_owner', current_database(), 'CREATE') as may, current_database()::text as database",
  );
  if (right === undefined) throw new DatabaseFault({ code: 'NOT_ONE_ROW', statement: 'owner-may-create' });
  if (!right.may)
    await connection.script(`grant create on database ${quoteName(right.database)} to sealpost_owner`);
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
