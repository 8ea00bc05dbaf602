import type { Caller } from '#core/actor';
import type { Transaction } from '#platform/database';
import type { MessagePorts } from './ports.ts';

/** Puts a person's or program's access to PHI on record, in the transaction that reads it (AU-1). */
export async function recordAccess(
  ports: Pick<MessagePorts, 'audit'>,
  tx: Transaction,
  caller: Caller,
  action: string,
  subjects: readonly { readonly kind: string; readonly id: string }[],
  details: Readonly<Record<string, string | number | boolean | null>>,
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
