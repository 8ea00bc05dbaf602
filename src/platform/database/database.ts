import type { OrganisationId } from '#core/ids';

/** Which of the two working roles a transaction takes. `app` serves people and the API, `worker` the conveyor. */
export type DatabaseRole = 'app' | 'worker';

/** What may be bound to a statement. `undefined` is left out on purpose: a forgotten value must not become NULL. */
export type SqlValue =
  | string
  | number
  | bigint
  | boolean
  | Date
  | Uint8Array
  | null
  | readonly SqlValue[]
  | { readonly [key: string]: unknown };

/**
 * A statement with its name. The name makes it a prepared statement on each connection, so one name must always
 * stand for one text; at most 60 bytes. A statement without a name is parsed at each use.
 */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly SqlValue[];
}

/**
 * An open transaction. Statements issued without awaiting one another travel together (pipelined), in order.
 * It must not be used after the work function has settled.
 */
export interface Transaction {
  /** All rows. Faults: DatabaseFault (SQLSTATE and names, never values), DatabaseUnavailable. */
  query<Row extends object>(statement: Statement): Promise<Row[]>;
  /** Exactly one row; anything else is a fault. */
  one<Row extends object>(statement: Statement): Promise<Row>;
  /** One row or undefined; several rows are a fault. */
  maybe<Row extends object>(statement: Statement): Promise<Row | undefined>;
  /** Runs a statement and returns how many rows it touched. */
  execute(statement: Statement): Promise<number>;
  /**
   * Runs after the commit has been acknowledged, in order of registration; never after a rollback. For waking up
   * and caches only: what must not be lost belongs into the transaction. A throwing callback is a fault of its caller.
   */
  afterCommit(callback: () => void): void;
}

/**
 * How statements are planned. `by-key` is for the hot path, where every statement looks rows up by key: plans are made
 * once a connection and use indexes whatever the statistics say of a table that was empty a minute ago. Planning one
 * look-up over a year of partitions takes longer than the look-up.
 */
export type Planning = 'by-cost' | 'by-key';

/** The pool of connections, seen as transactions. */
export interface Database {
  /**
   * A transaction that sees the rows of these organisations and no others (row-level security). Rolled back when
   * `work` throws; run again from its start, at most 5 times, after a serialization failure or a deadlock: so `work`
   * must have no effects outside of the transaction.
   */
  tenant<T>(
    organisations: readonly OrganisationId[],
    role: DatabaseRole,
    work: (tx: Transaction) => Promise<T>,
    planning?: Planning,
  ): Promise<T>;
  /** The same without any organisation: reaches tables without organisation and owner functions only. */
  system<T>(role: DatabaseRole, work: (tx: Transaction) => Promise<T>, planning?: Planning): Promise<T>;
  /** Asks the server for a sign of life; true when it answered within the milliseconds given (default 2,000). */
  ping(timeoutMs?: number): Promise<boolean>;
  /** Connections open, idle, and callers waiting for one. */
  stats(): { readonly total: number; readonly idle: number; readonly waiting: number };
  /** Lets running transactions end, then closes every connection. */
  close(): Promise<void>;
}
