import { domainToASCII } from 'node:url';
import type { Address } from '#core/address';

/** Longest local part and longest address of an SMTP path, in octets (RFC 5321 §4.5.3.1). */
const MAX_LOCAL = 64;
const MAX_ADDRESS = 254;
const MAX_DOMAIN = 253;

const LDH_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PLAIN_ASCII = /^[a-z0-9.-]+$/;
// Characters that no domain carries in any writing; `domainToASCII` would decode %xx and drop tabs.
const DOMAIN_FORBIDDEN = /[^-.0-9A-Za-z\u00a0-\u{10ffff}]/u;

// dot-atom of RFC 5322 §3.2.3, with UTF-8 as RFC 6531 §3.3 adds it.
const DOT_ATOM =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a0-\u{10ffff}-]+)*$/u;
const QUOTED = /^"((?:[ !#-[\]-~\u00a0-\u{10ffff}]|\\[ -~])+)"$/u;
// Spaces, line separators, directional overrides and zero-width marks: they make one address look like another.
const DECEIVING = /[\u00a0\u1680\u2000-\u200b\u2028-\u202f\u205f\u2060-\u2069\u3000\ufeff\ufff9-\uffff]/;

/**
 * The domain in lower-case A-labels (UTS 46, non-transitional), or null: address literals, empty or over-long labels,
 * names whose last label is a number, and trailing dots are no mail domains here.
 */
export function normaliseDomain(text: string): string | null {
  if (text.length === 0 || text.length > MAX_DOMAIN || DOMAIN_FORBIDDEN.test(text)) return null;
  const lower = text.toLowerCase();
  const ascii = PLAIN_ASCII.test(lower) && !lower.includes('xn--') ? lower : domainToASCII(text);
  if (ascii.length === 0 || ascii.length > MAX_DOMAIN) return null;
  const labels = ascii.split('.');
  if (!labels.every((label) => LDH_LABEL.test(label))) return null;
  return /^\d+$/.test(labels[labels.length - 1] ?? '') ? null : ascii;
}

/** The local part in its shortest spelling: quotes only where needed (RFC 5321 §4.1.2), or null. */
function normaliseLocal(text: string): string | null {
  if (DECEIVING.test(text) || !text.isWellFormed()) return null;
  if (DOT_ATOM.test(text)) return text;
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted === undefined) return null;
  const bare = quoted.replace(/\\(.)/gu, '$1');
  return DOT_ATOM.test(bare) ? bare : `"${bare.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * Parses a mailbox `local@domain` (RFC 5321 §4.1.2, RFC 6531), without display name or angle brackets. Null for
 * anything else, for control characters, for local parts over 64 octets and addresses over 254.
 */
export function parseAddress(text: string): Address | null {
  if (text.length > MAX_ADDRESS) return null;
  const at = text.lastIndexOf('@');
  if (at < 1) return null;
  const domain = normaliseDomain(text.slice(at + 1));
  if (domain === null) return null;
  const local = normaliseLocal(text.slice(0, at));
  if (local === null) return null;
  const octets = Buffer.byteLength(local);
  return octets > MAX_LOCAL || octets + 1 + domain.length > MAX_ADDRESS ? null : { local, domain };
}

/** Whether the address needs SMTPUTF8 (its local part is not ASCII). */
export function needsSmtpUtf8(address: Address): boolean {
  return /[\u0080-\u{10ffff}]/u.test(address.local);
}

/**
 * The form under which an address is indexed and compared: local part without case, NFC. RFC 5321 lets a host
 * distinguish case, and no host that matters does; two people are never told apart by it here.
 */
export function addressIndexForm(address: Address): string {
  return `${address.local.normalize('NFC').toLowerCase()}@${address.domain}`;
}
