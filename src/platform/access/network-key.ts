import ipaddr from 'ipaddr.js';

/** True for a single address or a CIDR range. */
export function isNetwork(text: string): boolean {
  return text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
}

/** Whether the address lies in one of the networks; true when there are none. An unknown address is in no network. */
export function addressAllowed(address: string | null, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  if (address === null || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return networks.some((network) => {
    const cidr = network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`;
    if (!ipaddr.isValidCIDR(cidr)) return false;
    const [base, bits] = ipaddr.parseCIDR(cidr);
    return base.kind() === parsed.kind() && parsed.match(base, bits);
  });
}

/** What failures are counted by: an IPv4 address, or the /64 of an IPv6 address (one subscriber). */
export function networkKey(address: string | null): string {
  if (address === null || !ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toNormalizedString().split(':').slice(0, 4).join(':');
}
