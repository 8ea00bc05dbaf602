import type { DeliveryId, NoticeId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { loadDeliveries, loadMessages } from './load.store.ts';
import { openMessageRow } from './open-work.ts';
import type { RecordPorts } from './record-ports.ts';
import { writeNotices } from './write-notices.ts';

const NOTICE_DAYS = 2;

/**
 * A recipient cannot prove enough to open the portal copy: its sender is told by a notice with neither content nor address.
 * That it is told once is the caller's. In the caller's transaction; faults where the message cannot be opened.
 */
export async function deliveryUnproved(
  ports: RecordPorts,
  tx: Transaction,
  delivery: DeliveryId,
  reason: 'locked' | 'unprovable',
  at: Date,
): Promise<void> {
  const [row] = await loadDeliveries(tx, [delivery]);
  const [parent] = row ? await loadMessages(tx, [row.message]) : [];
  // A reply made in the portal has no mailbox of its own behind its sender.
  if (!row || !parent || parent.source === 'portal') return;
  const { message } = await openMessageRow(ports.vault, parent);
  const notice = {
    id: newId() as NoticeId,
    organisation: message.organisation,
    to: message.sender,
    locale: 'en' as const,
    body: { kind: 'portal-unproved' as const, message: message.id, delivery, reason },
  };
  const giveUpAt = new Date(at.getTime() + NOTICE_DAYS * 86_400_000);
  await writeNotices(ports, tx, [{ notice, giveUpAt }], at);
}
