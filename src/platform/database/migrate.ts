import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Logger, silentLogger } from '#platform/runtime';
import {
  type AppliedMigration,
  appliedMigrations,
  beginMigration,
  currentUser,
  ensureMigrationTable,
  knownMigrations,
  recordMigration,
  serverMajor,
} from './migration.store.ts';
import { connectOwner, type OwnerConnection } from './owner-connection.ts';
import { ensureOwnerMayCreate, ensureRoles } from './provision.store.ts';

/** The schema and the code do not fit. The text says why and what to do. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch';
  readonly code: 'CHANGED' | 'NEWER' | 'OUT_OF_ORDER' | 'BAD_NAME' | 'BAD_TRANSACTION' | 'OLD_SERVER';
  constructor(code: SchemaMismatch['code'], text: string) {
    super(text);
    this.code = code;
  }
}

export interface MigrateOptions {
  readonly url: string;
  readonly logger?: Logger;
  /** Another directory of migrations, for tests and for the previous release. */
  readonly directory?: string;
}

export interface MigrationReport {
  /** Names applied now, in order. */
  readonly applied: readonly string[];
  /** Name of the newest migration, undefined when there are none. */
  readonly newest: string | undefined;
}

const LEAST_SERVER = 18;
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

interface MigrationFile extends AppliedMigration {
  readonly text: string;
}

/** The directory of this release's migrations. */
export const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/**
 * Brings the schema up to this release: forward only, each file in a transaction of its own, in order, recorded with
 * its hash. Several starts at once take turns. Throws SchemaMismatch when an applied file has changed since, or when
 * the database knows migrations that this release does not.
 */
export async function migrate(options: MigrateOptions): Promise<MigrationReport> {
  const files = readMigrations(options.directory ?? MIGRATIONS);
  const logger = options.logger ?? silentLogger;
  const connection = await connectOwner(options.url);
  try {
    const major = await serverMajor(connection);
    if (major < LEAST_SERVER) {
      throw new SchemaMismatch(
        'OLD_SERVER',
        `Sealpost needs PostgreSQL ${LEAST_SERVER} or newer; this server is ${major}.`,
      );
    }
    const known = await knownMigrations(connection);
    const pending = compare(files, known);
    if (known.length === 0) {
      await ensureRoles(connection, await currentUser(connection));
      await ensureOwnerMayCreate(connection);
      await ensureMigrationTable(connection);
    }
    const applied: string[] = [];
    for (const file of pending) {
      if (await applyOne(connection, files, file)) {
        applied.push(file.name);
        logger.info('migration.applied', { migration: file.name });
      }
    }
    return { applied, newest: files.at(-1)?.name };
  } finally {
    await connection.close();
  }
}

/** Names of migrations not yet applied; throws SchemaMismatch as `migrate` would. Changes nothing. */
export async function pendingMigrations(options: MigrateOptions): Promise<readonly string[]> {
  const connection = await connectOwner(options.url);
  try {
    return compare(readMigrations(options.directory ?? MIGRATIONS), await knownMigrations(connection)).map(
      (file) => file.name,
    );
  } finally {
    await connection.close();
  }
}

function readMigrations(directory: string): readonly MigrationFile[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const numbers = new Set<string>();
  return names.map((name) => {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined || numbers.has(number)) {
      throw new SchemaMismatch(
        'BAD_NAME',
        `Migration ${name}: must be named NNNN-what-it-does.sql, each number once.`,
      );
    }
    numbers.add(number);
    // Line ends are not content: a checkout on another system must hash alike.
    const text = readFileSync(join(directory, name), 'utf8').replaceAll('\r\n', '\n');
    return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
  });
}

function compare(
  files: readonly MigrationFile[],
  known: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const applied of known) {
    const file = byName.get(applied.name);
    if (file === undefined) {
      throw new SchemaMismatch(
        'NEWER',
        `The database holds migration ${applied.name}, which this release does not know: it was used by a newer ` +
          'release. Start that release, or restore a backup from before it.',
      );
    }
    if (file.sha256 !== applied.sha256) {
      throw new SchemaMismatch(
        'CHANGED',
        `Migration ${applied.name} has changed since it was applied to this database. Applied migrations are never ` +
          'edited: restore the file, and write a new migration.',
      );
    }
  }
  const appliedNames = new Set(known.map((applied) => applied.name));
  const pending = files.filter((file) => !appliedNames.has(file.name));
  const newestApplied = known.at(-1)?.name ?? '';
  const late = pending.find((file) => file.name < newestApplied);
  if (late !== undefined) {
    throw new SchemaMismatch(
      'OUT_OF_ORDER',
      `Migration ${late.name} comes before ${newestApplied}, which is applied.`,
    );
  }
  return pending;
}

/** False when another migrator has applied it meanwhile. */
async function applyOne(
  connection: OwnerConnection,
  files: readonly MigrationFile[],
  file: MigrationFile,
): Promise<boolean> {
  await beginMigration(connection);
  try {
    const still = compare(files, await appliedMigrations(connection)).some(({ name }) => name === file.name);
    if (!still) {
      await connection.script('rollback');
      return false;
    }
    await connection.script(file.text);
    if (connection.client.getTransactionStatus() !== 'T') {
      throw new SchemaMismatch('BAD_TRANSACTION', `Migration ${file.name} must not end its transaction.`);
    }
    await recordMigration(connection, { name: file.name, sha256: file.sha256 });
    await connection.script('commit');
    return true;
  } catch (error) {
    await connection.script('rollback');
    throw error;
  }
}
