import type { Address } from '#core/address';
import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Binding } from '#core/seal';
import type { Transaction } from '#platform/database';
import type { ObjectKey, Vault } from '#platform/vault';
import { findPeople, type PersonRow } from './person.store.ts';

function binding(organisation: OrganisationId, person: PortalPersonId): Binding {
  return { organisation, field: 'portal.person-address', row: person };
}

export function sealPersonAddress(
  vault: Vault,
  key: ObjectKey,
  organisation: OrganisationId,
  person: PortalPersonId,
  address: Address,
): Buffer {
  return vault.seal(key, binding(organisation, person), JSON.stringify([address.local, address.domain]));
}

export async function openPersonAddress(
  vault: Vault,
  organisation: OrganisationId,
  person: PersonRow,
): Promise<Address> {
  const key = await vault.openObjectKey(organisation, person.objectKey);
  // Authenticated by the seal: sealPersonAddress alone writes it.
  const [local, domain]: [string, string] = JSON.parse(
    vault.openText(key, binding(organisation, person.id), person.address),
  );
  return { local, domain };
}

/** Addresses of these people, as far as the transaction's organisation knows them. */
export async function personAddresses(
  vault: Vault,
  tx: Transaction,
  organisation: OrganisationId,
  people: readonly PortalPersonId[],
): Promise<ReadonlyMap<PortalPersonId, Address>> {
  if (people.length === 0) return new Map();
  const rows = await findPeople(tx, people);
  const opened = rows.map(
    async (row) => [row.id, await openPersonAddress(vault, organisation, row)] as const,
  );
  return new Map(await Promise.all(opened));
}
