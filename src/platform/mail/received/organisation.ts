import { getDomain } from 'tldts';
import { isLoopback, isPrivate } from './read-address.ts';
import type { ParsedReceived } from './types.ts';

/**
 * The registrable domain of a host, by the public suffix list that the library carries; nobody is asked. Suffixes under
 * which strangers get names (cloud and hosting providers) count as suffixes.
 */
export function organisationOf(host: string | null): string | null {
  if (host === null) return null;
  return getDomain(host, { allowPrivateDomains: true, validateHostname: false });
}

export type InternalBasis =
  | 'same-host'
  | 'private-address'
  | 'local-program'
  | 'local-protocol'
  | 'same-organisation';

export interface Internal {
  readonly basis: InternalBasis;
  readonly confidence: 'high' | 'medium';
}

/** Protocols that are not spoken over the internet: RFC 2033 §5 for LMTP; the others stay inside of one product. */
const LOCAL_PROTOCOL = /^(?:UTF8)?LMTPS?A?$|^(?:NNFMP|ECSTREAM|THRIFT|UUCP)$/;

/** Names that providers give to their customers' lines: a customer is not the provider. */
const CUSTOMER_LINE =
  /(?:^|[.-])(?:dsl|adsl|vdsl|xdsl|dyn|dynamic|dhcp|pool|ppp|pppoe|dial|dialup|cable|client|clients|cust|customer|res|residential|broadband|mobile|wireless|hsd\d?|cpe|ip|ips)\d{0,4}(?=[.-]|$)|\d{1,3}[-.x]\d{1,3}[-.x]\d{1,3}[-.x]\d{1,3}/i;

/** Whether both ends of a hop belong together, and by which sign; null where nothing says so. */
export function internalSign(received: ParsedReceived): Internal | null {
  const { from, by, protocol } = received;
  if (received.local) return { basis: 'local-program', confidence: 'high' };
  if (from.address !== null && isLoopback(from.address)) return { basis: 'same-host', confidence: 'high' };
  if (sameHost(received)) return { basis: 'same-host', confidence: 'high' };
  if (protocol !== null && LOCAL_PROTOCOL.test(protocol))
    return { basis: 'local-protocol', confidence: 'high' };
  if (from.address !== null && isPrivate(from.address))
    return { basis: 'private-address', confidence: 'high' };
  const own = organisationOf(by.name);
  if (own === null) return null;
  if (from.resolvedName !== null) {
    if (received.nameDoubted || CUSTOMER_LINE.test(from.resolvedName)) return null;
    return organisationOf(from.resolvedName) === own
      ? { basis: 'same-organisation', confidence: 'high' }
      : null;
  }
  // The claimed name alone, which anybody can choose: only where there is nothing to hold against it. Exchange writes no other
  // name, but hands over by HTTPS to its own kind only.
  const alone = from.address === null || protocol === 'HTTPS';
  if (!alone || received.nameDoubted || from.claimedName === null || CUSTOMER_LINE.test(from.claimedName)) {
    return null;
  }
  return organisationOf(from.claimedName) === own
    ? { basis: 'same-organisation', confidence: 'medium' }
    : null;
}

function sameHost({ from, by, nameDoubted }: ParsedReceived): boolean {
  if (from.address !== null && from.address === by.address) return true;
  const name = from.resolvedName ?? (nameDoubted || from.address !== null ? null : from.claimedName);
  if (name === null) return false;
  const plain = name.toLowerCase();
  return plain === 'localhost' || plain.startsWith('localhost.') || plain === by.name?.toLowerCase();
}
