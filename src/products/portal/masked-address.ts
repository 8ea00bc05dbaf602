import type { Address } from '#core/address';
import { INSTALLATION } from '#core/ids';
import type { Vault } from '#platform/vault';

const DOTS = '•••';

/** First letters of mailbox and domain, and nothing of their length: enough to know one's own address again. */
export function maskedAddress({ local, domain }: Address): string {
  return mask(firstLetter(local), firstLetter(domain));
}

/**
 * What stands in the place of a masked address behind a link that is nobody's: always the same for the same link, so that
 * its page cannot be told from that of a link which is somebody's.
 */
export async function decoyAddress(vault: Vault, entry: string): Promise<string> {
  const [first = 0, second = 0] = await vault.mac(INSTALLATION, 'portal-decoy', entry);
  return mask(letter(first), letter(second));
}

function mask(local: string, domain: string): string {
  return `${local}${DOTS}@${domain}${DOTS}`;
}

function firstLetter(text: string): string {
  const [first = ''] = text.toLowerCase();
  return /^[a-z]$/.test(first) ? first : '';
}

function letter(octet: number): string {
  return String.fromCharCode(97 + (octet % 26));
}
