import type { Actor, Caller } from '#core/actor';
import type { DeliveryId, MessageId } from '#core/ids';
import { unlockItem } from './item.store.ts';
import { setUse } from './limit.store.ts';
import { limitKey } from './limits.ts';
import type { PortalNeeds } from './needs.ts';

/**
 * Gives a recipient access again that wrong answers had ended, with all tries anew: staff have spoken with them. False
 * where it was not locked. In a transaction of its own, with its audit entry.
 */
export async function unlock(
  needs: PortalNeeds,
  caller: Caller,
  message: MessageId,
  delivery: DeliveryId,
): Promise<boolean> {
  const { organisation } = caller;
  return needs.database.tenant([organisation], 'app', async (tx) => {
    const item = await unlockItem(tx, message, delivery);
    if (item === undefined) return false;
    await setUse(tx, await limitKey(needs.vault, 'answers', item.person), 0, needs.clock.now());
    const actor: Actor = caller.actor;
    await needs.audit.append(tx, {
      organisation,
      action: 'portal.unlocked',
      actor,
      origin: caller.origin,
      result: 'done',
      subjects: [
        { kind: 'portal-item', id: item.id },
        { kind: 'message', id: message },
        { kind: 'delivery', id: delivery },
      ],
      details: {},
      sealedReference: null,
      request: caller.request,
    });
    return true;
  });
}
