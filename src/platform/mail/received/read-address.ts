import { BlockList, isIP, isIPv4 } from 'node:net';

/** An IP address in a piece of a Received line: bare, in brackets, with `IPv6:`, a zone, or a port behind it. */
export function findAddress(text: string): string | null {
  for (const piece of text.slice(0, 400).split(/[\s[\]()<>,;@=]+/)) {
    const address = readAddress(piece);
    if (address !== null) return address;
  }
  return null;
}

function readAddress(piece: string): string | null {
  const bare = piece.replace(/^ipv6:/i, '').replace(/%.*$/, '');
  if (bare.length < 3) return null;
  const mapped = /^::ffff:([0-9.]+)$/i.exec(bare)?.[1];
  const plain = mapped ?? /^(\d{1,3}(?:\.\d{1,3}){3})[.:]\d{1,5}$/.exec(bare)?.[1] ?? bare;
  return isIP(plain) === 0 ? null : plain.toLowerCase();
}

/** Ranges that never stand for a host on the public internet: what carries them stayed inside of some network. */
const INSIDE = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  INSIDE.addSubnet(network, prefix, 'ipv4');
}
INSIDE.addSubnet('fe80::', 10, 'ipv6');
INSIDE.addSubnet('fc00::', 7, 'ipv6');
/** Yahoo and Google write 6to4 addresses of their own private networks (2002:0a00::/24 is 10.0.0.0/8). */
INSIDE.addSubnet('2002:a00::', 24, 'ipv6');

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv4(address) ? 'ipv4' : 'ipv6');

export function isLoopback(address: string): boolean {
  return LOOPBACK.check(address, family(address));
}

/** Private, link-local or shared address space (RFC 1918, 3927, 4193, 6598). */
export function isPrivate(address: string): boolean {
  return INSIDE.check(address, family(address));
}
