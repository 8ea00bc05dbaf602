import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
export const RECOVERY_CODES = 10;

/** Ten codes of 80 bit as `xxxx-xxxx-xxxx-xxxx`, each good for one sign-in. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const letters = Array.from(randomBytes(16), (octet) => ALPHABET[octet & 31] ?? '').join('');
    return (letters.match(/.{4}/g) ?? []).join('-');
  });
}

/** As typed by a person: case, spaces and dashes do not count, and look-alikes are taken for the letter meant (Crockford). */
export function normaliseRecoveryCode(text: string): string {
  return text.toLowerCase().replace(/[\s-]/g, '').replace(/[il]/g, '1').replace(/o/g, '0');
}
