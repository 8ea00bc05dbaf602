import type { EventType } from '#core/event';
import type { DeliveryId, EventId, NoticeId, OrganisationId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import type { Notice } from '#core/notice';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { KeyMissing, KeyShredded, SealBroken } from '#platform/vault';
import { loadDeliveries, loadMessages } from './load.store.ts';
import { openDeliveryRow, openMessageRow } from './open-work.ts';
import { insertEvents, moveDelivery } from './outcome.store.ts';
import type { RecordPorts } from './record-ports.ts';
import { writeNotices } from './write-notices.ts';

const RECEIPT_DAYS = 2;

/**
 * The recipient, or a caregiver in their place, opened the message in the portal for the first time: the delivery is `portal-read`, the event is
 * written and the sender gets a receipt. Does nothing at a second call. In the caller's transaction.
 */
export async function deliveryRead(
  ports: RecordPorts,
  tx: Transaction,
  organisation: OrganisationId,
  delivery: DeliveryId,
  at: Date,
  by: 'recipient' | 'caregiver',
): Promise<void> {
  const moved = await moveFromPortal(
    ports,
    tx,
    organisation,
    delivery,
    'portal-read',
    'delivery.portal-read',
    at,
  );
  if (!moved) return;
  const [row] = await loadDeliveries(tx, [delivery]);
  const [parent] = row ? await loadMessages(tx, [row.message]) : [];
  // A reply made in the portal has no mailbox of its own behind its sender: nothing to send a receipt to.
  if (!row || !parent || parent.source === 'portal') return;
  const { message } = await openMessageRow(ports.vault, parent);
  const giveUpAt = new Date(at.getTime() + RECEIPT_DAYS * 86_400_000);
  const notice = {
    id: newId() as NoticeId,
    organisation,
    to: message.sender,
    locale: 'en' as const,
    body: { kind: 'portal-read' as const, message: message.id, delivery, readAt: at, by },
  };
  await writeNotices(ports, tx, [{ notice, giveUpAt }], at);
}

/** Delivery time expired (RFC 3463 §3.5), for good: a copy that nobody picked up is not tried again. */
const UNREAD_STATUS = '5.4.7';
const DSN_DAYS = 2;

/**
 * The portal copy's time is over before anybody read it (PO-3). The sender is told by a report without subject and
 * content, once. Does nothing where the delivery does not wait in the portal any more.
 */
export async function deliveryExpired(
  ports: RecordPorts,
  tx: Transaction,
  organisation: OrganisationId,
  delivery: DeliveryId,
  at: Date,
): Promise<void> {
  const moved = await moveFromPortal(
    ports,
    tx,
    organisation,
    delivery,
    'expired',
    'delivery.expired',
    at,
    UNREAD_STATUS,
  );
  if (!moved) return;
  const notice = await unreadReport(ports, tx, delivery, 'unread', UNREAD_STATUS);
  if (notice === null) return;
  const giveUpAt = new Date(at.getTime() + DSN_DAYS * 86_400_000);
  await writeNotices(ports, tx, [{ notice, giveUpAt }], at);
}

/** Other mailbox status (RFC 3463 §3.3), not for good: it still waits to be picked up. */
const WAITING_STATUS = '4.2.0';

/**
 * Nobody has opened the portal copy for some days (PO-6): the sender is told by a report without subject and content. The
 * delivery stays as it is. Does nothing where it does not wait in the portal any more; that it is told once is the caller's.
 */
export async function deliveryUnread(
  ports: RecordPorts,
  tx: Transaction,
  delivery: DeliveryId,
  at: Date,
): Promise<void> {
  const [row] = await loadDeliveries(tx, [delivery]);
  if (row?.state !== 'portal-waiting') return;
  const notice = await unreadReport(ports, tx, delivery, 'waiting', WAITING_STATUS);
  if (notice === null) return;
  const giveUpAt = new Date(at.getTime() + DSN_DAYS * 86_400_000);
  await writeNotices(ports, tx, [{ notice, giveUpAt }], at);
}

/** The report on an unread copy; null where there is nobody to tell, or where the message's key is gone for good. */
async function unreadReport(
  ports: RecordPorts,
  tx: Transaction,
  id: DeliveryId,
  action: 'unread' | 'waiting',
  status: string,
): Promise<Notice | null> {
  const [row] = await loadDeliveries(tx, [id]);
  const [parent] = row ? await loadMessages(tx, [row.message]) : [];
  // A reply made in the portal has no mailbox of its own behind its sender.
  if (!row || !parent || parent.source === 'portal') return null;
  try {
    const { message, key } = await openMessageRow(ports.vault, parent);
    return {
      id: newId() as NoticeId,
      organisation: message.organisation,
      to: message.sender,
      locale: 'en',
      body: {
        kind: 'dsn',
        message: message.id,
        messageId: message.messageId,
        acceptedAt: message.acceptedAt,
        recipients: [
          {
            address: openDeliveryRow(ports.vault, key, row).recipient,
            action,
            status,
            remoteHost: null,
            diagnosticCode: null,
          },
        ],
      },
    };
  } catch (fault) {
    // Expiry must not wait for what cannot be opened any more: the copy's time is over all the same.
    if (fault instanceof KeyShredded || fault instanceof KeyMissing || fault instanceof SealBroken)
      return null;
    throw fault;
  }
}

async function moveFromPortal(
  ports: RecordPorts,
  tx: Transaction,
  organisation: OrganisationId,
  delivery: DeliveryId,
  to: DeliveryState,
  type: EventType,
  at: Date,
  status: string | null = null,
): Promise<boolean> {
  if (!(await moveDelivery(tx, delivery, ['portal-waiting'], to, status, at))) return false;
  const [row] = await loadDeliveries(tx, [delivery]);
  if (!row) throw new Error('a delivery that was just moved is gone');
  await insertEvents(tx, [
    {
      id: newId() as EventId,
      organisation,
      type,
      subjects: [
        { kind: 'message', id: row.message },
        { kind: 'delivery', id: row.id },
      ],
      actor: { kind: 'system', component: 'portal' },
      cause: null,
      occurredAt: at,
      payload: null,
    },
  ]);
  await ports.audit.append(tx, {
    organisation,
    action: type,
    actor: { kind: 'system', component: 'portal' },
    origin: { address: null, channel: 'portal' },
    result: 'done',
    subjects: [{ kind: 'delivery', id: delivery }],
    details: {},
    sealedReference: null,
    request: null,
  });
  return true;
}
