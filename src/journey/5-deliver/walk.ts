import type { NetworkProfile } from '#core/network';
import { NO_TRANSPORT, type TransportFacts } from '#core/transport';
import {
  type MtaSts,
  type Opened,
  openSession,
  type SessionSecurity,
  type SmtpTimeouts,
  type TransactionEnd,
} from '#platform/net';
import type { SendRequest, SendResult } from './deliver.ts';
import { type HostTrust, SMART_HOST_TRUST, trustOf, UNJUDGED_TRUST } from './host-trust.ts';
import type { Route, RouteHost } from './route.ts';
import { barredBy, securityFor } from './security.ts';
import type { Acquired, Lease, SessionPool } from './session-pool.ts';
import { resultOf, type TlsResults } from './tls-results.ts';
import type { UnreachableHosts } from './unreachable-hosts.ts';
import { type HostFailure, judgeTransaction, judgeWalk } from './verdict.ts';

export interface WalkWorld {
  readonly network: NetworkProfile;
  readonly pool: SessionPool;
  readonly unreachable: UnreachableHosts;
  readonly hostName: string;
  readonly timeouts: SmtpTimeouts;
  /** Null: MTA-STS is off. */
  readonly mtaSts: MtaSts | null;
  /** Counts what came of connections, for the reports of RFC 8460. */
  readonly results: TlsResults | null;
}

/** What is walked with: a send, or a report on the domain's TLS, which goes out whatever its TLS is (RFC 8460 §3). */
export type WalkRequest = Omit<SendRequest, 'tls'> & { readonly tls: SendRequest['tls'] | 'tls-report' };

/** A host with how it has to prove itself, and what the connection must be; or why there is none. */
type Candidate = {
  readonly host: RouteHost;
  readonly trust: HostTrust;
  readonly way:
    | { readonly kind: 'open'; readonly security: SessionSecurity }
    | { readonly kind: 'barred'; readonly failure: HostFailure };
};

/** Addresses of one host that are tried: enough for both families, not enough to be led around by a zone. */
const MOST_ADDRESSES = 4;

/**
 * Tries the hosts in order until one has taken or refused the message. A host that cannot be reached, does not want
 * to talk, or cannot meet the requirement is passed over; what is said at the end weighs them all.
 */
export async function walk(
  request: WalkRequest,
  route: Extract<Route, { kind: 'hosts' }>,
  world: WalkWorld,
): Promise<SendResult> {
  const candidates = await judgeHosts(request, route, world);
  const failures: HostFailure[] = [];
  for (const candidate of inTryingOrder(candidates, world)) {
    const end = await tryHost(request, candidate, world);
    if (end.kind === 'settled') return end.result;
    failures.push(end.failure);
  }
  return judgeWalk(failures);
}

/** Asks DANE and MTA-STS about the hosts before one of them is spoken to. */
async function judgeHosts(
  request: WalkRequest,
  { hosts, secure }: Extract<Route, { kind: 'hosts' }>,
  { network, mtaSts, results }: WalkWorld,
): Promise<readonly Candidate[]> {
  if (hosts.some(({ smartHost }) => smartHost !== null)) {
    return hosts.map((host) => candidateOf(request, host, SMART_HOST_TRUST));
  }
  // The report is about what these would ask for; to ask for it would keep the report from those who need it most.
  if (request.tls === 'tls-report') return hosts.map((host) => candidateOf(request, host, UNJUDGED_TRUST));
  // The domain's MTA-STS policy lists the hosts that take its mail from the world, which are not these.
  const policies = hosts.some(({ own }) => own !== undefined) ? null : mtaSts;
  const question = { domain: request.domain, hosts: hosts.map(({ host }) => host), secure };
  const { trusts, failure } = await trustOf(question, network, policies);
  if (failure !== null) results?.note({ domain: request.domain, policy: 'sts', host: '', result: failure });
  return hosts.map((host, index) => candidateOf(request, host, trusts[index] ?? NO_TRUST));
}

/** Never reached: there is one answer for each host. Were it reached, nothing would be sent. */
const NO_TRUST: HostTrust = { kind: 'closed', policy: 'tlsa', why: 'dnssec-failed' };

