import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { DeliveryId, MessageId } from '#core/ids';
import { defineRoute, empty, type Route } from '#platform/http';
import type { MessagePorts } from './ports.ts';

/** A recipient who gave too many wrong answers in the portal gets access back. */
export function unlockRoute(ports: Pick<MessagePorts, 'unlockInPortal'>): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/messages/:id/deliveries/:delivery/unlock',
    summary: 'Give a recipient access again whom wrong answers had locked out',
    description:
      'Speak with the recipient first: whoever gave the answers had the notice and a sign-in code. All tries begin anew. 404 where nothing is locked.',
    tags: ['messages'],
    access: { permission: 'messages:cancel' },
    params: z.strictObject({ id: z.uuid(), delivery: z.uuid() }),
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const [message, delivery] = [params.id as MessageId, params.delivery as DeliveryId];
    if (!(await ports.unlockInPortal(caller, message, delivery))) throw new Refusal('not-found');
    return { status: 204 };
  });
}
