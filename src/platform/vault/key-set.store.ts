import { INSTALLATION } from '#core/ids';
import type { Database } from '#platform/database';
import type { KeySetRecord } from './key-set.ts';

/**
 * Remembers the id of the set of keys in the database, so that neither an emptied nor another installation's keys
 * directory is taken for the right one. Needs the migrated schema; give it to createVault after migrating.
 */
export function databaseKeySet(database: Database): KeySetRecord {
  return {
    read: () =>
      database.tenant([INSTALLATION], 'worker', async (tx) => {
        const row = await tx.maybe<{ keySet: string | null }>({
          text: `select value->>'id' as "keySet" from sealpost.vault_state where organisation = $1 and name = 'key-set'`,
          values: [INSTALLATION],
        });
        return row?.keySet ?? null;
      }),
    write: (keySet) =>
      database.tenant([INSTALLATION], 'worker', async (tx) => {
        await tx.execute({
          text: `insert into sealpost.vault_state (organisation, name, value)
                 values ($1, 'key-set', jsonb_build_object('id', $2::text)) on conflict do nothing`,
          values: [INSTALLATION, keySet],
        });
      }),
  };
}
