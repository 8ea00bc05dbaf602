import type { Caller } from '#core/actor';
import type { EventId, MessageId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import type { Transaction } from '#platform/database';
import {
  cancelPortalNotices,
  cancelQueued,
  closeMessage,
  insertEvents,
  moveDeliveries,
} from '#platform/record';
import { newId } from '#platform/runtime';
import type { MessagePorts } from './ports.ts';
import { findMessage, type ShownMessage } from './read-messages.ts';
import { recordAccess } from './record-access.ts';

const ON_THE_WAY: readonly DeliveryState[] = ['queued', 'deferred', 'held'];

export interface Withdrawn<Result extends string> {
  readonly deliveries: readonly { readonly id: string; readonly to: string; readonly result: Result }[];
}

/** Stops what has not been sent yet (HV-1). What a worker holds already is too late, and is said to be. */
export async function cancelMessage(
  ports: MessagePorts,
  caller: Caller,
  id: MessageId,
): Promise<Withdrawn<'cancelled' | 'too-late'>> {
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    const shown = await findMessage(ports, tx, caller, 'messages:cancel', id);
    const stopped = new Set(await stopQueued(ports, tx, shown, 'cancelled', caller));
    await recordAccess(ports, tx, caller, 'message.cancelled', [{ kind: 'message', id }], {
      stopped: stopped.size,
    });
    return {
      deliveries: shown.deliveries.map(({ row, to }) => ({
        id: row.id,
        to,
        result: stopped.has(row.id) ? 'cancelled' : 'too-late',
      })),
    };
  });
}

/**
 * Takes a message back as far as that is possible: unsent copies are cancelled, portal copies destroyed. What was
 * delivered by other means, or read, cannot be reached, and the answer says so per recipient.
 */
export async function retractMessage(
  ports: MessagePorts,
  caller: Caller,
  id: MessageId,
): Promise<Withdrawn<'retracted' | 'retracted-after-read' | 'cancelled' | 'cannot-recall'>> {
  return ports.database.tenant([caller.organisation], 'app', async (tx) => {
    const shown = await findMessage(ports, tx, caller, 'messages:cancel', id);
    const stopped = new Set<string>(await stopQueued(ports, tx, shown, 'retracted', caller));
    const portal = await ports.retractFromPortal(tx, caller.organisation, id);
    await cancelPortalNotices(tx, id, ports.clock.now());
    const ended = [...portal.unread, ...portal.read];
    if (ended.length > 0) await moveDeliveries(tx, ended, 'retracted', ports.clock.now());
    await recordAccess(ports, tx, caller, 'message.retracted', [{ kind: 'message', id }], {
      unread: portal.unread.length,
      read: portal.read.length,
      stopped: stopped.size,
    });
    return {
      deliveries: shown.deliveries.map(({ row, to }) => ({
        id: row.id,
        to,
        result: stopped.has(row.id)
          ? 'cancelled'
          : portal.unread.includes(row.id)
            ? 'retracted'
            : portal.read.includes(row.id)
              ? 'retracted-after-read'
              : 'cannot-recall',
      })),
    };
  });
}

async function stopQueued(
  ports: MessagePorts,
  tx: Transaction,
  shown: ShownMessage,
  state: 'cancelled' | 'retracted',
  caller: Caller,
): Promise<readonly string[]> {
  const { message } = shown;
  const at = ports.clock.now();
  // A message that has reached its end everywhere is not cancelled by wishing so.
  if (state === 'cancelled' && !shown.deliveries.some(({ row }) => ON_THE_WAY.includes(row.state))) return [];
  const stopped = await cancelQueued(tx, message.id);
  if (stopped.length > 0) await moveDeliveries(tx, stopped, 'cancelled', at);
  // From here on a worker that holds a copy and fails finds the message closed and does not try again.
  if (!(await closeMessage(tx, message.id, state))) return stopped;
  await insertEvents(tx, [
    {
      id: newId() as EventId,
      organisation: message.organisation,
      type: state === 'cancelled' ? 'message.cancelled' : 'message.retracted',
      subjects: [{ kind: 'message', id: message.id }],
      actor: caller.actor,
      cause: caller.request,
      occurredAt: at,
      payload: null,
    },
  ]);
  return stopped;
}
