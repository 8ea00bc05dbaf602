import type { Transaction } from '#platform/database';
import type { ReportedCount } from './build-report.ts';

/** A day's report for one domain that is to be tried now. */
export interface DueReport {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly domain: string;
  /** Gzipped JSON once it was made; null at the first try. */
  readonly report: Buffer | null;
  /** Tries with this one; also tells who holds it: another try has another number. */
  readonly attempts: number;
  readonly giveUpAt: Date;
}

type Key = Pick<DueReport, 'day' | 'domain' | 'attempts'>;

/** Distinct outcomes of a domain and day that a report is made of: those with the most sessions. */
const MOST_COUNTS = 5_000;

export interface Plan {
  /** Days from this one… */
  readonly from: string;
  /** …and before this one, which has not ended or only just. */
  readonly before: string;
  /** A report is due so many seconds after its day's end, and up to `jitter` more, by chance. */
  readonly delaySeconds: number;
  readonly jitterSeconds: number;
  readonly giveUpSeconds: number;
}

/** Lays down what is to be reported, once for each day and domain. Returns how many are new. */
export function planReports(tx: Transaction, plan: Plan): Promise<number> {
  return tx.execute({
    name: 'deliver.tls-report-plan',
    text: `insert into sealpost.tls_report (day, domain, due_at, give_up_at)
           select day, domain, ended + make_interval(secs => $3::float8 + random() * $4::float8),
                  ended + make_interval(secs => $5::float8)
             from (select distinct day, domain, ((day + 1)::timestamp at time zone 'UTC') as ended
                     from sealpost.tls_result where day >= $1::date and day < $2::date) as told
           on conflict (day, domain) do nothing`,
    values: [plan.from, plan.before, plan.delaySeconds, plan.jitterSeconds, plan.giveUpSeconds],
  });
}

/** Takes what is due, longest due first; nobody else gets it until `until`. */
export async function claimReports(
  tx: Transaction,
  now: Date,
  until: Date,
  most: number,
): Promise<readonly DueReport[]> {
  const rows = await tx.query<Omit<DueReport, 'giveUpAt'> & { readonly give_up_at: Date }>({
    name: 'deliver.tls-report-claim',
    text: `update sealpost.tls_report as r set attempts = r.attempts + 1, due_at = $2
             from (select day, domain from sealpost.tls_report where state = 'due' and due_at <= $1
                    order by due_at limit $3 for update skip locked) as due
            where r.day = due.day and r.domain = due.domain
            returning r.day, r.domain, r.report, r.attempts, r.give_up_at`,
    values: [now, until, most],
  });
  return rows.map(({ give_up_at: giveUpAt, ...row }) => ({ ...row, giveUpAt }));
}

export function countsOf(tx: Transaction, day: string, domain: string): Promise<ReportedCount[]> {
  return tx.query<ReportedCount>({
    name: 'deliver.tls-report-counts',
    text: `select policy, host, result, least(sessions, 1000000000000)::float8 as sessions
             from sealpost.tls_result where day = $1::date and domain = $2
            order by tls_result.sessions desc, policy, host, result limit $3`,
    values: [day, domain, MOST_COUNTS],
  });
}

/** Keeps the report as it was made. False where another try has taken over. */
export async function keepReport(tx: Transaction, key: Key, report: Buffer): Promise<boolean> {
  const kept = await tx.execute({
    name: 'deliver.tls-report-keep',
    text: `update sealpost.tls_report set report = $4
            where day = $1::date and domain = $2 and attempts = $3 and state = 'due'`,
    values: [key.day, key.domain, key.attempts, report],
  });
  return kept === 1;
}

/** Another try at that time, unless another one has taken over. */
export async function putOffReport(tx: Transaction, key: Key, dueAt: Date): Promise<void> {
  await tx.execute({
    name: 'deliver.tls-report-put-off',
    text: `update sealpost.tls_report set due_at = $4
            where day = $1::date and domain = $2 and attempts = $3 and state = 'due'`,
    values: [key.day, key.domain, key.attempts, dueAt],
  });
}

/**
 * Ends it and forgets what it was made of; the row stays for a while, so that the day is not reported anew. What was sent
 * is sent, whoever holds it by now; any other end is for the try that holds it.
 */
export async function endReport(
  tx: Transaction,
  { day, domain, attempts }: Key,
  state: 'sent' | 'unwanted' | 'failed',
): Promise<void> {
  const ended = await tx.execute({
    name: 'deliver.tls-report-end',
    text: `update sealpost.tls_report set state = $3, report = null
            where day = $1::date and domain = $2 and ($3 = 'sent' or (state = 'due' and attempts = $4))`,
    values: [day, domain, state, attempts],
  });
  if (ended === 0) return;
  await tx.execute({
    name: 'deliver.tls-report-forget',
    text: 'delete from sealpost.tls_result where day = $1::date and domain = $2',
    values: [day, domain],
  });
}

/** Forgets reports of days before that one. Returns how many went. */
export function sweepReports(tx: Transaction, before: string): Promise<number> {
  return tx.execute({
    name: 'deliver.tls-report-sweep',
    text: 'delete from sealpost.tls_report where day < $1::date',
    values: [before],
  });
}
