import type { Readiness } from '#platform/http';
import type { Foundation } from './foundation.ts';

/**
 * Whether this process can take work. Below the disk reserve intake refuses everything, so a balancer must take the node
 * away; the process itself lives on (`/health/live`), because it still delivers and shows what it has.
 */
export async function readiness({
  database,
  blobs,
}: Pick<Foundation, 'database' | 'blobs'>): Promise<Readiness> {
  const checks = { database: await database.ping(), storage: blobs.reserveOk() };
  return { ready: checks.database && checks.storage, checks };
}
