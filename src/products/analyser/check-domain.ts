import type { Decision, MethodFailure, RecipientFacts } from '#core/decision';
import { Refusal } from '#core/errors';
import { CLASSES, type Method, type SensitivityClass } from '#core/method';
import type { NetworkProfile } from '#core/network';
import type { Policy } from '#core/policy';
import { parseAddress } from '#platform/mail';
import { type PeerVerifier, pkixVerifier, type SmtpTimeouts } from '#platform/net';
import { type ProbedHost, probeHost } from './probe-host.ts';

/** What a domain says of its own mail servers, beside the certificates that they show. */
export type MtaStsFinding =
  | { readonly kind: 'not-checked' }
  | { readonly kind: 'none' }
  | {
      readonly kind: 'policy';
      readonly mode: 'enforce' | 'testing' | 'none';
      readonly mx: readonly string[];
      readonly maxAgeSeconds: number;
    }
  | { readonly kind: 'failed'; readonly code: string };

export type DaneFinding =
  | { readonly kind: 'not-checked' }
  | { readonly kind: 'none' }
  /** A DNSSEC-signed TLSA set: even an unusable one commits to TLS (RFC 7672 §2.2). */
  | { readonly kind: 'records'; readonly usable: number; readonly unusable: number }
  | { readonly kind: 'failed'; readonly code: string };

/** MTA-STS and DANE as delivery sees them; whoever knows them hands them in. */
export interface PathChecks {
  mtaSts(domain: string): Promise<MtaStsFinding>;
  /** `secure`: DNSSEC vouches for the answer that named this host. */
  dane(host: string, secure: boolean): Promise<DaneFinding>;
  /** What delivery would judge this host by. */
  verifier(domain: string, host: string, secure: boolean): Promise<PeerVerifier>;
}

export interface CheckPorts {
  network(): NetworkProfile;
  readonly hostName: string;
  /** The decide stage. */
  decide(facts: RecipientFacts, policy: Policy): Decision;
  offered(): readonly Method[];
  /** Null while this Sealpost looks at neither MTA-STS nor DANE: both are then told as not checked. */
  readonly pathChecks: PathChecks | null;
  /** Name of the relay that takes all mail, whatever the domain's own servers are; null for none. */
  smartHost(): string | null;
  /** Shorter waiting times, for tests. */
  readonly timeouts?: Partial<SmtpTimeouts>;
  readonly deadlineMs?: number;
}

export interface CheckedHost extends ProbedHost {
  readonly dane: DaneFinding;
}

/** What would become of a message of one class, as things stand. */
export interface Outlook {
  readonly class: SensitivityClass;
  /** `waits`: no host could be asked, so delivery would try again before it decides otherwise. */
  readonly kind: 'decided' | 'waits';
  readonly decision: Decision;
}

export interface DomainReport {
  readonly domain: string;
  /** `mx`; `address`: the domain itself, for want of MX records (RFC 5321 §5.1); `none`: it takes no mail. */
  readonly route: 'mx' | 'address' | 'none' | 'unknown';
  readonly routeCode: 'null-mx' | 'no-such-domain' | 'dns-failed' | null;
  /** The answer about MX was proved by DNSSEC, as far as our resolver may be believed. */
  readonly dnssec: boolean;
  readonly hosts: readonly CheckedHost[];
  /** Hosts beyond the first eight. */
  readonly hostsLeftOut: number;
  readonly mtaSts: MtaStsFinding;
  readonly smartHost: string | null;
  readonly outlook: readonly Outlook[];
}

/** As many as delivery would try. */
const MOST_HOSTS = 8;
const DEADLINE_MS = 25_000;
const NOT_CHECKED = { kind: 'not-checked' } as const;

/**
 * Looks at a recipient domain's mail servers and says what Sealpost would do under this policy (TA-2). Connects to eight
 * hosts at most, side by side, and ends within half a minute. Refusals: `invalid` for what is no domain,
 * `sandbox-domain-only` where the network profile does not reach it.
 */
