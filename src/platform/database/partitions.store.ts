import type { Database } from './database.ts';

const AHEAD_MONTHS = 12;

/**
 * Makes the monthly partitions of growing tables from this month until a year ahead, and returns how many were
 * missing. To be run at each start and daily; several processes may do so at once. The tables are listed in the
 * catalogue (`partitioned_table`), and an owner function makes the partitions: the working roles may not.
 */
export async function ensurePartitions(database: Database, now: Date): Promise<number> {
  const until = new Date(now);
  until.setUTCMonth(until.getUTCMonth() + AHEAD_MONTHS);
  const { made } = await database.system('worker', (tx) =>
    tx.one<{ made: number }>({
      name: 'partitions-ensure',
      text: 'select ensure_partitions($1, $2) as made',
      values: [now, until],
    }),
  );
  return made;
}
