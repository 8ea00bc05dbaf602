import type { OrganisationId } from '#core/ids';
import type { RunningSystem } from '../../../src/system/run-system.ts';

/** Lets the time of one message's portal copies be over, as days of waiting would, and has the worker's job end them. */
export async function expireInPortal(
  system: RunningSystem,
  organisation: string,
  message: string,
): Promise<void> {
  const { foundation, portal } = system.parts;
  await foundation.database.tenant([organisation as OrganisationId], 'worker', (tx) =>
    tx.execute({
      text: `update sealpost.portal_item set expires_at = now() - interval '1 minute' where message = $1`,
      values: [message],
    }),
  );
  await portal.expireDue();
}

/** Lets every passphrase be so many days older, as days of waiting would. */
export async function agePassphrases({ parts }: RunningSystem, days: number): Promise<void> {
  await parts.foundation.database.system('app', (tx) =>
    tx.execute({
      text: `update sealpost.identity set passphrase_changed_at = now() - make_interval(days => $1)`,
      values: [days],
    }),
  );
}
