import type { Address, NamedAddress } from '#core/address';
import { addressIndexForm } from './address.ts';

// Normalisation 1 of the word index. A change of it is a new index version of the vault (addIndexVersion), so that old
// terms can be indexed again.

const MAX_TERMS = 300;
const WORD = /[\p{L}\p{N}\p{M}]{2,60}/gu;

/** Words of a text as they are indexed and asked for: NFKC, without case and accents, 2 to 60 characters. */
export function searchWords(text: string): string[] {
  const plain = text
    .slice(0, 20_000)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  return [...new Set(plain.match(WORD) ?? [])].slice(0, MAX_TERMS);
}

/** Exact-address term of a role. The prefix holds a character that no word has, so the two never meet. */
export function addressTerm(role: 'from' | 'to', address: Address): string {
  return `${role}:${addressIndexForm(address)}`;
}

/** Term of all addresses of one domain. */
export function domainTerm(role: 'from' | 'to', domain: string): string {
  return `${role}:@${domain}`;
}

/**
 * The terms of one message for the keyed word index: words of the subject and of display names, whole addresses and
 * domains by role, and the words of local parts. At most 1,000.
 */
export function searchTerms(message: {
  readonly subject: string;
  readonly from: readonly (Address | NamedAddress)[];
  readonly to: readonly (Address | NamedAddress)[];
}): string[] {
  const terms = new Set(searchWords(message.subject));
  for (const role of ['from', 'to'] as const) {
    for (const address of message[role]) {
      terms.add(addressTerm(role, address));
      terms.add(domainTerm(role, address.domain));
      for (const word of searchWords(address.local)) terms.add(word);
      if ('name' in address && address.name !== null)
        for (const word of searchWords(address.name)) terms.add(word);
      if (terms.size >= 1000) return [...terms].slice(0, 1000);
    }
  }
  return [...terms];
}
