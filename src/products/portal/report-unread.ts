import type { Address } from '#core/address';
import type { DeliveryId, MessageId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId, randomToken } from '#platform/runtime';
import { KeyMissing, KeyShredded, SealBroken } from '#platform/vault';
import { findUnread, markUnreadReported } from './item.store.ts';
import { insertLink } from './link.store.ts';
import type { PortalNeeds } from './needs.ts';
import { findPerson } from './person.store.ts';
import { openPersonAddress } from './person-address.ts';
import { tokenHash } from './token.ts';

const ITEMS_PER_ROUND = 200;
const ACTOR = { kind: 'system', component: 'portal' } as const;
const ORIGIN = { address: null, channel: 'worker' } as const;

/**
 * Tells senders of copies that nobody opened for the organisation's number of days (PO-6), once each: mark and notice
 * stand in one transaction, so that the job can be stopped, repeated and run twice at once. Returns how many it told.
 */
export async function reportUnread(needs: PortalNeeds): Promise<number> {
  let total = 0;
  for (;;) {
    const now = needs.clock.now();
    const due = await needs.database.system('worker', (tx) => findUnread(tx, now, ITEMS_PER_ROUND));
    let told = 0;
    for (const [organisation, rows] of Map.groupBy(due, (row) => row.organisation)) {
      told += await needs.database.tenant([organisation], 'worker', async (tx) => {
        let count = 0;
        for (const { item } of rows) if (await reportOne(needs, tx, organisation, item, now)) count += 1;
        return count;
      });
    }
    total += told;
    if (due.length < ITEMS_PER_ROUND || told === 0) return total;
  }
}

async function reportOne(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  item: PortalItemId,
  at: Date,
): Promise<boolean> {
  const marked = await markUnreadReported(tx, item, at);
  if (marked === undefined) return false;
  await needs.deliveryUnread(tx, organisation, marked.delivery, at);
  await needs.audit.append(tx, {
    organisation,
    action: 'portal.unread-reported',
    actor: ACTOR,
    origin: ORIGIN,
    result: 'done',
    subjects: [
      { kind: 'portal-item', id: item },
      { kind: 'delivery', id: marked.delivery },
    ],
    details: {},
    sealedReference: null,
    request: null,
  });
  await writeAgain(needs, tx, { organisation, item, ...marked }, at);
  return true;
}

interface Marked {
  readonly organisation: OrganisationId;
  readonly item: PortalItemId;
  readonly delivery: DeliveryId;
  readonly message: MessageId;
  readonly person: PortalPersonId;
  readonly expiresAt: Date;
}

/** What staff put on record for such a case is done now, in the same transaction: once, as the report. */
async function writeAgain(needs: PortalNeeds, tx: Transaction, marked: Marked, at: Date): Promise<void> {
  const { organisation, item, message, delivery, expiresAt } = marked;
  const person = await findPerson(tx, marked.person);
  if (person === undefined) return;
  const recipient = await addressOf(needs, organisation, person);
  if (recipient === null) return;
  const newLink = async (): Promise<string> => {
    const token = randomToken();
    await insertLink(tx, { id: newId(needs.clock), organisation, item, hash: tokenHash(token), at });
    return token;
  };
  const copy = {
    organisation,
    item,
    message,
    delivery,
    recipient,
    locale: person.locale,
    expiresAt,
    newLink,
  };
  await needs.pickups.fallBack(tx, copy);
}

/** Null where the key of the person is gone for good: whom to write to cannot be known then, and others must not wait. */
async function addressOf(
  needs: PortalNeeds,
  organisation: OrganisationId,
  person: Parameters<typeof openPersonAddress>[2],
): Promise<Address | null> {
  try {
    return await openPersonAddress(needs.vault, organisation, person);
  } catch (fault) {
    if (fault instanceof KeyShredded || fault instanceof KeyMissing || fault instanceof SealBroken)
      return null;
    throw fault;
  }
}