function candidateOf(request: WalkRequest, host: RouteHost, trust: HostTrust): Candidate {
  const bar = barredBy(request, trust);
  if (bar === null && trust.kind === 'open') {
    return { host, trust, way: { kind: 'open', security: securityFor(request, trust) } };
  }
  const transport: TransportFacts = { ...NO_TRANSPORT, host: host.host };
  const failure: HostFailure =
    bar === null || bar === 'dnssec-failed'
      ? { kind: 'unreachable', code: 'dnssec-failed', transport }
      : { kind: 'unprotected', code: bar, parameters: { host: host.host }, transport };
  return { host, trust, way: { kind: 'barred', failure } };
}

type HostEnd =
  | { readonly kind: 'settled'; readonly result: SendResult }
  | { readonly kind: 'next'; readonly failure: HostFailure };

async function tryHost(
  request: WalkRequest,
  { host, trust, way }: Candidate,
  world: WalkWorld,
): Promise<HostEnd> {
  const note = (end: Parameters<typeof resultOf>[1]): void =>
    world.results?.note({
      domain: request.domain,
      policy: trust.policy,
      host: host.host,
      result: resultOf(trust, end),
    });
  if (way.kind === 'barred') {
    if (trust.kind === 'closed') note(way.failure);
    return { kind: 'next', failure: way.failure };
  }
  const key = poolKey(host, way.security);
  const open = async (): Promise<Opened> => {
    const opened = await openHost(host, way.security, world);
    // RFC 8460 §3: what carries a report is not reported in turn.
    if (host.smartHost === null && host.own === undefined && request.tls !== 'tls-report') note(opened);
    return opened;
  };
  for (const fresh of [false, true]) {
    const acquired = await world.pool.acquire(key, fresh, open);
    if (acquired.kind !== 'lease') return withoutLease(acquired, host, trust, world);
    const { lease } = acquired;
    const { transport, capabilities } = lease.session;
    if (request.requireTls === true && !capabilities.requireTls) {
      world.pool.release(lease);
      const parameters = { host: host.host };
      return {
        kind: 'next',
        failure: { kind: 'unprotected', code: 'requiretls-not-offered', parameters, transport },
      };
    }
    if (!(await wanted(request, lease, world.pool))) {
      // Who asked for the question knows the answer: the code says only that it was not the peer.
      const result = { kind: 'deferred', transport, reply: null, code: 'system-fault' } as const;
      return { kind: 'settled', result: { ...result, mayHaveArrived: false } };
    }
    const end = await transact(request, lease, world.pool);
    // A connection kept from before may have died unseen. No content was sent: a fresh one starts over, once.
    const diedKept = lease.kept && !lease.session.usable && saidNothing(end);
    if (diedKept && !fresh) continue;
    if (end.kind === 'lost' && end.stage === 'envelope') {
      return { kind: 'next', failure: { kind: 'unreachable', code: end.code, transport } };
    }
    return { kind: 'settled', result: judgeTransaction(end, transport) };
  }
  return { kind: 'next', failure: { kind: 'unreachable', code: 'connection-lost', transport: NO_TRANSPORT } };
}

/** Lost, or dismissed with 421, before any content. */
function saidNothing(end: TransactionEnd): boolean {
  return (
    (end.kind === 'lost' && end.stage === 'envelope') ||
    (end.kind === 'refused' && end.at !== 'content' && end.reply.code === 421)
  );
}

/** Gives the connection back where what was to be sent is not wanted any more, or where nobody can say. */
async function wanted({ stillWanted }: WalkRequest, lease: Lease, pool: SessionPool): Promise<boolean> {
  if (stillWanted === undefined) return true;
  let answer = false;
  try {
    answer = await stillWanted();
  } finally {
    if (!answer) pool.release(lease);
  }
  return answer;
}

async function transact(request: WalkRequest, lease: Lease, pool: SessionPool): Promise<TransactionEnd> {
  const { session } = lease;
  const verified = session.transport.authenticatedBy !== 'none';
  try {
    return await session.send({
      from: request.envelopeFrom,
      to: request.recipient,
      content: verified && request.verifiedContent !== undefined ? request.verifiedContent : request.content,
      smtpUtf8: request.smtpUtf8,
      eightBit: request.eightBit,
      requireTls: request.requireTls === true,
    });
  } finally {
    pool.release(lease);
  }
}

