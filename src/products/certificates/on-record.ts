import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import type { Transaction } from '#platform/database';
import type { CertificatePorts } from './ports.ts';

/** Puts an act into the audit log, in the transaction that does it. Ids and counts only. */
export function onRecord(
  ports: CertificatePorts,
  tx: Transaction,
  caller: Caller,
  action: string,
  subjects: readonly { readonly kind: string; readonly id: string }[],
  details: Readonly<Record<string, string | number>> = {},
): Promise<unknown> {
  return ports.audit.append(tx, doneBy(caller, action, { subjects, details }));
}

/** A change: what it touches is told to the keyring once it is done. */
export async function change<T>(
  ports: CertificatePorts,
  caller: Caller,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const { organisation } = caller;
  const done = await ports.database.tenant([organisation], 'app', work);
  ports.certificates.forget(organisation);
  return done;
}
