import type { OrganisationId } from './ids.ts';
import type { Binding } from './seal.ts';

/**
 * What the sealed reference of an audit entry is bound to: the last of the entry's subjects. It is sealed apart from
 * the message (purpose `record`), because the audit log outlives the message's own keys (AU-2: six years).
 */
export function auditReferenceBinding(
  organisation: OrganisationId,
  subjects: readonly { readonly kind: string; readonly id: string }[],
): Binding {
  const subject = subjects.at(-1);
  if (subject === undefined) throw new TypeError('an entry without a subject has no reference');
  return { organisation, field: 'audit.reference', row: `${subject.kind}:${subject.id}` };
}
