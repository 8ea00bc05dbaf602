import type { NetworkProfile } from '#core/network';
import { NO_TRANSPORT, type TransportFacts } from '#core/transport';
import {
  type Opened,
  openSession,
  type PeerVerifier,
  type SessionSecurity,
  type SmtpTimeouts,
  type TransactionEnd,
} from '#platform/net';
import type { SendRequest, SendResult } from './deliver.ts';
import type { RouteHost } from './route.ts';
import type { Acquired, Lease, SessionPool } from './session-pool.ts';
import type { UnreachableHosts } from './unreachable-hosts.ts';
import { type HostFailure, judgeTransaction, judgeWalk } from './verdict.ts';

export interface WalkWorld {
  readonly network: NetworkProfile;
  readonly pool: SessionPool;
  readonly unreachable: UnreachableHosts;
  readonly hostName: string;
  readonly timeouts: SmtpTimeouts;
  readonly verifier: PeerVerifier;
}

/** Addresses of one host that are tried: enough for both families, not enough to be led around by a zone. */
const MOST_ADDRESSES = 4;

/**
 * Tries the hosts in order until one has taken or refused the message. A host that cannot be reached, does not want
 * to talk, or cannot meet the requirement is passed over; what is said at the end weighs them all.
 */
export async function walk(
  request: SendRequest,
  hosts: readonly RouteHost[],
  world: WalkWorld,
): Promise<SendResult> {
  const security = requiredSecurity(request, hosts, world.verifier);
  const failures: HostFailure[] = [];
  for (const host of inTryingOrder(hosts, security, world)) {
    const end = await tryHost(request, host, security, world);
    if (end.kind === 'settled') return end.result;
    failures.push(end.failure);
  }
  return judgeWalk(failures);
}

type HostEnd =
  | { readonly kind: 'settled'; readonly result: SendResult }
  | { readonly kind: 'next'; readonly failure: HostFailure };

async function tryHost(
  request: SendRequest,
  host: RouteHost,
  security: SessionSecurity,
  world: WalkWorld,
): Promise<HostEnd> {
  const key = poolKey(host, security);
  const open = (): Promise<Opened> => openHost(host, security, world);
  for (const fresh of [false, true]) {
    const acquired = await world.pool.acquire(key, fresh, open);
    if (acquired.kind !== 'lease') return withoutLease(acquired, host, world);
    const { lease } = acquired;
    const end = await transact(request, lease, world.pool);
    // A connection kept from before may have died unseen. No content was sent: a fresh one starts over, once.
    const diedKept = lease.kept && !lease.session.usable && saidNothing(end);
    if (diedKept && !fresh) continue;
    const { transport } = lease.session;
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

async function transact(request: SendRequest, lease: Lease, pool: SessionPool): Promise<TransactionEnd> {
  const { session } = lease;
  const verified = session.transport.authenticatedBy !== 'none';
  try {
    return await session.send({
      from: request.envelopeFrom,
      to: request.recipient,
      content: verified && request.verifiedContent !== undefined ? request.verifiedContent : request.content,
      smtpUtf8: request.smtpUtf8,
      eightBit: request.eightBit,
    });
  } finally {
    pool.release(lease);
  }
}

function withoutLease(
  acquired: Exclude<Acquired, { readonly kind: 'lease' }>,
  { host }: RouteHost,
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
    case 'unprotected':
      return { kind: 'next', failure: acquired };
  }
}

/** A session with the first of the host's addresses that gives one. */
async function openHost(host: RouteHost, security: SessionSecurity, world: WalkWorld): Promise<Opened> {
  const { network, hostName, timeouts, unreachable } = world;
  const none: TransportFacts = { ...NO_TRANSPORT, host: host.host };
  const looked = await network.resolver.addresses(host.host);
  const found = looked.kind === 'found' ? looked.records : isAddress(host) ? [host.host] : [];
  const allowed = found.filter((address) => host.smartHost !== null || network.mayConnect(address));
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

/** A smart host is always verified, whatever was asked: it is one place that the operator chose. */
function requiredSecurity(
  { tls }: SendRequest,
  hosts: readonly RouteHost[],
  verifier: PeerVerifier,
): SessionSecurity {
  const viaSmartHost = hosts.some(({ smartHost }) => smartHost !== null);
  if (tls === 'opportunistic') {
    return viaSmartHost
      ? { kind: 'required', minimum: '1.2', verifier }
      : { kind: 'opportunistic', verifier };
  }
  const verified = viaSmartHost || tls.authentication === 'verified';
  return { kind: 'required', minimum: tls.minimum, verifier: verified ? verifier : null };
}

function poolKey({ host, port, smartHost }: RouteHost, security: SessionSecurity): string {
  const minimum = security.kind === 'required' ? security.minimum : 'any';
  const via = smartHost === null ? 'mx' : 'smart';
  return `${host} ${port} ${via} ${minimum} ${security.verifier?.key ?? 'none'}`;
}

/** By rank; among equals a host with a kept connection first; hosts that were just found dead after all others. */
function inTryingOrder(
  hosts: readonly RouteHost[],
  security: SessionSecurity,
  { pool, unreachable }: WalkWorld,
): readonly RouteHost[] {
  if (hosts.length < 2) return hosts;
  const placed = hosts.map((host, index) => ({
    host,
    dead: unreachable.has(host.host) ? 1 : 0,
    kept: pool.hasIdle(poolKey(host, security)) ? 0 : 1,
    index,
  }));
  placed.sort((a, b) => a.dead - b.dead || a.host.rank - b.host.rank || a.kept - b.kept || a.index - b.index);
  return placed.map(({ host }) => host);
}
