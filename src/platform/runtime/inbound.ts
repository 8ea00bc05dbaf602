import { isIP } from 'node:net';

/** Mail from outside. */
export interface InboundConfig {
  /** Undefined: off, but for the sandbox's own. */
  readonly port: number | undefined;
  /** Addresses or CIDR ranges that may hand mail in; empty: everybody. */
  readonly networks: readonly string[];
  /** Private addresses or CIDR ranges in which organisations' own mail servers may stand. */
  readonly hostNetworks: readonly string[];
}

export const INBOUND_VARIABLES = {
  SEALPOST_INBOUND_PORT:
    'SMTP for mail from outside, as an MX (default off; 25 where senders reach it directly)',
  SEALPOST_INBOUND_NETWORKS:
    'addresses or CIDR ranges that may hand mail in, separated by commas (default everybody)',
  SEALPOST_INBOUND_HOST_NETWORKS:
    'private addresses or CIDR ranges in which organisations’ own mail servers may stand (default none: public ones only)',
} as const;

/** Whether this is an address, or an address and a prefix that fits it. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
