import type { Address } from '#core/address';
import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { addressIndex, lookupIndex } from './address-index.ts';
import type { PortalNeeds } from './needs.ts';
import { findPersonByIndex, insertPerson, type PersonRow } from './person.store.ts';
import { sealPersonAddress } from './person-address.ts';

/** The person behind an address as this organisation knows them; made where it knows none, in the open transaction. */
export async function ensurePerson(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  address: Address,
): Promise<PersonRow> {
  const index = await addressIndex(needs.vault, organisation, address);
  const known = await findPersonByIndex(tx, index);
  if (known !== undefined) return known;
  const profile = await needs.organisation(tx, organisation);
  const id = newId(needs.clock) as PortalPersonId;
  const key = await needs.vault.newObjectKey(organisation, 'identity');
  const row: PersonRow = {
    id,
    lookupIndex: await lookupIndex(needs.vault, address),
    objectKey: key.wrapped,
    address: sealPersonAddress(needs.vault, key, organisation, id, address),
    locale: profile.locale,
  };
  const made = await insertPerson(tx, { ...row, organisation, addressIndex: index, domain: address.domain });
  if (made) return row;
  const other = await findPersonByIndex(tx, index);
  if (other === undefined) throw new Error('a portal person vanished while it was made');
  return other;
}
