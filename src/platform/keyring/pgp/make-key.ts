import { generateKey, type PrivateKey } from 'openpgp';
import { PGP_CONFIG } from './pgp-config.ts';

/**
 * A new key for one address: version 4, Ed25519 to sign and a Curve25519 subkey to encrypt, in the form that gpg 2.2
 * knows as well. Without expiry: whoever holds it decides when it ends.
 */
export async function makePgpKey(name: string, address: string, now: Date): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name, email: address }],
    date: now,
    format: 'object',
    config: PGP_CONFIG,
  });
  return privateKey;
}

export type { PrivateKey };
