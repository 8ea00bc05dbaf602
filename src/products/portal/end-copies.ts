import type { DeliveryId, MessageId, OrganisationId, PortalItemId } from '#core/ids';
import type { PortalRetraction } from '#core/portal';
import type { Transaction } from '#platform/database';
import { destroyCopy } from './copy.store.ts';
import { anybodyMayOpen, expireItem, findExpired, retractItems } from './item.store.ts';
import { destroyLetters, findExpiredLetters } from './letter.store.ts';
import type { PortalNeeds } from './needs.ts';
import { destroyPdfPasswords } from './pdf-password.store.ts';
import { destroyReplies } from './reply.store.ts';
import { sweepEnded } from './sweep.store.ts';

const ITEMS_PER_ROUND = 200;
const ACTOR = { kind: 'system', component: 'portal' } as const;
const ORIGIN = { address: null, channel: 'worker' } as const;

/** Empties letters whose time is over. Returns how many. */
async function expireLetters(needs: PortalNeeds): Promise<number> {
  const at = needs.clock.now();
  const due = await needs.database.system('worker', (tx) => findExpiredLetters(tx, at, ITEMS_PER_ROUND));
  let ended = 0;
  for (const [organisation, rows] of Map.groupBy(due, (row) => row.organisation)) {
    const letters = rows.map((row) => row.reply);
    ended += await needs.database.tenant([organisation], 'worker', (tx) => destroyLetters(tx, letters, at));
  }
  return ended;
}

/** Expires what is due, each organisation in a transaction of its own, until nothing is due. Returns how many items ended. */
export async function expireDue(needs: PortalNeeds): Promise<number> {
  let total = await expireLetters(needs);
  for (;;) {
    const due = await needs.database.system('worker', (tx) => findExpired(tx, ITEMS_PER_ROUND));
    const byOrganisation = Map.groupBy(due, (row) => row.organisation);
    let ended = 0;
    for (const [organisation, rows] of byOrganisation) {
      ended += await needs.database.tenant([organisation], 'worker', (tx) =>
        expireItems(
          needs,
          tx,
          organisation,
          rows.map((row) => row.item),
        ),
      );
    }
    total += ended;
    // A round that ended nothing met items that another worker has in hand, or a clock that lags the database's.
    if (due.length < ITEMS_PER_ROUND || ended === 0) return total;
  }
}

async function expireItems(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  items: readonly PortalItemId[],
): Promise<number> {
  const at = needs.clock.now();
  const messages = new Set<MessageId>();
  let ended = 0;
  for (const id of items) {
    const item = await expireItem(tx, id, at);
    if (item === undefined) continue;
    ended += 1;
    messages.add(item.message);
    if (item.firstReadAt === null) await needs.deliveryExpired(tx, organisation, item.delivery, at);
    await needs.audit.append(tx, {
      organisation,
      action: 'portal.expired',
      actor: ACTOR,
      origin: ORIGIN,
      result: 'done',
      subjects: [
        { kind: 'portal-item', id },
        { kind: 'message', id: item.message },
      ],
      details: { read: item.firstReadAt !== null },
      sealedReference: null,
      request: null,
    });
  }
  for (const message of messages) {
    if (!(await anybodyMayOpen(tx, message))) await destroy(needs, tx, organisation, message, at);
  }
  return ended;
}

/** Content, key and blob go; replies shown beside the message go with it. */
async function destroy(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  message: MessageId,
  at: Date,
): Promise<void> {
  await destroyReplies(tx, message, at);
  const destroyed = await destroyCopy(tx, message, at);
  if (destroyed?.blob != null) await needs.blobs.remove(tx, organisation, destroyed.blob);
}

/** Ends every recipient's entry to a message and destroys the copy. The caller writes its own audit entry of the wish. */
export async function retractCopy(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  message: MessageId,
): Promise<PortalRetraction> {
  const ended = await retractItems(tx, message);
  await destroyPdfPasswords(tx, organisation, message);
  await destroy(needs, tx, organisation, message, needs.clock.now());
  const unread: DeliveryId[] = [];
  const read: DeliveryId[] = [];
  for (const item of ended) (item.firstReadAt === null ? unread : read).push(item.delivery);
  return { unread, read };
}

/** Removes codes, sessions, devices and limits that ended more than a day ago. Called by the worker role now and then. */
export function sweepPortal(needs: PortalNeeds): Promise<number> {
  return needs.database.system('worker', (tx) => sweepEnded(tx, needs.clock.now()));
}
