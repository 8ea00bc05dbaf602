import type { Looked, NetworkProfile } from '#core/network';
import type { Sandbox } from '#sandbox';

/** A small world as plain data, so that it can be handed to another process: domains, their hosts, where they listen. */
export interface PeerTable {
  readonly domains: Readonly<Record<string, readonly string[]>>;
  readonly hosts: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
  /** PEM roots to trust. */
  readonly roots: readonly string[];
}

/** The network profile of a table. It knows no other domain, and loopback only. */
export function networkOf(table: PeerTable): NetworkProfile {
  const found = <T>(records: readonly T[]): Promise<Looked<T>> =>
    Promise.resolve(
      records.length > 0
        ? { kind: 'found', records, secure: false }
        : { kind: 'none', nameExists: false, secure: false },
    );
  return {
    resolver: {
      mx: (domain) =>
        found((table.domains[domain] ?? []).map((exchange, index) => ({ preference: index, exchange }))),
      addresses: (host) => found([table.hosts[host]?.address].filter((one) => one !== undefined)),
      txt: () => found<string>([]),
    },
    smtpPort: (host) => table.hosts[host]?.port ?? 1,
    mayConnect: (address) => address === '127.0.0.1' || address === '::1',
    mayRoute: (domain) => domain in table.domains,
    extraRoots: table.roots,
  };
}

/** The peers of a sandbox that runs in this process, for a system that runs in another one. */
export function tableOf(sandbox: Sandbox): PeerTable {
  const domains: Record<string, readonly string[]> = {};
  const hosts: Record<string, { readonly address: string; readonly port: number }> = {};
  for (const peer of sandbox.peers) {
    // The sandbox has one peer on ::1; it is left out, as machines without IPv6 leave it out.
    if (peer.host === 'mx.six.test') continue;
    hosts[peer.host] = { address: '127.0.0.1', port: peer.port };
    for (const domain of peer.domains) domains[domain] ??= [peer.host];
  }
  return { domains, hosts, roots: sandbox.profile.extraRoots };
}
