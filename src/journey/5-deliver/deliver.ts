import type { Address } from '#core/address';
import type { TlsRequirement } from '#core/decision';
import type { Content } from '#core/message';
import type { NetworkProfile } from '#core/network';
import { type AttemptResult, NO_TRANSPORT } from '#core/transport';
import type { DkimKey } from '#platform/keyring';
import { buildTlsReportMail, type TlsReportMail } from '#platform/mail';
import {
  contentOf,
  createMtaSts,
  gatherSmall,
  type MtaStsStore,
  RFC_TIMEOUTS,
  type SmtpTimeouts,
} from '#platform/net';
import type { Clock } from '#platform/runtime';
import { signContent } from './dkim-sign.ts';
import { findRoute, type OwnHost, routeToOwnHost, type SmartHost } from './route.ts';
import { SessionPool } from './session-pool.ts';
import type { TlsResults } from './tls-results.ts';
import { createUnreachableHosts } from './unreachable-hosts.ts';
import { type WalkRequest, walk } from './walk.ts';

export interface SendRequest {
  /** Where to: lower-case A-labels; the recipient's domain. */
  readonly domain: string;
  /** Null is the empty reverse-path (notices, DSNs). */
  readonly envelopeFrom: Address | null;
  readonly recipient: Address;
  readonly content: Content;
  /** What the connection must be before a word of the envelope is said. Only notices, and mail
   * under a recipient's waiver, may say `opportunistic`. */
  readonly tls: TlsRequirement | 'opportunistic';
  /** With `opportunistic`: sent in place of `content` where the peer was verified. */
  readonly verifiedContent?: Content;
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  /** The sender asked for REQUIRETLS (RFC 8689): only hosts that are proven, verified and pass the demand on. */
  readonly requireTls?: boolean;
  /** The one host that takes it, in place of those that DNS names for the domain: the organisation's own. */
  readonly via?: OwnHost;
  /** Asked when a connection stands and before a word of the envelope is said; false: deferred. */
  readonly stillWanted?: () => Promise<boolean>;
}

/**
 * An attempt's end. `mayHaveArrived` marks a deferral after the last octet was sent and before an answer came: the
 * peer may have the message, and the next attempt may make a duplicate (RFC 5321 §6.1 prefers that to a loss).
 */
export type SendResult = AttemptResult & { readonly mayHaveArrived: boolean };

export interface Deliver {
  /** One attempt to hand over one recipient's copy. Rejects only for faults: content that cannot be read, an address that no
   * parser lets through. */
  send(request: SendRequest): Promise<SendResult>;
  /** The content with a DKIM-Signature field for each key in front. Small content is held in memory. */
  sign(content: Content, keys: readonly DkimKey[]): Promise<Content>;
  /**
   * Mails a TLS report, signed with these keys, by TLS where it can be had and in clear where not: the domain's own demands
   * are what it is about (RFC 8460 §3). Nothing but a report can take this way. True when the peer took it. Rejects
   * without keys: an unsigned report is ignored.
   */
  mailTlsReport(report: Omit<TlsReportMail, 'date'>, keys: readonly DkimKey[]): Promise<boolean>;
  /** Fetches MTA-STS policies anew that are older than a day, some at a time; returns how many. */
  refreshPolicies(): Promise<number>;
  /** Domains for which a further send would have to wait: the queue need not hand out more of them. */
  busyDestinations(): string[];
  /** Connections open and idle, sends waiting for one, TLS connections made since the start. */
  stats(): DeliverStats;
  /** Ends kept connections and refuses new sends; resolves when running ones have ended. */
  close(): Promise<void>;
}

export interface DeliverStats {
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  readonly connected: number;
}

export interface DeliverLimits {
  /** Connections to one mail host at the same time (default 20). */
  readonly perDestination: number;
  /** Connections in all (default 200). */
  readonly total: number;
  /** Messages on one connection before it is closed (default 100). */
  readonly messagesPerSession: number;
  /** A kept connection is closed after so long without use (default 20 s)… */
  readonly idleMs: number;
  /** …and after so long in all (default 5 minutes): what was verified is looked at anew. */
  readonly sessionMs: number;
  /** How long a send waits for a free connection before it is deferred as `destination-busy` (default 30 s). */
  readonly waitMs: number;
}

