import { createHash } from 'node:crypto';

/** SHA-256 of a random 256-bit token: what the database keeps of links, sessions and devices. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** True for text that has the form of one of our tokens; spares the database what cannot be one. */
export function looksLikeToken(text: string): boolean {
  return /^[A-Za-z0-9_-]{43}$/.test(text);
}
