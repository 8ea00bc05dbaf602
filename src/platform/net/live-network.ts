import { getServers } from 'node:dns';
import type { NetworkProfile } from '#core/network';
import { type Clock, systemClock } from '#platform/runtime';
import type { DnsServer } from './dns-exchange.ts';
import { isPublicAddress } from './public-address.ts';
import { createResolver, createValidatingResolver } from './resolver.ts';

export interface LiveNetworkOptions {
  /** `address`, `address:port` or `[address]:port`; default: those of the system. */
  readonly dnsServers?: readonly string[];
  /** A resolver that validates DNSSEC, asked for everything in place of the others; DANE is on with it. */
  readonly validatingServer?: string;
  readonly clock?: Clock;
}

/** The internet as delivery sees it: real DNS, port 25, public addresses only, the system's roots. */
export function createLiveNetwork(options: LiveNetworkOptions = {}): NetworkProfile {
  const clock = options.clock ?? systemClock;
  const monotonic = (): number => clock.monotonic();
  const { validatingServer } = options;
  return {
    ...(validatingServer === undefined
      ? {
          resolver: createResolver({
            servers: (options.dnsServers ?? getServers()).map(parseDnsServer),
            monotonic,
          }),
        }
      : createValidatingResolver({ servers: [parseDnsServer(validatingServer)], monotonic })),
    smtpPort: () => 25,
    mayConnect: isPublicAddress,
    mayRoute: () => true,
    extraRoots: [],
  };
}

/** Throws RangeError for anything else than an address with an optional port. */
export function parseDnsServer(text: string): DnsServer {
  const match = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)|([0-9a-f:.]+?))(?::(\d{1,5}))?$/i.exec(text);
  const bare = /^[0-9a-f:]+(?:\.[0-9.]+)?$/i.test(text) && text.split(':').length > 2 ? text : undefined;
  const address = bare ?? match?.[1] ?? match?.[2] ?? match?.[3];
  const port = bare === undefined && match?.[4] !== undefined ? Number(match[4]) : 53;
  if (address === undefined || port < 1 || port > 65_535) throw new RangeError('not a DNS server address');
  return { address, port };
}
