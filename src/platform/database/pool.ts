import { Writable } from 'node:stream';
import pg from 'pg';
import { isUuid, type OrganisationId } from '#core/ids';
import type { Database, DatabaseRole, Planning, Statement, Transaction } from './database.ts';
import { DatabaseFault, DatabaseUnavailable, toFault } from './faults.ts';
import { typeParsers } from './values.ts';

export interface PoolOptions {
  /** `postgres://…`; for a unix socket `postgresql://user@localhost/name?host=/directory`. */
  readonly url: string;
  /** Most connections; default 10. */
  readonly poolSize?: number;
  /** How long a caller waits for a connection before DatabaseUnavailable; default 15,000 ms. */
  readonly acquireTimeoutMs?: number;
}

const ATTEMPTS = 5;
const ROLE_NAMES: Readonly<Record<DatabaseRole, string>> = { app: 'sealpost_app', worker: 'sealpost_worker' };

/** Opens the pool. Connects on first use; after a restart of the server it finds its way back by itself. */
export function openDatabase(options: PoolOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    pipeline: true,
    types: typeParsers,
    keepAlive: true,
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 15_000,
    idleTimeoutMillis: 60_000,
    application_name: 'sealpost',
  });
  // A connection that dies is found by the statement that next uses it, or dropped by the pool while idle; without
  // listeners the driver's 'error' events would end the process.
  const heard = (): void => undefined;
  pool.on('error', heard);
  pool.on('connect', (client) => void client.on('error', heard));

  return {
    tenant: (organisations, role, work, planning = 'by-cost') =>
      run(pool, role, prelude(role, organisations, planning), work),
    system: (role, work, planning = 'by-cost') => run(pool, role, prelude(role, [], planning), work),
    ping: (timeoutMs = 2000) => ping(pool, timeoutMs),
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

/**
 * BEGIN, role and organisations in one simple query: it goes out together with the first statement of the work, so a
 * transaction costs no round trip more than its own statements and the COMMIT. Ids are validated, so no quoting.
 */
const PLANNING: Readonly<Record<Planning, string>> = {
  'by-cost': '',
  'by-key':
    '; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; ' +
    'SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off',
};

function prelude(role: DatabaseRole, organisations: readonly OrganisationId[], planning: Planning): string {
  for (const id of organisations) {
    if (!isUuid(id)) throw new DatabaseFault({ code: 'BAD_STATEMENT', statement: 'organisations' });
  }
  return (
    `BEGIN; SET LOCAL ROLE ${ROLE_NAMES[role]}; SET LOCAL search_path = sealpost, pg_temp; ` +
    `SET LOCAL sealpost.organisations = '{${organisations.join(',')}}'${PLANNING[planning]}`
  );
}

async function run<T>(
  pool: pg.Pool,
  role: DatabaseRole,
  begin: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(pool, role, begin, work);
    } catch (error) {
      const clash = error instanceof DatabaseFault && (error.code === '40001' || error.code === '40P01');
      if (!clash || attempt >= ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * 2 ** attempt));
    }
  }
}

async function runOnce<T>(
  pool: pg.Pool,
  role: DatabaseRole,
  begin: string,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await connect(pool);
  const tx = new PooledTransaction(client, role);
  let healthy = false;
  let value: T;
  try {
    tx.gather();
    const begun = client.query(begin);
    // Awaited below; a work that throws first must not leave an unhandled rejection behind.
    begun.catch(() => undefined);
    try {
      value = await work(tx);
      await begun.catch((error: unknown) => tx.fail(error, 'begin'));
      await tx.commit();
    } catch (error) {
      await tx.rollback();
      throw tx.explain(error);
    }
    healthy = true;
  } finally {
    healthy ||= client.getTransactionStatus() === 'I';
    client.release(!healthy);
  }
  tx.runAfterCommit();
  return value;
}

async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw toFault(error, 'connect');
  }
}

async function ping(pool: pg.Pool, timeoutMs: number): Promise<boolean> {
  const answer = (async () => {
    const client = await pool.connect();
    try {
      await client.query('SELECT 1');
      client.release();
      return true;
    } catch (error) {
      client.release(true);
      throw error;
    }
  })().catch(() => false);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, false);
  });
  const alive = await Promise.race([answer, late]);
  clearTimeout(timer);
  return alive;
}