export async function checkDomain(name: string, policy: Policy, ports: CheckPorts): Promise<DomainReport> {
  const domain = parseAddress(`x@${name.trim().replace(/\.$/, '')}`)?.domain ?? null;
  if (domain === null || domain.startsWith('[')) throw new Refusal('invalid', { path: 'domain' });
  const network = ports.network();
  if (!network.mayRoute(domain)) throw new Refusal('sandbox-domain-only');
  const found = await findHosts(domain, network);
  const { tls } = decideFor(domain, 'ordinary', [], policy, ports);
  const world = {
    network,
    hostName: ports.hostName,
    deadlineMs: ports.deadlineMs ?? DEADLINE_MS,
    ...(ports.timeouts === undefined ? {} : { timeouts: ports.timeouts }),
  };
  const tried = found.hosts.slice(0, MOST_HOSTS);
  const [mtaSts, hosts] = await Promise.all([
    ports.pathChecks?.mtaSts(domain) ?? NOT_CHECKED,
    Promise.all(
      tried.map(async ({ host, preference }): Promise<CheckedHost> => {
        const verifier = (await ports.pathChecks?.verifier(domain, host, found.secure)) ?? pkixVerifier;
        const [probed, dane] = await Promise.all([
          probeHost({ host, preference, minimum: tls.minimum, verifier }, world),
          ports.pathChecks?.dane(host, found.secure) ?? NOT_CHECKED,
        ]);
        return { ...probed, dane };
      }),
    ),
  ]);
  const smartHost = ports.smartHost();
  const end = smartHost === null ? endOf(found, hosts, tls.authentication) : { kind: 'meets' as const };
  return {
    domain,
    route: found.route,
    routeCode: found.code,
    dnssec: found.secure,
    hosts,
    hostsLeftOut: found.hosts.length - tried.length,
    mtaSts,
    smartHost,
    outlook: found.route === 'none' ? [] : CLASSES.map((cls) => outlookOf(domain, cls, end, policy, ports)),
  };
}

interface FoundHosts {
  readonly route: DomainReport['route'];
  readonly code: DomainReport['routeCode'];
  readonly secure: boolean;
  readonly hosts: readonly { readonly host: string; readonly preference: number }[];
}

/** The hosts in the order of RFC 5321 §5.1; null MX by RFC 7505. */
async function findHosts(domain: string, { resolver }: NetworkProfile): Promise<FoundHosts> {
  const mx = await resolver.mx(domain);
  const nothing = { secure: mx.kind !== 'failed' && mx.secure, hosts: [] };
  if (mx.kind === 'failed') return { ...nothing, route: 'unknown', code: 'dns-failed' };
  if (mx.kind === 'found' && mx.records.length > 0) {
    const named = mx.records.filter(({ exchange }) => exchange !== '');
    if (named.length === 0) return { ...nothing, route: 'none', code: 'null-mx' };
    const hosts = named
      .map(({ exchange, preference }) => ({ host: exchange, preference }))
      .toSorted((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1));
    return { route: 'mx', code: null, secure: mx.secure, hosts };
  }
  if (mx.kind === 'none' && !mx.nameExists) return { ...nothing, route: 'none', code: 'no-such-domain' };
  const addresses = await resolver.addresses(domain);
  if (addresses.kind === 'failed') return { ...nothing, route: 'unknown', code: 'dns-failed' };
  if (addresses.kind === 'none') return { ...nothing, route: 'none', code: 'no-such-domain' };
  return { route: 'address', code: null, secure: mx.secure, hosts: [{ host: domain, preference: 0 }] };
}

type WalkEnd =
  | { readonly kind: 'meets' }
  | { readonly kind: 'fails'; readonly failure: MethodFailure }
  | { readonly kind: 'waits' };

/** As delivery weighs a walk over the hosts: one that meets the requirement is enough; a temporary refusal makes it wait. */
function endOf(
  found: FoundHosts,
  hosts: readonly ProbedHost[],
  authentication: Decision['tls']['authentication'],
): WalkEnd {
  if (found.route === 'unknown') return { kind: 'waits' };
  const meets = hosts.some(
    ({ outcome }) =>
      outcome === 'verified' || (outcome === 'unverified' && authentication === 'encrypted-only'),
  );
  if (meets) return { kind: 'meets' };
  const later = hosts.some(
    ({ outcome, detail }) => outcome === 'refused' && detail?.startsWith('4') === true,
  );
  // A host that got far and then failed says more than one that never offered TLS.
  const failed =
    hosts.find(({ outcome }) => outcome === 'unverified') ??
    hosts.find(({ outcome }) => outcome === 'no-tls');
  if (later || failed === undefined || failed.failure === null) return { kind: 'waits' };
  return {
    kind: 'fails',
    failure: { method: 'tls', code: failed.failure, parameters: { host: failed.host } },
  };
}

function outlookOf(
  domain: string,
  cls: SensitivityClass,
  end: WalkEnd,
  policy: Policy,
  ports: CheckPorts,
): Outlook {
  const failures = end.kind === 'fails' ? [end.failure] : [];
  const decision = decideFor(domain, cls, failures, policy, ports);
  // Only a message that would go over TLS has to wait for a host that answers.
  return {
    class: cls,
    kind: end.kind === 'waits' && decision.method === 'tls' ? 'waits' : 'decided',
    decision,
  };
}

/** For somebody at that domain, in the stream that mail takes which names none: rules for single recipients do not meet. */
function decideFor(
  domain: string,
  cls: SensitivityClass,
  failures: readonly MethodFailure[],
  policy: Policy,
  { decide, offered }: CheckPorts,
): Decision {
  const facts = {
    domain,
    addressIndex: `@${domain}`,
    class: cls,
    stream: 'transactional' as const,
    offered: offered(),
    waiver: false,
    lowered: false,
    failures,
  };
  return decide(facts, policy);
}
