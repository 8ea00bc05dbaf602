import { membershipsOf } from './identity.store.ts';
import type { AccessPorts } from './ports.ts';
import { dueTrouble, markTold } from './sign-in-trouble.store.ts';
import { noticeTo } from './tell-person.ts';

/**
 * What a person is told of sign-ins as them (ASVS 5.0 V6.3.5): tries that failed; a second step that failed after the right
 * passphrase, so that somebody else may know it; a sign-in from a browser that was not seen before.
 */
export type TroubleKind = 'failed-tries' | 'factor-failed' | 'new-device';

/** From how many within a day. Few enough to be told before much is tried, and more than people mistype. */
const MEASURES: Readonly<Record<TroubleKind, number>> = {
  'failed-tries': 5,
  'factor-failed': 3,
  'new-device': 1,
};

/**
 * Mails what is due, at most once a day for each kind and person; how many were told. For the worker: a mail that was lined up in the
 * request itself would take time that an address without an account does not.
 */
export async function tellTrouble(
  ports: Pick<AccessPorts, 'database' | 'vault' | 'clock' | 'sendNotice'>,
): Promise<number> {
  const { database, clock } = ports;
  const at = clock.now();
  const due = await database.system('app', (tx) => dueTrouble(tx, MEASURES, at));
  let told = 0;
  for (const one of due) {
    const { identity, kind } = one;
    const [organisation] = await database.system('app', (tx) => membershipsOf(tx, identity));
    if (organisation === undefined) {
      await database.system('app', (tx) => markTold(tx, one, at));
      continue;
    }
    await database.tenant([organisation], 'app', async (tx) => {
      if (!(await markTold(tx, one, at))) return;
      await noticeTo(ports, tx, { organisation, identity }, { kind: 'sign-in-noticed', what: kind, at });
      told += 1;
    });
  }
  return told;
}
