import pg from 'pg';
import type { SqlValue } from './database.ts';
import { type DatabaseFault, type DatabaseUnavailable, toFault } from './faults.ts';
import { typeParsers } from './values.ts';

/**
 * One connection without tenant transaction, for what stands outside of the program's work: making the database,
 * migrations, moving. Never used while serving.
 */
export interface OwnerConnection {
  query<Row extends object>(text: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** Several statements in one text, without values. */
  script(text: string): Promise<void>;
  /** The driver's own client, for COPY streams. */
  readonly client: pg.Client;
  close(): Promise<void>;
}

/** A script that failed, with what PostgreSQL said: for migrations, whose text is ours and holds no content. */
export class ScriptFault extends Error {
  override readonly name = 'ScriptFault';
  readonly code: string;
  constructor(fault: DatabaseFault | DatabaseUnavailable, said: string) {
    super(`${fault.message}: ${said}`);
    this.code = fault.code;
  }
}

/** Connects, or throws DatabaseUnavailable / DatabaseFault. */
export async function connectOwner(url: string, timeoutMs = 15_000): Promise<OwnerConnection> {
  const client = new pg.Client({
    connectionString: url,
    types: typeParsers,
    connectionTimeoutMillis: timeoutMs,
    application_name: 'sealpost-owner',
  });
  client.on('error', () => undefined); // found by the next statement
  try {
    await client.connect();
  } catch (error) {
    throw toFault(error, 'connect');
  }
  return {
    client,
    async query<Row extends object>(text: string, values: readonly SqlValue[] = []): Promise<Row[]> {
      try {
        return (await client.query<Row>(text, [...values])).rows;
      } catch (error) {
        throw toFault(error);
      }
    },
    async script(text) {
      try {
        await client.query(text);
      } catch (error) {
        throw new ScriptFault(toFault(error), error instanceof Error ? error.message : '');
      }
    },
    close: () => client.end(),
  };
}
