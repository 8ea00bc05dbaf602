import { enums, generateKey, type PrivateKey, reformatKey, revokeKey } from 'openpgp';
import type { RevocationReason } from './own-key.store.ts';
import { PGP_CONFIG } from './pgp-config.ts';

/**
 * A new key for one address: version 4, Ed25519 to sign and a Curve25519 subkey to encrypt, in the form that gpg 2.2
 * knows as well. Without expiry, unless one is named: whoever holds it decides when it ends.
 */
export async function makePgpKey(
  name: string,
  address: string,
  now: Date,
  expiresAt: Date | null = null,
): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name, email: address }],
    date: now,
    ...(expiresAt === null ? {} : { keyExpirationTime: secondsBetween(now, expiresAt) }),
    format: 'object',
    config: PGP_CONFIG,
  });
  return privateKey;
}

/** The same key with a new end, by new self-signatures (RFC 9580 §5.2.3.13). What others certified stays. */
export async function extendPgpKey(key: PrivateKey, now: Date, expiresAt: Date): Promise<PrivateKey> {
  const [user] = key.users;
  const { name = '', email = '' } = user?.userID ?? {};
  const { privateKey } = await reformatKey({
    privateKey: key,
    userIDs: [{ name, email }],
    date: now,
    keyExpirationTime: secondsBetween(key.getCreationTime(), expiresAt),
    format: 'object',
    config: PGP_CONFIG,
  });
  const [made] = privateKey.users;
  if (made !== undefined && user !== undefined) made.otherCertifications = user.otherCertifications;
  return privateKey;
}

/** RFC 9580 §5.2.3.31. */
const FLAGS: Readonly<Record<RevocationReason | 'none', number>> = {
  none: enums.reasonForRevocation.noReason,
  superseded: enums.reasonForRevocation.keySuperseded,
  compromised: enums.reasonForRevocation.keyCompromised,
  retired: enums.reasonForRevocation.keyRetired,
};

export interface RevokedPgpKey {
  /** The transferable public key with the revocation in it. */
  readonly octets: Buffer;
  /** The revocation alone, armoured: whoever imports it has the key revoked. */
  readonly certificate: string;
}

/** What says that a key is revoked. Made without touching the key that is handed in. */
export async function revokePgpKey(
  key: PrivateKey,
  reason: RevocationReason | 'none',
  now: Date,
): Promise<RevokedPgpKey> {
  const { publicKey } = await revokeKey({
    key,
    reasonForRevocation: { flag: FLAGS[reason], string: '' },
    date: now,
    format: 'object',
    config: PGP_CONFIG,
  });
  const certificate = await publicKey.getRevocationCertificate(now);
  if (typeof certificate !== 'string') throw new TypeError('no revocation was made');
  return { octets: Buffer.from(publicKey.write()), certificate };
}

/** Certifies the new key's user ids by the one before it, for those who believe that one. */
export async function certifyBy(made: PrivateKey, before: PrivateKey, now: Date): Promise<PrivateKey> {
  return made.signAllUsers([before], now);
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(1, Math.floor((to.getTime() - from.getTime()) / 1_000));
}

export type { PrivateKey };
