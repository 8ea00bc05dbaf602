import type { Origin } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import { auditReferenceBinding } from '#core/audit-reference';
import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { PortalNeeds } from './needs.ts';

/** Where a portal request came from: what every entry about it says. */
export interface Visit {
  readonly origin: Origin;
  readonly request: string;
  readonly userAgent: string | undefined;
}

/**
 * Records what a recipient did, in the open transaction. The network address it came from identifies the patient (45 CFR
 * 164.514(b)(2)(i)(O)), so it stands in the sealed reference, never in the entry's own bytes, which are clear for ever.
 */
export async function recordRecipient(
  needs: Pick<PortalNeeds, 'audit' | 'vault'>,
  tx: Transaction,
  visit: Visit,
  entry: {
    readonly organisation: OrganisationId;
    readonly person: PortalPersonId;
    readonly action: string;
    readonly result?: AuditEntry['result'];
    readonly subjects?: AuditEntry['subjects'];
    readonly details?: AuditEntry['details'];
  },
): Promise<void> {
  const { organisation, person } = entry;
  const { address, channel } = visit.origin;
  const subjects = [{ kind: 'portal-person', id: person }, ...(entry.subjects ?? [])];
  const sealedReference =
    address === null
      ? null
      : await needs.vault.sealValue(
          'record',
          auditReferenceBinding(organisation, subjects),
          JSON.stringify({ networkAddress: address }),
        );
  await needs.audit.append(tx, {
    organisation,
    action: entry.action,
    actor: { kind: 'recipient', person },
    origin: { address: null, channel },
    result: entry.result ?? 'done',
    subjects,
    details: entry.details ?? {},
    sealedReference,
    request: visit.request,
  });
}
