import type { Caller } from '#core/actor';
import type { EventType } from '#core/event';
import type { EventId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { insertEvents, type RecordPorts } from '#platform/record';
import { type Clock, newId } from '#platform/runtime';

/** What an act on policies was done to. */
export interface PolicySubject {
  readonly kind: 'policy' | 'policy-draft' | 'policy-replay' | 'policy-proposal';
  readonly id: string;
}

/** The audit entry of an act, in its transaction. Rules for single recipients hold their addresses (AU-1): reading too. */
export async function onRecord(
  ports: { readonly audit: RecordPorts['audit'] },
  tx: Transaction,
  caller: Caller,
  action: string,
  subjects: readonly PolicySubject[],
  details: Readonly<Record<string, string | number | boolean | null>> = {},
): Promise<void> {
  await ports.audit.append(tx, {
    organisation: caller.organisation,
    action,
    actor: caller.actor,
    origin: caller.origin,
    result: 'done',
    subjects,
    details,
    sealedReference: null,
    request: caller.request,
  });
}

/** The event of an act, in its transaction. */
export async function tell(
  ports: { readonly clock: Clock },
  tx: Transaction,
  caller: Caller,
  type: EventType,
  subject: { readonly kind: 'policy' | 'policy-proposal'; readonly id: string },
): Promise<void> {
  await insertEvents(tx, [
    {
      id: newId() as EventId,
      organisation: caller.organisation,
      type,
      subjects: [subject],
      actor: caller.actor,
      cause: caller.request,
      occurredAt: ports.clock.now(),
      payload: null,
    },
  ]);
}
