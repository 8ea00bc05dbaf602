import { connectOwner } from '../../src/platform/database/owner-connection.ts';
import type { Pattern } from './canary-set.ts';
import { type Hit, searchOctets } from './search-files.ts';

/**
 * Searches what the database answers its superuser: every row of every table as text, the planner's statistics and the
 * statements it remembers. Values that PostgreSQL keeps compressed in its files are whole here.
 */
export async function searchDatabase(
  adminUrl: string,
  patterns: readonly Pattern[],
): Promise<{ readonly rows: number; readonly hits: readonly Hit[] }> {
  const owner = await connectOwner(adminUrl);
  const hits: Hit[] = [];
  let rows = 0;
  try {
    const tables = await owner.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and (n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') or c.relname in ('pg_statistic', 'pg_largeobject'))
       union all select unnest(array['pg_stats', 'pg_stat_activity', 'pg_prepared_statements'])`,
    );
    for (const { name } of tables) {
      for (const { row } of await owner.query<{ row: string }>(`select t::text as row from ${name} t`)) {
        rows += 1;
        // bytea comes as hex: looked at in both forms.
        const octets = [...row.matchAll(/\\\\?x((?:[0-9a-f]{2})+)/g)].map(([, hex = '']) =>
          Buffer.from(hex, 'hex'),
        );
        for (const part of [Buffer.from(row), ...octets])
          hits.push(...searchOctets(part, `rows of ${name}`, patterns));
      }
    }
    await owner.script('checkpoint');
  } finally {
    await owner.close();
  }
  return { rows, hits };
}
