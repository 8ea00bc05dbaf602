import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A random token in base64url. `bytes` of randomness, at least 16 (128 bit), default 32. */
export function randomToken(bytes = 32): string {
  if (!Number.isInteger(bytes) || bytes < 16) throw new RangeError('a token needs at least 16 random bytes');
  return randomBytes(bytes).toString('base64url');
}

/**
 * A string of `length` decimal digits (1 to 12), each combination equally likely: the codes that people type.
 */
export function randomDigits(length: number): string {
  if (!Number.isInteger(length) || length < 1 || length > 12) throw new RangeError('1 to 12 digits');
  const bound = 10 ** length;
  const limit = Math.floor(2 ** 48 / bound) * bound; // rejection sampling: no digit string is favoured
  for (;;) {
    const value = randomBytes(6).readUIntBE(0, 6);
    if (value < limit) return (value % bound).toString().padStart(length, '0');
  }
}

/** Compares in a time that depends on neither the contents nor where the lengths differ. */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  // Hashing first makes both sides equally long; comparing lengths directly would leak them.
  const digest = (value: string | Uint8Array): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(a), digest(b));
}