const DEFAULT_LIMITS: DeliverLimits = {
  perDestination: 20,
  total: 200,
  messagesPerSession: 100,
  idleMs: 20_000,
  sessionMs: 300_000,
  waitMs: 30_000,
};

export interface DeliverOptions {
  /** The world as it is now: asked at each send, so that leaving the sandbox takes hold at once. */
  readonly network: () => NetworkProfile;
  readonly clock: Clock;
  /** Our name in EHLO. */
  readonly hostName: string;
  /** Takes all mail when it answers one. It must answer null in sandbox mode. */
  readonly smartHost?: () => SmartHost | null;
  readonly limits?: Partial<DeliverLimits>;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** 0 ≤ n < 1; shuffles hosts of equal preference. */
  readonly random?: () => number;
  /** Where MTA-STS policies are kept; without one MTA-STS is off. */
  readonly policies?: MtaStsStore;
  /** Counts what came of TLS, for the reports of RFC 8460. */
  readonly results?: TlsResults;
}

/** Content up to this size is held whole in memory while it is signed and sent. */
const SMALL = 256 * 1024;

export function createDeliver(options: DeliverOptions): Deliver {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const timeouts = { ...RFC_TIMEOUTS, ...options.timeouts };
  const random = options.random ?? Math.random;
  const mtaSts =
    options.policies === undefined ? null : createMtaSts({ store: options.policies, clock: options.clock });
  const pool = new SessionPool(limits, options.clock);
  const unreachable = createUnreachableHosts(options.clock);
  const inProgress = new Map<string, number>();
  let network: NetworkProfile | null = null;
  let closed = false;

  /** Kept connections belong to the world in which they were made. */
  const currentNetwork = (): NetworkProfile => {
    const now = options.network();
    if (now !== network) pool.startAnew();
    network = now;
    return now;
  };

  const attempt = async (request: WalkRequest): Promise<SendResult> => {
    const world = currentNetwork();
    const route =
      request.via === undefined
        ? await findRoute(request.domain, world, options.smartHost?.() ?? null, random)
        : routeToOwnHost(request.via, world);
    if (route.kind !== 'hosts') return { ...route, mayHaveArrived: false };
    const content = await gatherSmall(request.content, SMALL);
    return walk({ ...request, content }, route, {
      network: world,
      pool,
      unreachable,
      hostName: options.hostName,
      timeouts,
      mtaSts,
      results: options.results ?? null,
    });
  };

  return {
    async send(request) {
      if (closed) {
        return {
          kind: 'deferred',
          transport: NO_TRANSPORT,
          reply: null,
          code: 'system-fault',
          mayHaveArrived: false,
        };
      }
      inProgress.set(request.domain, (inProgress.get(request.domain) ?? 0) + 1);
      try {
        return await attempt(request);
      } finally {
        const left = (inProgress.get(request.domain) ?? 1) - 1;
        if (left > 0) inProgress.set(request.domain, left);
        else inProgress.delete(request.domain);
      }
    },
    async mailTlsReport(report, keys) {
      if (closed) return false;
      if (keys.length === 0) throw new TypeError('a TLS report needs a DKIM key');
      const now = options.clock.now();
      const mail = contentOf(buildTlsReportMail({ ...report, date: now }));
      const { kind } = await attempt({
        domain: report.to.domain,
        // A report that cannot be delivered tells nobody anything: no bounce is wanted.
        envelopeFrom: null,
        recipient: report.to,
        content: await signContent(mail, keys, now),
        tls: 'tls-report',
        smtpUtf8: false,
        eightBit: false,
      });
      return kind === 'delivered';
    },
    async sign(content, keys) {
      return signContent(await gatherSmall(content, SMALL), keys, options.clock.now());
    },
    refreshPolicies: async () => (await mtaSts?.refresh(options.network())) ?? 0,
    busyDestinations: () =>
      [...inProgress].filter(([, count]) => count >= limits.perDestination).map(([domain]) => domain),
    stats: () => pool.stats(),
    close() {
      closed = true;
      return pool.close();
    },
  };
}
