import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Address } from '#core/address';
import type { NetworkProfile } from '#core/network';
import type { Database } from '#platform/database';
import type { Fetched, MtaStsStore, SafeFetchOptions } from '#platform/net';
import { type Clock, describeFault, type Logger } from '#platform/runtime';
import { buildReport, type ReportedCount, type ReportedPolicies, reportIdOf } from './build-report.ts';
import { type ReportEndpoint, readReportingRecord } from './reporting-record.ts';
import {
  claimReports,
  countsOf,
  type DueReport,
  endReport,
  keepReport,
  planReports,
  putOffReport,
  sweepReports,
} from './tls-report.store.ts';

const compress = promisify<Buffer, Buffer>(gzip);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** RFC 8460 §4.1: some hours after the day, spread, so that receivers are not overrun at midnight. */
const DELAY_SECONDS = 2 * 3_600;
const JITTER_SECONDS = 4 * 3_600;
/** §5.5: tried for a day, counted from the latest moment at which a report falls due. */
const GIVE_UP_SECONDS = DELAY_SECONDS + JITTER_SECONDS + 24 * 3_600;
/** Older days are not reported any more: their counts were made while nobody reported. */
const DAYS_BACK = 2;
/** Who dies with a report in hand keeps it so long from the others; longer than a slow mail host can hold one up. */
const LEASE_MS = 2 * HOUR;
/** So long for one try: who answers slowly on purpose must not hold up the reports to all others. */
const TRY_MS = 10 * MINUTE;
const AT_ONCE = 10;
/** Reports of one run; what is left is due at the next. */
const MOST_A_RUN = 500;
const RETRY = { first: 15 * MINUTE, most: 4 * HOUR };
const POST = { timeoutMs: 30_000, maxBytes: 64 * 1024 };

/** A report ready to leave. */
export interface ReadyReport {
  readonly domain: string;
  readonly day: string;
  readonly reportId: string;
  readonly submitter: string;
  /** Gzipped JSON. */
  readonly report: Buffer;
}

export interface TlsReporterOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly network: () => NetworkProfile;
  /** Reporting domain and contact, as the operator set them. */
  readonly reporting: { readonly domain: string; readonly contact: string };
  readonly policies: Pick<MtaStsStore, 'read'>;
  /** Hands it to that address's mail host, signed; true when it was taken. */
  mail(report: ReadyReport, to: Address): Promise<boolean>;
  post(url: string, options: Omit<SafeFetchOptions, 'network'>): Promise<Fetched>;
  /** Milliseconds for one try (default ten minutes). */
  readonly tryMs?: number;
}

/** Since the start of this process. `deferred` counts tries that come again. */
export interface TlsReportStats {
  readonly sent: number;
  readonly unwanted: number;
  readonly deferred: number;
  readonly failed: number;
}

export interface TlsReporter {
  /** Plans what the days that ended ask for and tries what is due. Returns how many reports were looked at. */
  run(): Promise<number>;
  sweep(before: string): Promise<number>;
  stats(): TlsReportStats;
}

type End = keyof TlsReportStats;

/**
 * Tells each domain that asks for it what came of TLS to it the day before (RFC 8460). A report is made once, kept, and sent
 * until one of the domain's endpoints takes it. A crash after it was taken and before that was written sends the same
 * octets under the same id once more: nothing is lost, and the receiver can tell.
 */
export function createTlsReporter(options: TlsReporterOptions): TlsReporter {
  const { database, clock, logger } = options;
  const stats: Record<End, number> = { sent: 0, unwanted: 0, deferred: 0, failed: 0 };

  const attempt = async (due: DueReport): Promise<void> => {
    const deadline = AbortSignal.timeout(options.tryMs ?? TRY_MS);
    const end = await Promise.race([endOf(due, options, deadline), over(deadline)]).catch(
      (error: unknown): End => {
        logger.warn('tls-report-fault', { ...describeFault(error), attempt: due.attempts });
        return 'deferred';
      },
    );
    const late = clock.now() >= due.giveUpAt;
    const settled = end === 'deferred' && late ? 'failed' : end;
    await database.system('worker', (tx) =>
      settled === 'deferred'
        ? putOffReport(tx, due, new Date(clock.now().getTime() + pauseAfter(due.attempts)))
        : endReport(tx, due, settled),
    );
    stats[settled] += 1;
  };

  return {
    async run() {
      await database.system('worker', (tx) => planReports(tx, planAt(clock.now())));
      let looked = 0;
      while (looked < MOST_A_RUN) {
        const now = clock.now();
        const until = new Date(now.getTime() + LEASE_MS);
        const due = await database.system('worker', (tx) => claimReports(tx, now, until, AT_ONCE));
        if (due.length === 0) break;
        await Promise.all(due.map(attempt));
        looked += due.length;
      }
      return looked;
    },
    sweep: (before) => database.system('worker', (tx) => sweepReports(tx, before)),
    stats: () => ({ ...stats }),
  };
}

