import {
  type Deliver,
  sweepPolicies,
  sweepTlsCounts,
  type TlsReporter,
  type TlsResultCounter,
} from '#journey/5-deliver';
import type { Database } from '#platform/database';
import type { Clock, Logger } from '#platform/runtime';
import type { Job } from './jobs.ts';
import type { World } from './world.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
/** Policies that bind nobody any more, and counts that were to be reported long ago. */
const KEPT_DAYS = { policies: 7, results: 35 };

export interface TransportJobNeeds {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly world: Pick<World, 'mode' | 'network'>;
  readonly deliver: Deliver;
  readonly results: TlsResultCounter;
  /** Null: nobody has said who reports. */
  readonly reporter: TlsReporter | null;
}

/** Keeps MTA-STS policies fresh and the counts of TLS results written. */
export function transportJobs(needs: TransportJobNeeds): readonly Job[] {
  const { database, clock, deliver, results, reporter } = needs;
  const before = (days: number): Date => new Date(clock.now().getTime() - days * DAY);
  return [
    { name: 'write-tls-results', everyMs: 30 * SECOND, run: () => results.flush() },
    { name: 'refresh-mta-sts', everyMs: HOUR / 4, run: () => deliver.refreshPolicies() },
    { name: 'check-validating-resolver', everyMs: HOUR, run: () => checkResolver(needs) },
    {
      name: 'sweep-transport',
      everyMs: 6 * HOUR,
      async run() {
        const day = before(KEPT_DAYS.results).toISOString().slice(0, 10);
        await database.system('worker', async (tx) => {
          await sweepPolicies(tx, before(KEPT_DAYS.policies));
          await sweepTlsCounts(tx, day);
        });
        await reporter?.sweep(day);
      },
    },
    ...(reporter === null
      ? []
      : [{ name: 'send-tls-reports', everyMs: HOUR / 6, run: () => reporter.run() }]),
  ];
}

/**
 * A resolver that was named as validating and does not validate makes DANE silent: nothing is secure, so nothing is asked
 * for. The root is signed, so whatever is said about it must come with the mark. No answer at all is no news: mail waits too.
 */
async function checkResolver({ world, logger }: Pick<TransportJobNeeds, 'world' | 'logger'>): Promise<void> {
  const { dane, resolver } = world.network();
  if (dane === undefined || world.mode() !== 'live') return;
  const looked = await resolver.txt('.');
  if (looked.kind !== 'failed' && !looked.secure) logger.warn('validating-resolver-does-not-validate');
}
