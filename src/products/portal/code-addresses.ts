import type { Address } from '#core/address';
import type { OrganisationId, PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { PortalNeeds } from './needs.ts';

/**
 * Where a code goes: to the person's own address, and, for a copy whose further notice went to another address of the same
 * person, there as well. Who asks stands before one of the two mailboxes, and nobody knows which.
 */
export async function codeAddresses(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  own: Address,
  item: PortalItemId | null,
): Promise<readonly Address[]> {
  if (item === null) return [own];
  const other = await needs.pickups.codesAlsoTo(tx, organisation, own, item);
  return other === null ? [own] : [own, other];
}
