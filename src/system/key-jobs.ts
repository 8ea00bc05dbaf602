import { allOrganisationIds } from '#platform/access';
import type { OwnKeys } from '#platform/keyring';
import { describeFault } from '#platform/runtime';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';

const DAY = 86_400_000;

/** Keeps each organisation's OpenPGP key: made where there is none, and its end put off in time. */
export function keyJobs(
  { database, logger }: Pick<Foundation, 'database' | 'logger'>,
  ownKeys: Pick<OwnKeys, 'maintain'>,
): readonly Job[] {
  return [
    {
      name: 'keep-organisation-keys',
      everyMs: DAY,
      async run() {
        for (const organisation of await database.system('worker', allOrganisationIds)) {
          try {
            await ownKeys.maintain(organisation);
          } catch (error) {
            // One organisation's fault is not the others'. Half a year is left to act on it.
            logger.error('organisation-key-not-kept', { ...describeFault(error), organisation });
          }
        }
      },
    },
  ];
}
