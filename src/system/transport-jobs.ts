import { type Deliver, sweepPolicies, sweepTlsCounts, type TlsResultCounter } from '#journey/5-deliver';
import type { Database } from '#platform/database';
import type { Clock } from '#platform/runtime';
import type { Job } from './jobs.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
/** Policies that bind nobody any more, and counts that were to be reported long ago. */
const KEPT_DAYS = { policies: 7, results: 35 };

export interface TransportJobNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly deliver: Deliver;
  readonly results: TlsResultCounter;
}

/** Keeps MTA-STS policies fresh and the counts of TLS results written. */
export function transportJobs({ database, clock, deliver, results }: TransportJobNeeds): readonly Job[] {
  const before = (days: number): Date => new Date(clock.now().getTime() - days * DAY);
  return [
    { name: 'write-tls-results', everyMs: 30 * SECOND, run: () => results.flush() },
    { name: 'refresh-mta-sts', everyMs: HOUR / 4, run: () => deliver.refreshPolicies() },
    {
      name: 'sweep-transport',
      everyMs: 6 * HOUR,
      run: () =>
        database.system('worker', async (tx) => {
          await sweepPolicies(tx, before(KEPT_DAYS.policies));
          await sweepTlsCounts(tx, before(KEPT_DAYS.results).toISOString().slice(0, 10));
        }),
    },
  ];
}
