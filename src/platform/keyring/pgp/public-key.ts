import { type Key, type PublicKey, readKeys, type Subkey } from 'openpgp';
import { FULL_CONFIG } from './full-config.ts';
import { PGP_CONFIG } from './pgp-config.ts';

/** A recipient's key as read, and what is shown of it. */
export interface PublicPgpKey {
  /** The transferable public key (RFC 9580 §10.1), binary. */
  readonly octets: Buffer;
  /** Lower-case hex. */
  readonly fingerprint: string;
  /** Such as `rsa 3072` or `eddsaLegacy`. */
  readonly algorithm: string;
  readonly createdAt: Date;
  readonly key: PublicKey;
}

/** Why octets or text are not a key that can be kept. */
export type KeyTextProblem = 'unreadable' | 'too-large' | 'several-keys' | 'private-key';

/** Whether mail may be encrypted to a key now. */
export type KeyVerdict =
  | { readonly kind: 'usable'; readonly subkey: Subkey; readonly expiresAt: Date | null }
  | { readonly kind: 'unusable'; readonly code: UnusableCode; readonly reason: UnusableReason };

export type UnusableCode = 'key-expired' | 'key-revoked' | 'key-unusable';
export type UnusableReason = 'expired' | 'revoked' | 'weak' | 'no-encryption-subkey' | 'not-self-signed';

/** Octets of a key that we read: keys with photographs or thousands of certifications are refused. */
export const KEY_LIMIT = 128 * 1024;
const LEAST_RSA_BITS = 2048;

/** Reads one public key, armoured or binary. A secret key is refused, never quietly made public: it was sent by mistake. */
export async function readPublicKey(source: Uint8Array | string): Promise<PublicPgpKey | KeyTextProblem> {
  const keys = await readPublicKeys(source);
  if (typeof keys === 'string') return keys;
  const [key] = keys;
  if (key === undefined) return 'unreadable';
  return keys.length > 1 ? 'several-keys' : key;
}

/** The same where several may stand together, as a Web Key Directory may answer. Never an empty list. */
export async function readPublicKeys(
  source: Uint8Array | string,
): Promise<readonly PublicPgpKey[] | Exclude<KeyTextProblem, 'several-keys'>> {
  // Base64 in lines is 1.4 times as long.
  if (source.length > (typeof source === 'string' ? KEY_LIMIT * 1.4 : KEY_LIMIT)) return 'too-large';
  let keys: Key[];
  try {
    keys = await (typeof source === 'string'
      ? readKeys({ armoredKeys: source, config: PGP_CONFIG })
      : readKeys({ binaryKeys: Uint8Array.from(source), config: PGP_CONFIG }));
  } catch {
    // The library's text may quote user ids.
    return 'unreadable';
  }
  if (keys.length === 0) return 'unreadable';
  if (keys.some((key) => key.isPrivate())) return 'private-key';
  return keys.map((key) => describe(key.toPublic()));
}

function describe(key: PublicKey): PublicPgpKey {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  return {
    octets: Buffer.from(key.write()),
    fingerprint: key.getFingerprint(),
    algorithm: [algorithm, bits ?? curve].filter((part) => part !== undefined).join(' '),
    createdAt: key.getCreationTime(),
    key,
  };
}

/**
 * Judges a key by our policy at a moment: the primary key valid, not revoked, not expired, strong enough, held together
 * by a self-signature better than SHA-1; and an encryption subkey of which the same is true. Of several the newest one
 * is taken. A primary key that encrypts itself is not enough: keys of that shape are from before 2000.
 */
export async function judgeKey({ key }: PublicPgpKey, now: Date): Promise<KeyVerdict> {
  // A revocation counts whatever else is wrong.
  if (await ownRevocation(key, now)) return unusable('revoked');
  const info = key.getAlgorithmInfo();
  if (info.bits !== undefined && info.bits < LEAST_RSA_BITS) return unusable('weak');
  const expires = await quietly(key.getExpirationTime(undefined, FULL_CONFIG));
  if (expires instanceof Date && expires <= now) return unusable('expired');
  try {
    await key.verifyPrimaryKey(now, undefined, FULL_CONFIG);
  } catch {
    return unusable('not-self-signed');
  }
  const chosen = await quietly(key.getEncryptionKey(undefined, now, undefined, FULL_CONFIG));
  const subkey = key.subkeys.find((one) => one === chosen);
  if (subkey === undefined) return unusable(await whyNoSubkey(key, now));
  const ends = [expires, await subkey.getExpirationTime(now, FULL_CONFIG)].filter(
    (one) => one instanceof Date,
  );
  const first = ends.sort((a, b) => a.getTime() - b.getTime())[0];
  return { kind: 'usable', subkey, expiresAt: first ?? null };
}

/** Subkeys that were good once say more than "none". */
async function whyNoSubkey(key: PublicKey, now: Date): Promise<UnusableReason> {
  const reasons = new Set<UnusableReason>();
  for (const subkey of key.subkeys) {
    const { bits } = subkey.getAlgorithmInfo();
    const binding = subkey.bindingSignatures[0];
    const flags = binding?.keyFlags?.[0] ?? 0;
    // RFC 9580 §5.2.3.29: 0x04 communications, 0x08 storage.
    if ((flags & 0x0c) === 0) continue;
    if (bits !== undefined && bits < LEAST_RSA_BITS) reasons.add('weak');
    else if (subkey.revocationSignatures.length > 0) reasons.add('revoked');
    else {
      const ends = await quietly(subkey.getExpirationTime(now, FULL_CONFIG));
      if (ends instanceof Date && ends <= now) reasons.add('expired');
    }
  }
  for (const reason of ['expired', 'revoked', 'weak'] as const) if (reasons.has(reason)) return reason;
  return 'no-encryption-subkey';
}

/** True where the primary key itself was revoked, by a signature of its own that verifies. */
async function ownRevocation(key: PublicKey, now: Date): Promise<boolean> {
  if (key.revocationSignatures.length === 0) return false;
  return (await quietly(key.isRevoked(undefined, undefined, now, FULL_CONFIG))) === true;
}

function unusable(reason: UnusableReason): KeyVerdict {
  const code: Readonly<Record<UnusableReason, UnusableCode>> = {
    expired: 'key-expired',
    revoked: 'key-revoked',
    weak: 'key-unusable',
    'no-encryption-subkey': 'key-unusable',
    'not-self-signed': 'key-unusable',
  };
  return { kind: 'unusable', code: code[reason], reason };
}

/** What a key cannot answer counts as not known: the verdict is then the stricter one. */
async function quietly<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch {
    return null;
  }
}

/** True where a user id that the key itself certifies, and has not revoked, names this address (compared without case). */
export async function keyNamesAddress({ key }: PublicPgpKey, address: string, now: Date): Promise<boolean> {
  const wanted = address.toLowerCase();
  for (const user of key.users) {
    if (user.userID?.email.toLowerCase() !== wanted) continue;
    if ((await quietly(user.verify(now, FULL_CONFIG))) === true) return true;
  }
  return false;
}

/** The same key with what a newer copy adds: subkeys, expiry, revocations. Each part is signed by the primary key itself. */
export async function mergeKeys(known: PublicPgpKey, newer: PublicPgpKey): Promise<PublicPgpKey> {
  return describe((await known.key.update(newer.key, undefined, FULL_CONFIG)).toPublic());
}
