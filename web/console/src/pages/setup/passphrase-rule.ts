/** Shortest passphrase that the server takes within a sign-in of two factors. */
export const LEAST_PASSPHRASE = 12;

/** How many characters are still missing; counted as people count, not in UTF-16 units. */
export function missingCharacters(passphrase: string, least = LEAST_PASSPHRASE): number {
  return Math.max(0, least - [...passphrase.normalize('NFC')].length);
}
