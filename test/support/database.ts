import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type Database, openDatabase } from '#platform/database';
import { connectOwner } from '../../src/platform/database/owner-connection.ts';
import { withDatabase } from './cluster.ts';

export interface FreshDatabase {
  readonly database: Database;
  /** Address for the program's login, as DATABASE_URL would give it. */
  readonly url: string;
  /** Address for the superuser, who passes row security: for looking at what is stored, and for tampering. */
  readonly superuserUrl: string;
  /** Closes the pool and drops the database. */
  close(): Promise<void>;
}

/**
 * A new, migrated, empty database of its own. `empty: true` gives one without any migration.
 */
export async function freshDatabase(
  options: { readonly empty?: boolean; readonly poolSize?: number } = {},
): Promise<FreshDatabase> {
  const clusterUrl = inject('clusterUrl');
  const name = `test_${randomBytes(8).toString('hex')}`;
  const template = options.empty === true ? 'template0' : inject('templateDatabase');
  const admin = await connectOwner(clusterUrl);
  try {
    await admin.script(
      `create database ${name} owner sealpost_owner template ${template} strategy file_copy`,
    );
  } finally {
    await admin.close();
  }
  const superuserUrl = withDatabase(clusterUrl, name);
  const login = new URL(superuserUrl);
  login.username = 'sealpost';
  const database = openDatabase({ url: login.href, poolSize: options.poolSize ?? 5 });
  return {
    database,
    url: login.href,
    superuserUrl,
    async close() {
      await database.close();
      const again = await connectOwner(clusterUrl);
      try {
        await again.script(`drop database ${name} with (force)`);
      } finally {
        await again.close();
      }
    },
  };
}
