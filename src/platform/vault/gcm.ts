import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { SealBroken } from './errors.ts';
import { fillRandom } from './random-octets.ts';

export const NONCE = 12;
export const TAG = 16;
export const KEY = 32;
const ALGORITHM = 'aes-256-gcm';

/**
 * Writes `nonce ‖ ciphertext ‖ tag` into `target` at `offset` (NIST SP 800-38D, random 96-bit nonce, 128-bit tag).
 * Takes a KeyObject only: a raw key costs three times as much and would lie about in memory.
 */
export function sealInto(
  target: Buffer,
  offset: number,
  key: KeyObject,
  associated: Uint8Array,
  plain: Uint8Array,
): void {
  fillRandom(target, offset, NONCE);
  const cipher = createCipheriv(ALGORITHM, key, target.subarray(offset, offset + NONCE));
  cipher.setAAD(associated);
  target.set(cipher.update(plain), offset + NONCE);
  cipher.final(); // returns nothing in GCM, but makes the tag
  target.set(cipher.getAuthTag(), offset + NONCE + plain.length);
}

/** Opens `nonce ‖ ciphertext ‖ tag`. Throws SealBroken. */
export function openFrom(key: KeyObject, associated: Uint8Array, sealed: Uint8Array): Buffer {
  if (sealed.length < NONCE + TAG) throw new SealBroken();
  const end = sealed.length - TAG;
  return openParts(
    key,
    sealed.subarray(0, NONCE),
    associated,
    sealed.subarray(NONCE, end),
    sealed.subarray(end),
  );
}

/** Seals with a nonce that the caller guarantees to be used once: for streams. Returns `ciphertext ‖ tag`. */
export function sealWithNonce(
  key: KeyObject,
  nonce: Uint8Array,
  associated: Uint8Array,
  plain: Uint8Array,
): Buffer {
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  cipher.setAAD(associated);
  const sealed = Buffer.allocUnsafe(plain.length + TAG);
  sealed.set(cipher.update(plain), 0);
  cipher.final();
  sealed.set(cipher.getAuthTag(), plain.length);
  return sealed;
}

/** Opens `ciphertext ‖ tag` under a nonce known otherwise. Throws SealBroken. */
export function openWithNonce(
  key: KeyObject,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Buffer {
  if (sealed.length < TAG) throw new SealBroken();
  const end = sealed.length - TAG;
  return openParts(key, nonce, associated, sealed.subarray(0, end), sealed.subarray(end));
}

function openParts(
  key: KeyObject,
  nonce: Uint8Array,
  associated: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG });
  decipher.setAAD(associated);
  decipher.setAuthTag(tag);
  const plain = decipher.update(ciphertext);
  try {
    decipher.final();
  } catch {
    plain.fill(0); // unauthenticated octets must not be seen by anyone
    throw new SealBroken();
  }
  return plain;
}

/** Turns raw key octets into a KeyObject and wipes them. */
export function takeKey(raw: Buffer): KeyObject {
  const key = createSecretKey(raw);
  raw.fill(0);
  return key;
}
