import { type Address, addressText } from '#core/address';
import type { OrganisationId } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';
import { type PublicPgpKey, readPublicKey } from './public-key.ts';
import type { RecipientKeyRow } from './recipient-key.store.ts';

/** What keys of recipients need of the vault. */
export interface KeySeal {
  sealValue(purpose: SealPurpose, binding: Binding, plain: Uint8Array | string): Promise<Buffer>;
  openValue(binding: Binding, sealed: Uint8Array): Promise<Buffer>;
  blindIndex(organisation: OrganisationId, name: string, normalised: string): Promise<Buffer>;
}

/** A stored key, opened. */
export interface RecipientKey
  extends Pick<
    RecipientKeyRow,
    'id' | 'source' | 'state' | 'vouched_by' | 'vouched_at' | 'checked_at' | 'created_at'
  > {
  readonly address: string;
  readonly key: PublicPgpKey;
}

/** A sealed key that cannot be read again: it was readable when it was stored, so this is a fault. */
class StoredKeyUnreadable extends Error {
  override readonly name = 'StoredKeyUnreadable';
}

const binding = (organisation: OrganisationId, field: string, row: string): Binding => ({
  organisation,
  field: `pgp-key.${field}`,
  row,
});

export function fingerprintIndex(
  vault: KeySeal,
  organisation: OrganisationId,
  fingerprint: string,
): Promise<Buffer> {
  return vault.blindIndex(organisation, 'pgp-fingerprint/1', fingerprint);
}

export async function sealKey(
  vault: KeySeal,
  organisation: OrganisationId,
  id: string,
  address: Address,
  key: PublicPgpKey,
): Promise<Pick<RecipientKeyRow, 'address' | 'material' | 'fingerprint_index'>> {
  return {
    address: await vault.sealValue(
      'configuration',
      binding(organisation, 'address', id),
      addressText(address),
    ),
    material: await sealMaterial(vault, organisation, id, key),
    fingerprint_index: await fingerprintIndex(vault, organisation, key.fingerprint),
  };
}

export function sealMaterial(
  vault: KeySeal,
  organisation: OrganisationId,
  id: string,
  key: PublicPgpKey,
): Promise<Buffer> {
  return vault.sealValue('configuration', binding(organisation, 'material', id), key.octets);
}

export async function openKey(
  vault: KeySeal,
  organisation: OrganisationId,
  row: RecipientKeyRow,
): Promise<RecipientKey> {
  const [address, octets] = await Promise.all([
    vault.openValue(binding(organisation, 'address', row.id), row.address),
    vault.openValue(binding(organisation, 'material', row.id), row.material),
  ]);
  const key = await readPublicKey(octets);
  if (typeof key === 'string') throw new StoredKeyUnreadable(key);
  const { id, source, state, vouched_by, vouched_at, checked_at, created_at } = row;
  return {
    id,
    source,
    state,
    vouched_by,
    vouched_at,
    checked_at,
    created_at,
    address: address.toString('utf8'),
    key,
  };
}
