import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
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
  await ports.audit.append(tx, doneBy(caller, action, { subjects, details }));
}
