// Room: PostgreSQL. In: configuration; out: tenant transactions. Owns the embedded server, the pool and the schema.
export { binary } from './binary-arrays.ts';
export type { Database, DatabaseRole, SqlValue, Statement, Transaction } from './database.ts';
export {
  borrowEmbedded,
  DatabaseNotStarted,
  type EmbeddedServer,
  type LaunchOptions,
  startEmbedded,
  WrongMajorVersion,
} from './embedded-launcher.ts';
export { DatabaseFault, DatabaseUnavailable } from './faults.ts';
export {
  type MigrateOptions,
  type MigrationReport,
  migrate,
  SchemaMismatch,
} from './migrate.ts';
export { type MovedTable, type MoveEnd, type MoveOptions, MoveRefused, moveDatabase } from './move.ts';
export { AlreadyRunning } from './owner-lock.ts';
export { ensurePartitions } from './partitions.store.ts';
export { openDatabase, type PoolOptions } from './pool.ts';