function withoutLease(
  acquired: Exclude<Acquired, { readonly kind: 'lease' }>,
  { host }: RouteHost,
  trust: HostTrust,
  { unreachable }: WalkWorld,
): HostEnd {
  switch (acquired.kind) {
    case 'busy': {
      const transport = { ...NO_TRANSPORT, host };
      const result: SendResult = {
        kind: 'deferred',
        transport,
        reply: null,
        code: 'destination-busy',
        mayHaveArrived: false,
      };
      return { kind: 'settled', result };
    }
    case 'unreachable':
      unreachable.note(host);
      return { kind: 'next', failure: acquired };
    case 'refused':
      return { kind: 'next', failure: acquired };
    case 'unprotected': {
      // Whose demand it was, ours alone or the domain's as well.
      const demanded =
        trust.kind === 'open' && trust.demand !== 'nothing' && trust.policy !== 'no-policy-found';
      const parameters = { ...acquired.parameters, ...(demanded ? { policy: trust.policy } : {}) };
      return { kind: 'next', failure: { ...acquired, parameters } };
    }
  }
}

/** A session with the first of the host's addresses that gives one. */
async function openHost(host: RouteHost, security: SessionSecurity, world: WalkWorld): Promise<Opened> {
  const { network, hostName, timeouts, unreachable } = world;
  const none: TransportFacts = { ...NO_TRANSPORT, host: host.host };
  const looked = await network.resolver.addresses(host.host);
  const found = looked.kind === 'found' ? looked.records : isAddress(host) ? [host.host] : [];
  const allowed = found.filter(
    (address) =>
      host.smartHost !== null || network.mayConnect(address) || host.own?.mayConnect(address) === true,
  );
  let best: Opened = { kind: 'unreachable', code: 'connect-failed', transport: none };
  for (const address of bothFamilies(allowed).slice(0, MOST_ADDRESSES)) {
    const opened = await openSession({
      host: host.host,
      address,
      port: host.port,
      hostName,
      security,
      roots: network.extraRoots,
      timeouts,
      ...(host.smartHost?.implicitTls === true ? { implicitTls: true } : {}),
      ...(host.smartHost?.credentials ? { credentials: host.smartHost.credentials } : {}),
    });
    if (opened.kind === 'open') {
      unreachable.forget(host.host);
      return opened;
    }
    // What another address of it could not even be asked says less.
    if (best.kind === 'unreachable' || opened.kind !== 'unreachable') best = opened;
  }
  return best;
}

function isAddress({ host, smartHost }: RouteHost): boolean {
  return smartHost !== null && /^[0-9.]+$|:/.test(host);
}

/** First of one family, first of the other, second…: so that a family without a route costs one try, not all. */
function bothFamilies(addresses: readonly string[]): string[] {
  const six = addresses.filter((address) => address.includes(':'));
  const four = addresses.filter((address) => !address.includes(':'));
  const mixed: string[] = [];
  for (let index = 0; index < Math.max(six.length, four.length); index += 1) {
    mixed.push(...six.slice(index, index + 1), ...four.slice(index, index + 1));
  }
  return mixed;
}

function poolKey({ host, port, smartHost }: RouteHost, security: SessionSecurity): string {
  const minimum = security.kind === 'required' ? security.minimum : security.kind;
  const via = smartHost === null ? 'mx' : 'smart';
  return `${host} ${port} ${via} ${minimum} ${security.verifier?.key ?? 'none'}`;
}

/** By rank; among equals a host with a kept connection first; hosts that were just found dead after all others. */
function inTryingOrder(
  candidates: readonly Candidate[],
  { pool, unreachable }: Pick<WalkWorld, 'pool' | 'unreachable'>,
): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  const placed = candidates.map((candidate, index) => ({
    candidate,
    dead: unreachable.has(candidate.host.host) ? 1 : 0,
    kept:
      candidate.way.kind === 'open' && pool.hasIdle(poolKey(candidate.host, candidate.way.security)) ? 0 : 1,
    index,
  }));
  placed.sort(
    (a, b) =>
      a.dead - b.dead ||
      a.candidate.host.rank - b.candidate.host.rank ||
      a.kept - b.kept ||
      a.index - b.index,
  );
  return placed.map(({ candidate }) => candidate);
}
