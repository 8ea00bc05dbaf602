import type { Address } from '#core/address';
import { INSTALLATION, type OrganisationId } from '#core/ids';
import { addressIndexForm } from '#platform/mail';
import type { Vault } from '#platform/vault';

/** Finds a person within one organisation. */
export function addressIndex(vault: Vault, organisation: OrganisationId, address: Address): Promise<Buffer> {
  return vault.blindIndex(organisation, 'portal-address/1', addressIndexForm(address));
}

/** Finds the same person in all organisations, for signing in without a link. */
export function lookupIndex(vault: Vault, address: Address): Promise<Buffer> {
  return vault.blindIndex(INSTALLATION, 'portal-lookup/1', addressIndexForm(address));
}
