import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import type { RunningSystem } from '../../../src/system/run-system.ts';

/** Puts the password of a PDF where its recipient finds it, as the road does when the PDF was accepted. */
export async function placePdfPassword(
  system: RunningSystem,
  organisation: string,
  to: string,
): Promise<void> {
  const { foundation, portal } = system.parts;
  const owner = organisation as OrganisationId;
  const [local = '', domain = ''] = to.split('@');
  const now = new Date();
  const placed = {
    organisation: owner,
    message: newId() as MessageId,
    delivery: { id: newId() as DeliveryId, recipient: { local, domain } },
    about: { sender: { local: 'dr.lee', domain: 'clinic.test' }, subject: 'Your biopsy' },
    password: 'abcde-fghjk-mnpqr',
    expiresAt: new Date(now.getTime() + 86_400_000),
  };
  await foundation.database.tenant([owner], 'worker', (tx) => portal.placePassword(tx, placed, now));
}
