import type { OrganisationId } from '#core/ids';
import type { Database } from '#platform/database';
import { decodeLeaf } from './list.ts';
import { insertTerms, lockIndex, readPlaced, unindexedLogs } from './search.store.ts';
import { termsOf } from './terms.ts';

const BATCH = 2000;
/** Batches of one log before the others have their turn. */
const MOST_ROUNDS = 25;

/**
 * Reads what was placed since into the index that the log is searched by; returns how many entries. Also fills the index
 * of a log that was written before there was one.
 */
export async function indexLogs(database: Database, only?: OrganisationId): Promise<number> {
  const logs = only === undefined ? await database.system('worker', unindexedLogs) : [only];
  let total = 0;
  for (const organisation of logs) {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const done = await indexBatch(database, organisation);
      total += done;
      if (done < BATCH) break;
    }
  }
  return total;
}

async function indexBatch(database: Database, organisation: OrganisationId): Promise<number> {
  return database.tenant([organisation], 'worker', async (tx) => {
    const from = await lockIndex(tx, organisation);
    if (from === null) return 0;
    const rows = await readPlaced(tx, organisation, from, BATCH);
    const last = rows.at(-1);
    if (last?.position == null) return 0;
    const found = rows.map((row) => ({
      id: row.id,
      terms: termsOf(row.leaf === null ? null : decodeLeaf(row.leaf)),
    }));
    await insertTerms(tx, organisation, found, last.position + 1);
    return rows.length;
  });
}
