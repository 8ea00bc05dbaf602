import { type Address, addressText } from '#core/address';
import { type IdentityId, INSTALLATION } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { type IdentityRow, insertIdentity } from './identity.store.ts';

/** A person as shown to colleagues. */
export interface Person {
  readonly id: IdentityId;
  readonly displayName: string;
  readonly address: string;
}

type PersonVault = Pick<Vault, 'blindIndex' | 'sealValue' | 'openValue'>;

const bind = (field: string, row: string) => ({ organisation: INSTALLATION, field, row });

export const personBinding = (field: 'address' | 'display-name', row: IdentityId) =>
  bind(`identity.${field}`, row);

/**
 * The index by which a person is found. Staff addresses are taken without regard to case: two people of one place do
 * not differ in it, and people type their address as they like.
 */
export function addressIndex(vault: Pick<PersonVault, 'blindIndex'>, address: Address): Promise<Buffer> {
  return vault.blindIndex(INSTALLATION, 'identity-address/1', addressText(address).toLowerCase());
}

/** Makes an identity; null when one with this address exists. */
export async function makePerson(
  tx: Transaction,
  vault: PersonVault,
  person: { readonly address: Address; readonly displayName: string; readonly operator: boolean },
): Promise<IdentityId | null> {
  const id = newId() as IdentityId;
  const [index, address, displayName] = await Promise.all([
    addressIndex(vault, person.address),
    vault.sealValue('identity', bind('identity.address', id), addressText(person.address)),
    vault.sealValue('identity', bind('identity.display-name', id), person.displayName),
  ]);
  const row = { id, addressIndex: index, address, displayName, operator: person.operator };
  return (await insertIdentity(tx, row)) ? id : null;
}

/** Opens what is shown of a person. */
export async function openPerson(
  vault: Pick<PersonVault, 'openValue'>,
  row: Pick<IdentityRow, 'id' | 'address' | 'display_name'>,
): Promise<Person> {
  const [address, displayName] = await Promise.all([
    vault.openValue(bind('identity.address', row.id), row.address),
    vault.openValue(bind('identity.display-name', row.id), row.display_name),
  ]);
  return { id: row.id, displayName: displayName.toString('utf8'), address: address.toString('utf8') };
}
