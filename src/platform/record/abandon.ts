import type { EventId, OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { insertEvents, moveDelivery, updateNotices } from './outcome.store.ts';
import { type ClaimedItem, dequeue } from './queue.store.ts';
import type { RecordPorts } from './record-ports.ts';

/** Bad destination system status, other or undefined (RFC 3463 §3.4): what we hold cannot be read any more. */
const STATUS = '5.3.0';

/**
 * Ends work that can never be read (its key was destroyed, its row is damaged) and whose time is over: an explicit
 * non-delivery with event and audit entry. No DSN: whom it was from is among what cannot be read.
 */
export async function abandonWork(
  ports: RecordPorts,
  organisation: OrganisationId,
  claims: readonly ClaimedItem[],
): Promise<void> {
  const at = ports.clock.now();
  await ports.database.tenant([organisation], 'worker', async (tx) => {
    const held = await dequeue(tx, claims);
    for (const claim of claims) {
      if (!held.has(claim.item)) continue;
      if (claim.kind === 'notice') {
        await updateNotices(tx, [
          { id: claim.item, state: 'expired', code: 'unreadable', finished: true, at },
        ]);
      } else {
        await moveDelivery(tx, claim.item, ['queued', 'deferred'], 'not-delivered', STATUS, at);
        await insertEvents(tx, [
          {
            id: newId() as EventId,
            organisation,
            type: 'delivery.not-delivered',
            subjects: [
              { kind: 'message', id: claim.message },
              { kind: 'delivery', id: claim.item },
            ],
            actor: { kind: 'system', component: 'conveyor' },
            cause: null,
            occurredAt: at,
            payload: null,
          },
        ]);
      }
      await ports.audit.append(tx, {
        organisation,
        action: `${claim.kind}.abandoned`,
        actor: { kind: 'system', component: 'conveyor' },
        origin: { address: null, channel: 'worker' },
        result: 'failed',
        subjects: [{ kind: claim.kind, id: claim.item }],
        details: { reason: 'unreadable' },
        sealedReference: null,
        request: null,
      });
    }
  });
}
