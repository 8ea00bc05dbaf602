import { createHash } from 'node:crypto';
import type { Address } from '#core/address';

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769';

/** z-base-32 of octets, as draft-koch-openpgp-webkey-service §3.1 uses it. */
function zBase32(octets: Uint8Array): string {
  let out = '';
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET.charAt((value >>> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? out + ALPHABET.charAt((value << (5 - bits)) & 31) : out;
}

/** The local part as a Web Key Directory names it: SHA-1 (as the draft wants it; it hides nothing) of ASCII lower case. */
export function wkdHash(local: string): string {
  const lower = local.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return zBase32(createHash('sha1').update(lower).digest());
}

/** Where a key may lie, in the order in which to look: the advanced method, and the direct one. */
export function wkdAddresses(address: Address): { readonly advanced: string; readonly direct: string } {
  const { local, domain } = address;
  const path = `hu/${wkdHash(local)}?l=${encodeURIComponent(local)}`;
  return {
    advanced: `https://openpgpkey.${domain}/.well-known/openpgpkey/${domain}/${path}`,
    direct: `https://${domain}/.well-known/openpgpkey/${path}`,
  };
}
