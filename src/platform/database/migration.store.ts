import type { OwnerConnection } from './owner-connection.ts';

/** A migration as the database remembers it. */
export interface AppliedMigration {
  readonly name: string;
  readonly sha256: string;
}

/**
 * Makes the table of applied migrations: in a schema of its own, since the first migration makes the program's.
 * The lock makes two starts at the same time take turns.
 */
export async function ensureMigrationTable(connection: OwnerConnection): Promise<void> {
  await connection.script(`
    begin;
    set local role sealpost_owner;
    select pg_advisory_xact_lock(7305804401);
    create schema if not exists sealpost_meta;
    create table if not exists sealpost_meta.schema_migration (
      name text primary key,
      sha256 text not null,
      applied_at timestamptz not null default now()
    );
    grant usage on schema sealpost_meta to sealpost_app, sealpost_worker;
    grant select on sealpost_meta.schema_migration to sealpost_app, sealpost_worker;
    commit`);
}

/** Begins the transaction of one migration; another migrator waits here until it has ended. */
export async function beginMigration(connection: OwnerConnection): Promise<void> {
  await connection.script('begin; set local role sealpost_owner; select pg_advisory_xact_lock(7305804401)');
}

export async function appliedMigrations(connection: OwnerConnection): Promise<readonly AppliedMigration[]> {
  const [table] = await connection.query<{ there: boolean }>(
    "select to_regclass('sealpost_meta.schema_migration') is not null as there",
  );
  if (table?.there !== true) return [];
  return connection.query<AppliedMigration>(
    'select name, sha256 from sealpost_meta.schema_migration order by name',
  );
}

/** The same from outside of a migration's transaction; empty while the roles or the table are not made yet. */
export async function knownMigrations(connection: OwnerConnection): Promise<readonly AppliedMigration[]> {
  const roles = await connection.query("select from pg_roles where rolname = 'sealpost_owner'");
  if (roles.length === 0) return [];
  await connection.script('begin');
  try {
    const [member] = await connection.query<{ may: boolean }>(
      "select pg_has_role(current_user, 'sealpost_owner', 'MEMBER') as may",
    );
    if (member?.may !== true) return [];
    await connection.script('set local role sealpost_owner');
    return await appliedMigrations(connection);
  } finally {
    await connection.script('rollback');
  }
}

export async function recordMigration(connection: OwnerConnection, applied: AppliedMigration): Promise<void> {
  await connection.query('insert into sealpost_meta.schema_migration (name, sha256) values ($1, $2)', [
    applied.name,
    applied.sha256,
  ]);
}

export async function currentUser(connection: OwnerConnection): Promise<string> {
  const [row] = await connection.query<{ name: string }>('select current_user::text as name');
  return row?.name ?? '';
}

export async function serverMajor(connection: OwnerConnection): Promise<number> {
  const [row] = await connection.query<{ version: string }>(
    "select current_setting('server_version_num') as version",
  );
  return Math.floor(Number(row?.version) / 10_000);
}