function planAt(now: Date) {
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return {
    from: dayOf(now.getTime() - DAYS_BACK * DAY),
    before: dayOf(now.getTime()),
    delaySeconds: DELAY_SECONDS,
    jitterSeconds: JITTER_SECONDS,
    giveUpSeconds: GIVE_UP_SECONDS,
  };
}

function pauseAfter(attempts: number): number {
  return Math.min(RETRY.first * 2 ** Math.min(attempts - 1, 10), RETRY.most);
}

function over(deadline: AbortSignal): Promise<End> {
  return new Promise((resolve) => {
    deadline.addEventListener('abort', () => resolve('deferred'), { once: true });
  });
}

async function endOf(due: DueReport, options: TlsReporterOptions, deadline: AbortSignal): Promise<End> {
  const texts = await options.network().resolver.txt(`_smtp._tls.${due.domain}`);
  if (texts.kind === 'failed') return 'deferred';
  const endpoints = texts.kind === 'found' ? readReportingRecord(texts.records) : [];
  if (endpoints.length === 0) return 'unwanted';
  const report = due.report ?? (await make(due, options));
  if (report === null) return 'deferred';
  const { domain, day } = due;
  const submitter = options.reporting.domain;
  const ready = { domain, day, report, submitter, reportId: reportIdOf({ domain, day, submitter }) };
  // §3: one of the endpoints is enough.
  for (const endpoint of endpoints) {
    if (deadline.aborted) break;
    if (await send(ready, endpoint, options)) return 'sent';
  }
  return 'deferred';
}

/** Null where another try has taken over: it makes the same report, perhaps of other policies. */
async function make(due: DueReport, options: TlsReporterOptions): Promise<Buffer | null> {
  const { database, reporting } = options;
  const counts = await database.system('worker', (tx) => countsOf(tx, due.day, due.domain));
  const policies = await policiesFor(due.domain, counts, options);
  const { domain: submitter, contact } = reporting;
  const json = buildReport({ domain: due.domain, day: due.day, submitter, contact, counts, policies });
  const report = await compress(Buffer.from(JSON.stringify(json)));
  const kept = await database.system('worker', (tx) => keepReport(tx, due, report));
  return kept ? report : null;
}

/** Hosts whose TLSA records are told. */
const MOST_HOSTS = 16;

/** What the domain publishes now: counts do not hold what held at each connection. */
async function policiesFor(
  domain: string,
  counts: readonly ReportedCount[],
  { network, policies }: TlsReporterOptions,
): Promise<ReportedPolicies> {
  const has = (type: ReportedCount['policy']): boolean => counts.some(({ policy }) => policy === type);
  const kept = has('sts') ? await policies.read(domain) : null;
  const sts =
    kept === null
      ? null
      : {
          lines: [
            'version: STSv1',
            `mode: ${kept.mode}`,
            ...kept.mx.map((mx) => `mx: ${mx}`),
            `max_age: ${kept.maxAge}`,
          ],
          mx: kept.mx,
        };
  const { dane } = network();
  const hosts = new Set(counts.filter(({ policy }) => policy === 'tlsa').map(({ host }) => host));
  const tlsa = new Set<string>();
  for (const host of dane === undefined ? [] : [...hosts].toSorted().slice(0, MOST_HOSTS)) {
    const looked = await dane?.tlsa(host);
    if (looked?.kind !== 'found') continue;
    for (const { usage, selector, matching, data } of looked.records) {
      tlsa.add(`${usage} ${selector} ${matching} ${data.toString('hex').toUpperCase()}`);
    }
  }
  return { sts, tlsa: [...tlsa] };
}

async function send(
  ready: ReadyReport,
  endpoint: ReportEndpoint,
  { mail, post }: TlsReporterOptions,
): Promise<boolean> {
  if (endpoint.kind === 'mail') return mail(ready, endpoint.to);
  // §5.4: POST, and any 2xx is success. No redirect is followed: the domain named this place.
  const fetched = await post(endpoint.url, {
    ...POST,
    method: 'POST',
    headers: { 'content-type': 'application/tlsrpt+gzip' },
    body: ready.report,
  });
  return fetched.kind === 'answered' && fetched.status >= 200 && fetched.status < 300;
}
