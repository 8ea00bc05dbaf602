/** Shortest passphrase that the server takes (SP 800-63B-4 §3.1.1.2). */
export const LEAST_PASSPHRASE = 15;

/** How many characters are still missing; counted as people count, not in UTF-16 units. */
export function missingCharacters(passphrase: string, least = LEAST_PASSPHRASE): number {
  return Math.max(0, least - [...passphrase.normalize('NFC')].length);
}
