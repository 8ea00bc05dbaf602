import { createServer as createTcpServer, type Server } from 'node:net';
import type { NetworkProfile } from '#core/network';
import { createValidatingResolver, type Fetched } from '#platform/net';
import { type Clock, systemClock } from '#platform/runtime';
import { createAuthority } from './certificates.ts';
import { startDns } from './dns-server.ts';
import { createLibraryServer } from './library-peer.ts';
import { Mailboxes, type SandboxMailboxes } from './mailboxes.ts';
import { PeerRecord } from './peer-record.ts';
import { createPgpUsers, type PgpUser } from './pgp-users.ts';
import { startPolicyHosts } from './policy-host.ts';
import { createScriptedServer, type PeerState } from './scripted-peer.ts';
import { createSmimeUser, type SandboxSmimeUser } from './smime-user.ts';
import type { Temperament } from './temperament.ts';
import {
  ALIAS_HOST,
  ALIASED_HOST,
  DEAD_HOST,
  type PeerPlan,
  POLICIES,
  planPeers,
  planZones,
} from './world.ts';

/** One local mail server, with what it received. */
export interface SandboxPeer {
  readonly host: string;
  /** Domains whose mail it takes, by the sandbox DNS. */
  readonly domains: readonly string[];
  /** Names its temperament, such as `good-tls`, `no-tls`, `wrong-cert`, `slow`. */
  readonly code: string;
  readonly port: number;
  readonly record: PeerRecord;
  /** Octets that arrived without TLS. */
  readonly clearBytes: Buffer;
  /** Octets that arrived inside TLS. */
  readonly tlsBytes: Buffer;
  readonly transcript: readonly string[];
  /** Changes how it behaves from the next connection on. Scripted peers only; the others throw. */
  behave(change: Partial<Temperament>): void;
  /** Ends all its connections, as a crash would. */
  dropConnections(): void;
}

export interface Sandbox {
  readonly profile: NetworkProfile;
  readonly mailboxes: SandboxMailboxes;
  readonly peers: readonly SandboxPeer[];
  readonly smime: SandboxSmimeUser;
  /** False where this machine has no ::1: the IPv6 peer is then left out. */
  readonly hasIpv6: boolean;
  /** What the sandbox's web servers answer: the keys of its OpenPGP users, and nothing else. */
  web(url: string): Fetched;
  /** The person at this address who reads OpenPGP mail; null for all others. */
  pgpUser(address: string): PgpUser | null;
  /** The peer of that host name; throws for an unknown one. */
  peer(host: string): SandboxPeer;
  /** Policy hosts that were asked, by name, in order. */
  readonly policyHostsAsked: readonly string[];
  stop(): Promise<void>;
}

export interface SandboxOptions {
  readonly clock?: Clock;
  /** Mailboxes hold at most so many messages (default 5,000)… */
  readonly messages?: number;
  /** …and octets (default 64 MiB). */
  readonly bytes?: number;
}

/** Starts the sandbox's mail servers and DNS on free loopback ports. Nothing of it touches a disk. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = options.clock ?? systemClock;
  const now = (): Date => clock.now();
  const mailboxes = new Mailboxes({ messages: options.messages ?? 5_000, bytes: options.bytes ?? 64 << 20 });
  const authority = await createAuthority(now());
  const smime = await createSmimeUser(authority);
  const plans = await planPeers(authority, now());
  const zones = planZones(plans, authority.root);
  const domainsOf = (host: string): string[] =>
    [...zones].filter(([, held]) => held.mx?.some((mx) => mx.exchange === host)).map(([name]) => name);

  const running: RunningPeer[] = [];
  for (const plan of plans) {
    const peer = await startPeer(plan, domainsOf(plan.host), mailboxes, now);
    if (peer !== null) running.push(peer);
  }
  const ports = new Map(running.map(({ peer }) => [peer.host, peer.port]));
  ports.set(DEAD_HOST, await deadPort());
  ports.set(ALIAS_HOST, ports.get(ALIASED_HOST) ?? 1);
  const users = await createPgpUsers(clock);
  const dns = await startDns(() => zones);
  const policyHosts = await startPolicyHosts(authority, POLICIES);
  const { resolver, dane } = createValidatingResolver({
    servers: [{ address: dns.address, port: dns.port }],
    monotonic: () => clock.monotonic(),
  });

  return {
    profile: {
      resolver,
      dane,
      webPort: () => policyHosts.port,
      smtpPort: (host) => ports.get(host) ?? ports.get(DEAD_HOST) ?? 1,
      mayConnect: (address) => address === '127.0.0.1' || address === '::1',
      mayRoute: (domain) => zones.has(domain),
      extraRoots: [authority.root],
    },
    mailboxes,
    smime,
    peers: running.map(({ peer }) => peer),
    web: users.web,
    pgpUser: users.find,
    hasIpv6: plans.length === running.length,
    peer(host) {
      const found = running.find(({ peer }) => peer.host === host);
      if (found === undefined) throw new RangeError('no such sandbox peer');
      return found.peer;
    },
    policyHostsAsked: policyHosts.asked,
    async stop() {
      await Promise.all(running.map(({ stop }) => stop()));
      await dns.stop();
      await policyHosts.stop();
      mailboxes.clear();
    },
  };
}

interface RunningPeer {
  readonly peer: SandboxPeer;
  readonly stop: () => Promise<void>;
}

/** Null for an IPv6 peer where there is no IPv6 loopback. */
async function startPeer(
  plan: PeerPlan,
  domains: readonly string[],
  mailboxes: Mailboxes,
  now: () => Date,
): Promise<RunningPeer | null> {
  let temperament = plan.temperament;
  const record = new PeerRecord();
  const state: PeerState = {
    host: plan.host,
    record,
    mailboxes,
    now,
    temperament: () => temperament,
    tries: new Map(),
  };
  const { server, end } =
    plan.kind === 'scripted'
      ? createScriptedServer(state)
      : createLibraryServer(state, { credentials: plan.credentials, offersTls: plan.kind === 'library' });
  const port = await listen(server, plan.family === 6 ? '::1' : '127.0.0.1');
  if (port === null && plan.family === 6) return null;
  if (port === null) throw new Error('a sandbox peer cannot listen on loopback');
  return {
    peer: {
      host: plan.host,
      domains,
      code: plan.code,
      port,
      record,
      get clearBytes() {
        return record.clearBytes;
      },
      get tlsBytes() {
        return record.tlsBytes;
      },
      get transcript() {
        return record.transcript;
      },
      behave(change) {
        if (plan.kind !== 'scripted') throw new Error('this sandbox peer has one way to behave');
        temperament = { ...temperament, ...change };
      },
      dropConnections: end,
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        end();
      }),
  };
}

function listen(server: Server, address: string): Promise<number | null> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(0, address, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : null);
    });
  });
}

/** A port where nobody listens: it was free a moment ago. */
async function deadPort(): Promise<number> {
  const server = createTcpServer();
  const port = (await listen(server, '127.0.0.1')) ?? 1;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
