import { randomBytes } from 'node:crypto';

/** A key as its holder has it: `sp_<prefix>_<secret>`. The prefix finds the row and may be shown; the secret has 256 bit. */
export interface ApiKeyText {
  readonly prefix: string;
  readonly secret: string;
  readonly text: string;
}

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const FORMAT = /^sp_([a-km-np-z2-9]{12})_([A-Za-z0-9_-]{43})$/;

/** A fresh key. */
export function newApiKeyText(): ApiKeyText {
  // 32 letters: five bits of each octet, no bias.
  const prefix = Array.from(randomBytes(12), (octet) => ALPHABET[octet & 31] ?? '').join('');
  const secret = randomBytes(32).toString('base64url');
  return { prefix, secret, text: `sp_${prefix}_${secret}` };
}

/** Takes a key apart; null for anything that cannot be one. */
export function parseApiKey(text: string): ApiKeyText | null {
  const match = FORMAT.exec(text);
  const [, prefix, secret] = match ?? [];
  return prefix === undefined || secret === undefined ? null : { prefix, secret, text };
}

const TOKEN = /^spt_[A-Za-z0-9_-]{43}$/;

/** A fresh access token: 256 bit that say nothing. What it opens stands in the database, where it can be ended. */
export function newAccessToken(): string {
  return `spt_${randomBytes(32).toString('base64url')}`;
}

/** Whether a bearer credential has the form of an access token. */
export function isAccessToken(text: string): boolean {
  return TOKEN.test(text);
}