/** The driver's socket to the server. It is not among what the driver documents: without it all works, only slower. */
function socketOf(client: pg.PoolClient): Writable | null {
  if (!('connection' in client)) return null;
  const { connection } = client;
  if (typeof connection !== 'object' || connection === null || !('stream' in connection)) return null;
  return connection.stream instanceof Writable ? connection.stream : null;
}

class PooledTransaction implements Transaction {
  readonly #client: pg.PoolClient;
  readonly #socket: Writable | null;
  #gathering = false;
  readonly #suffix: string;
  readonly #afterCommit: (() => void)[] = [];
  #first: DatabaseFault | DatabaseUnavailable | undefined;
  #open = true;

  constructor(client: pg.PoolClient, role: DatabaseRole) {
    this.#client = client;
    this.#socket = socketOf(client);
    // Plans depend on the role where row security applies: a name per role keeps both plans cached.
    this.#suffix = role === 'app' ? '.a' : '.w';
  }

  /** What is issued in one turn leaves in one write: BEGIN and the statements after it are one packet, not four. */
  gather(): void {
    const socket = this.#socket;
    if (this.#gathering || socket === null) return;
    this.#gathering = true;
    socket.cork();
    process.nextTick(() => {
      this.#gathering = false;
      socket.uncork();
    });
  }

  async #send<Row extends object>(statement: Statement): Promise<pg.QueryResult<Row>> {
    if (!this.#open) throw new DatabaseFault({ code: 'CLOSED_TRANSACTION', statement: statement.name });
    this.gather();
    try {
      return await this.#client.query<Row>({
        text: statement.text,
        ...(statement.name === undefined ? {} : { name: statement.name + this.#suffix }),
        ...(statement.values === undefined ? {} : { values: statement.values.map(bindable) }),
      });
    } catch (error) {
      return this.fail(error, statement.name);
    }
  }

  /** Remembers the first fault: those after it only say that the transaction is aborted (25P02). */
  fail(error: unknown, statement: string | undefined): never {
    const fault = toFault(error, statement);
    this.#first ??= fault;
    throw fault;
  }

  /** The fault that aborted the transaction, when what was thrown is only its echo. */
  explain(error: unknown): unknown {
    const echo = error instanceof DatabaseFault && (error.code === '25P02' || error.code === 'ROLLED_BACK');
    return echo ? (this.#first ?? error) : error;
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    return (await this.#send<Row>(statement)).rows;
  }

  async one<Row extends object>(statement: Statement): Promise<Row> {
    const row = await this.maybe<Row>(statement);
    if (row === undefined) throw new DatabaseFault({ code: 'NOT_ONE_ROW', statement: statement.name });
    return row;
  }

  async maybe<Row extends object>(statement: Statement): Promise<Row | undefined> {
    const { rows } = await this.#send<Row>(statement);
    if (rows.length > 1) throw new DatabaseFault({ code: 'NOT_ONE_ROW', statement: statement.name });
    return rows[0];
  }

  async execute(statement: Statement): Promise<number> {
    return (await this.#send(statement)).rowCount ?? 0;
  }

  afterCommit(callback: () => void): void {
    if (!this.#open) throw new DatabaseFault({ code: 'CLOSED_TRANSACTION' });
    this.#afterCommit.push(callback);
  }

  async commit(): Promise<void> {
    this.#open = false;
    let command: string;
    try {
      command = (await this.#client.query('COMMIT')).command;
    } catch (error) {
      const fault = toFault(error, 'commit');
      throw fault instanceof DatabaseUnavailable ? new DatabaseUnavailable(fault.code, true) : fault;
    }
    // A work that swallowed a fault gets here with an aborted transaction, and PostgreSQL answers COMMIT with ROLLBACK.
    if (command !== 'COMMIT') throw new DatabaseFault({ code: 'ROLLED_BACK' });
  }

  async rollback(): Promise<void> {
    this.#open = false;
    try {
      await this.#client.query('ROLLBACK');
    } catch {
      // The connection is gone, and with it the transaction; release() sees the state and drops the connection.
      return;
    }
  }

  runAfterCommit(): void {
    for (const callback of this.#afterCommit) callback();
  }
}

/** The driver sends a Buffer as bytes and any other byte array as JSON, so the others are wrapped here. */
function bindable(value: unknown): unknown {
  if (value instanceof Uint8Array && !Buffer.isBuffer(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return Array.isArray(value) ? value.map(bindable) : value;
}
