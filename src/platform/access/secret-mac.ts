import type { OrganisationId } from '#core/ids';
import { constantTimeEqual } from '#platform/runtime';
import type { Vault } from '#platform/vault';

export type MacKeys = Pick<Vault, 'mac' | 'indexVersion'>;

/**
 * What is stored of a generated secret: one octet for the version of the MAC key, then HMAC-SHA-256. With the version
 * beside it a later rotation of that key leaves older secrets valid.
 */
export async function makeSecretMac(
  keys: MacKeys,
  organisation: OrganisationId,
  use: string,
  secret: string,
): Promise<Buffer> {
  const version = await keys.indexVersion(organisation);
  return Buffer.concat([Buffer.from([version]), await keys.mac(organisation, use, secret, version)]);
}

/** Whether the secret is the one behind what was stored, in constant time. */
export async function matchesSecretMac(
  keys: MacKeys,
  organisation: OrganisationId,
  use: string,
  secret: string,
  stored: Buffer,
): Promise<boolean> {
  const version = stored[0];
  if (version === undefined || stored.length !== 33) return false;
  return constantTimeEqual(stored.subarray(1), await keys.mac(organisation, use, secret, version));
}
