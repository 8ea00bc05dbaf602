import ipaddr from 'ipaddr.js';

/**
 * True for addresses of the public internet only. Loopback, private, link-local, shared, multicast, documentation,
 * translated (NAT64, 6to4, Teredo) and reserved ranges are refused; an IPv4-mapped IPv6 address counts as the IPv4
 * one. Text that is not an address, or has a zone, is refused.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text) || text.includes('%')) return false;
  // Forms like 0x7f.1 or 010.0.0.1 mean different things to different readers.
  if (!text.includes(':') && !ipaddr.IPv4.isValidFourPartDecimal(text)) return false;
  const address = ipaddr.parse(text);
  if (address.kind() === 'ipv6' && isCompatible(address.toByteArray())) return false;
  return ipaddr.process(text).range() === 'unicast';
}

/** ::/96, the deprecated IPv4-compatible form: reaches nothing public. */
function isCompatible(bytes: readonly number[]): boolean {
  return bytes.slice(0, 12).every((byte) => byte === 0);
}
