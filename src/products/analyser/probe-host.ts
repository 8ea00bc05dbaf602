import type { FailureCode, TlsRequirement } from '#core/decision';
import type { NetworkProfile } from '#core/network';
import type { TransportFacts } from '#core/transport';
import { type Opened, openSession, type PeerVerifier, type SmtpTimeouts } from '#platform/net';

/** Nobody waits five minutes for a greeting here: somebody sits in front of the page. Milliseconds. */
const TIMEOUTS: SmtpTimeouts = {
  connect: 4_000,
  greeting: 8_000,
  command: 5_000,
  handshake: 8_000,
  dataStart: 5_000,
  dataBlock: 5_000,
  dataEnd: 5_000,
};
const MOST_ADDRESSES = 2;

/** What one look at a mail host showed. Nothing but EHLO, STARTTLS and QUIT is said to it. */
export interface ProbedHost {
  readonly host: string;
  readonly preference: number;
  readonly outcome: /** TLS stands, and the certificate is good for the host's name. */
    | 'verified'
    /** TLS stands; the certificate proves nothing. */
    | 'unverified'
    | 'no-tls'
    | 'refused'
    | 'unreachable';
  /** Whether STARTTLS was offered; null when nobody answered. */
  readonly startTls: boolean | null;
  /** Why TLS or its verification failed. */
  readonly failure: FailureCode | null;
  /** Code of the refusal (`554`), or of what broke. */
  readonly detail: string | null;
  readonly transport: TransportFacts;
  /** Versions that the host takes, among those that delivery would use; empty where no handshake was completed. */
  readonly tlsVersions: readonly string[];
}

export interface AskedHost {
  readonly host: string;
  readonly preference: number;
  readonly minimum: TlsRequirement['minimum'];
  readonly verifier: PeerVerifier;
}

export interface ProbeWorld {
  readonly network: NetworkProfile;
  /** Our name in EHLO. */
  readonly hostName: string;
  readonly deadlineMs: number;
  readonly timeouts?: Partial<SmtpTimeouts>;
}

/**
 * Looks at one host, at two of its addresses at most, and ends at the deadline whatever the host does. Versions below the
 * lowest that delivery would take are not asked for: what a host would negotiate there is not worth knowing. A host that
 * answered by 1.3 is asked once more, by 1.2 alone.
 */
export async function probeHost(asked: AskedHost, world: ProbeWorld): Promise<ProbedHost> {
  let seen: ProbedHost = { ...nothing(asked), outcome: 'unreachable', detail: 'timeout' };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ProbedHost>((resolve) => {
    timer = setTimeout(() => resolve(seen), world.deadlineMs);
  });
  const looking = async (): Promise<ProbedHost> => {
    // What the first look showed stands, should the second one take too long.
    seen = await probe(asked, world);
    const older = await takesOlder(asked, seen, world);
    return older === null ? seen : { ...seen, tlsVersions: [older, ...seen.tlsVersions] };
  };
  try {
    return await Promise.race([late, looking()]);
  } finally {
    clearTimeout(timer);
  }
}

/** TLS 1.2 where a host that answered by 1.3 takes it too; null where not, or where nobody would ask for it. */
async function takesOlder(asked: AskedHost, seen: ProbedHost, world: ProbeWorld): Promise<string | null> {
  const { address, tlsVersion } = seen.transport;
  if (asked.minimum !== '1.2' || tlsVersion !== 'TLSv1.3' || address === null) return null;
  const opened = await open(asked, address, world, '1.2');
  if (opened.kind === 'open') {
    await opened.session.quit();
    return opened.session.transport.tlsVersion;
  }
  return opened.transport.tlsVersion;
}

function open(
  { host, minimum, verifier }: AskedHost,
  address: string,
  { network, hostName, timeouts }: ProbeWorld,
  maximum: TlsRequirement['minimum'],
): Promise<Opened> {
  return openSession({
    host,
    address,
    port: network.smtpPort(host),
    hostName,
    security: { kind: 'required', minimum, maximum, verifier },
    roots: network.extraRoots,
    timeouts: { ...TIMEOUTS, ...timeouts },
  });
}

async function probe(asked: AskedHost, world: ProbeWorld): Promise<ProbedHost> {
  const { host, preference } = asked;
  const { network } = world;
  const looked = await network.resolver.addresses(host);
  const none = nothing(asked);
  if (looked.kind === 'failed') return { ...none, outcome: 'unreachable', detail: 'dns-failed' };
  const all = looked.kind === 'found' ? looked.records : [];
  if (all.length === 0) return { ...none, outcome: 'unreachable', detail: 'no-address' };
  const allowed = all.filter((address) => network.mayConnect(address));
  if (allowed.length === 0) return { ...none, outcome: 'unreachable', detail: 'address-not-public' };
  let best: ProbedHost | null = null;
  for (const address of oneOfEachFamily(allowed)) {
    const opened = await open(asked, address, world, '1.3');
    const seen = await conclude(host, preference, opened);
    if (seen.outcome !== 'unreachable') return seen;
    best ??= seen;
  }
  return best ?? { ...none, outcome: 'unreachable', detail: 'no-address' };
}

async function conclude(host: string, preference: number, opened: Opened): Promise<ProbedHost> {
  const { tlsVersion } = opened.kind === 'open' ? opened.session.transport : opened.transport;
  const named = { host, preference, tlsVersions: tlsVersion === null ? [] : [tlsVersion] };
  switch (opened.kind) {
    case 'open': {
      const { transport } = opened.session;
      await opened.session.quit();
      return { ...named, outcome: 'verified', startTls: true, failure: null, detail: null, transport };
    }
    case 'unprotected': {
      const { code, transport } = opened;
      const outcome = transport.tlsVersion === null ? 'no-tls' : 'unverified';
      const startTls = code !== 'tls-not-offered';
      return { ...named, outcome, startTls, failure: code, detail: null, transport };
    }
    case 'refused': {
      const { transport, reply } = opened;
      const startTls = transport.tlsVersion === null ? null : true;
      return { ...named, outcome: 'refused', startTls, failure: null, detail: String(reply.code), transport };
    }
    case 'unreachable': {
      const { transport, code } = opened;
      return { ...named, outcome: 'unreachable', startTls: null, failure: null, detail: code, transport };
    }
  }
}

/** The first address of each family: a family without a route costs one try. */
function oneOfEachFamily(addresses: readonly string[]): readonly string[] {
  const six = addresses.filter((address) => address.includes(':')).slice(0, 1);
  const four = addresses.filter((address) => !address.includes(':'));
  return [...six, ...four].slice(0, MOST_ADDRESSES);
}

function nothing({ host, preference }: AskedHost) {
  return {
    host,
    preference,
    startTls: null,
    failure: null,
    transport: noTransport(host),
    tlsVersions: [],
  };
}

function noTransport(host: string): TransportFacts {
  return {
    host,
    address: null,
    tlsVersion: null,
    cipher: null,
    certificateFingerprint: null,
    certificateSubject: null,
    certificateIssuer: null,
    certificateNotAfter: null,
    authenticatedBy: 'none',
  };
}
