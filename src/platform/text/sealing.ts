import { auditReferenceBinding } from '#core/audit-reference';
import type { OrganisationId, TextId } from '#core/ids';
import type { Vault } from '#platform/vault';

/** Under which a number is counted and remembered as stopped. */
export const numberIndex = (vault: Vault, organisation: OrganisationId, number: string): Promise<Buffer> =>
  vault.blindIndex(organisation, 'text-number/1', number);

export const textBinding = (organisation: OrganisationId, field: 'number' | 'body', row: TextId) => ({
  organisation,
  field: `text.${field}`,
  row,
});

/** Whose telephone an entry is about: sealed, for those who may resolve references. */
export function numberReference(
  vault: Vault,
  organisation: OrganisationId,
  subjects: readonly { readonly kind: string; readonly id: string }[],
  number: string,
): Promise<Buffer> {
  const reference = auditReferenceBinding(organisation, subjects);
  return vault.sealValue('record', reference, JSON.stringify({ recipients: [number] }));
}
