import type { NoticeId, PortalPersonId } from '#core/ids';
import type { PreparedCopy } from '#core/portal';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { grantsToTell } from './caregiver.store.ts';
import type { PortalNeeds } from './needs.ts';
import { findPeople } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';

/**
 * Tells caregivers that a message waits which their grant lets them see: a mail without content that names nobody and
 * leads to the sign-in, because the link of the patient's own notice is the patient's. In the transaction that places it.
 */
export async function announceToCaregivers(
  needs: PortalNeeds,
  tx: Transaction,
  person: PortalPersonId,
  prepared: PreparedCopy,
  at: Date,
): Promise<void> {
  const { organisation, message, expiresAt } = prepared;
  const grants = await grantsToTell(tx, { organisation, person }, message, at);
  if (grants.length === 0) return;
  const people = await findPeople(
    tx,
    grants.map(({ caregiver }) => caregiver),
  );
  for (const caregiver of people) {
    await needs.sendNotice(tx, {
      id: newId(needs.clock) as NoticeId,
      organisation,
      to: await openPersonAddress(needs.vault, organisation, caregiver),
      locale: caregiver.locale,
      body: { kind: 'portal-caregiver', message, expiresAt },
    });
  }
}
