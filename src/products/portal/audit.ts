import type { Origin } from '#core/actor';
import type { AuditEntry } from '#core/audit-entry';
import type { OrganisationId, PortalPersonId } from '#core/ids';

/** Where a portal request came from: what every entry about it says. */
export interface Visit {
  readonly origin: Origin;
  readonly request: string;
  readonly userAgent: string | undefined;
}

/** An audit entry about what a recipient did. */
export function recipientEntry(
  visit: Visit,
  entry: {
    readonly organisation: OrganisationId;
    readonly person: PortalPersonId;
    readonly action: string;
    readonly result?: AuditEntry['result'];
    readonly subjects?: AuditEntry['subjects'];
    readonly details?: AuditEntry['details'];
  },
): AuditEntry {
  return {
    organisation: entry.organisation,
    action: entry.action,
    actor: { kind: 'recipient', person: entry.person },
    origin: visit.origin,
    result: entry.result ?? 'done',
    subjects: [{ kind: 'portal-person', id: entry.person }, ...(entry.subjects ?? [])],
    details: entry.details ?? {},
    sealedReference: null,
    request: visit.request,
  };
}
