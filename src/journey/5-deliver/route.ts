import type { NetworkProfile } from '#core/network';
import { type AttemptResult, NO_TRANSPORT } from '#core/transport';
import type { SmtpCredentials } from '#platform/net';

/** A relay that takes all outgoing mail, over verified TLS. The operator chose it: its address may be private. */
export interface SmartHost {
  readonly host: string;
  readonly port: number;
  readonly credentials: SmtpCredentials | null;
  /** TLS from the first octet (RFC 8314) instead of STARTTLS. */
  readonly implicitTls: boolean;
}

/**
 * The mail server that an organisation named for its own domain. The name is its word and no DNS answer, so the certificate
 * must be for this very name (or DANE must vouch for it).
 */
export interface OwnHost {
  readonly host: string;
  readonly port: number;
  /** Addresses beside public ones that the operator lets such hosts have. */
  readonly mayConnect: (address: string) => boolean;
}

/** A host to try. Hosts of the same `rank` may be tried in any order. */
export interface RouteHost {
  readonly host: string;
  readonly port: number;
  readonly rank: number;
  readonly smartHost: SmartHost | null;
  /** Present for an organisation's own host. */
  readonly own?: OwnHost;
}

type RouteFailure = Extract<AttemptResult, { kind: 'deferred' | 'bounced' }>;
export type Route =
  | {
      readonly kind: 'hosts';
      readonly hosts: readonly RouteHost[];
      /** DNSSEC vouches for it that these are the domain's hosts. */
      readonly secure: boolean;
    }
  | RouteFailure;

/** RFC 5321 §5.1 asks for two at least; nobody needs more, and a zone must not make us walk for hours. */
const MOST_HOSTS = 8;

/**
 * The hosts that take a domain's mail, in the order to try them (RFC 5321 §5.1): MX by preference, equals shuffled;
 * the domain itself where it has addresses and no MX; none for a null MX (RFC 7505).
 */
export async function findRoute(
  domain: string,
  network: NetworkProfile,
  smartHost: SmartHost | null,
  random: () => number,
): Promise<Route> {
  if (!network.mayRoute(domain)) return bounced('domain-not-routed');
  if (smartHost !== null) {
    const { host, port } = smartHost;
    return { kind: 'hosts', hosts: [{ host, port, rank: 0, smartHost }], secure: false };
  }
  // The word of a resolver that nobody vouches for is not taken.
  const believed = network.dane !== undefined;
  const mx = await network.resolver.mx(domain);
  if (mx.kind === 'failed') return deferred();
  const records = mx.kind === 'found' ? mx.records : [];
  if (records.length > 0) {
    const named = records.filter(({ exchange }) => exchange !== '');
    if (named.length === 0) return bounced('null-mx');
    return { kind: 'hosts', hosts: inOrder(named, network, random), secure: believed && mx.secure };
  }
  if (mx.kind === 'none' && !mx.nameExists) return bounced('no-such-domain');
  const addresses = await network.resolver.addresses(domain);
  switch (addresses.kind) {
    case 'failed':
      return deferred();
    case 'none':
      return bounced('no-such-domain');
    case 'found': {
      const hosts = inOrder([{ preference: 0, exchange: domain }], network, random);
      return { kind: 'hosts', hosts, secure: believed && mx.secure && addresses.secure };
    }
  }
}

/** The way to an organisation's own host: 25 stands for the port on which the network has mail hosts (the sandbox has many). */
export function routeToOwnHost(own: OwnHost, network: NetworkProfile): Extract<Route, { kind: 'hosts' }> {
  const { host } = own;
  const port = own.port === 25 ? network.smtpPort(host) : own.port;
  return {
    kind: 'hosts',
    hosts: [{ host, port, rank: 0, smartHost: null, own }],
    // TLSA records stand for port 25 (RFC 7672 §2.2.3 names the port); that this is the host needs no DNS to say so.
    secure: own.port === 25 && network.dane !== undefined,
  };
}

function inOrder(
  records: readonly { readonly preference: number; readonly exchange: string }[],
  network: NetworkProfile,
  random: () => number,
): RouteHost[] {
  const placed = records.map((record) => ({ ...record, place: random() }));
  placed.sort((a, b) => a.preference - b.preference || a.place - b.place);
  return placed.slice(0, MOST_HOSTS).map(({ exchange, preference }) => ({
    host: exchange,
    port: network.smtpPort(exchange),
    rank: preference,
    smartHost: null,
  }));
}

function bounced(code: 'domain-not-routed' | 'null-mx' | 'no-such-domain'): RouteFailure {
  return { kind: 'bounced', transport: NO_TRANSPORT, reply: null, code };
}

function deferred(): RouteFailure {
  return { kind: 'deferred', transport: NO_TRANSPORT, reply: null, code: 'dns-failed' };
}
