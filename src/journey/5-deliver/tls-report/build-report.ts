/** What is counted under one policy type, host and result. */
export interface ReportedCount {
  readonly policy: 'tlsa' | 'sts' | 'no-policy-found';
  /** MX host name; empty where the policy itself could not be had. */
  readonly host: string;
  /** `success`, or a result type of RFC 8460 §4.3. */
  readonly result: string;
  /** Connections, from 1 up. */
  readonly sessions: number;
}

/** The policies as they stand when the report is made. */
export interface ReportedPolicies {
  /** Lines and MX patterns of the kept MTA-STS policy; null where none is kept. */
  readonly sts: { readonly lines: readonly string[]; readonly mx: readonly string[] } | null;
  /** RDATA of the TLSA records in presentation format (RFC 6698 §2.2). */
  readonly tlsa: readonly string[];
}

export interface ReportFacts {
  /** The policy domain: the one that is told. */
  readonly domain: string;
  /** `YYYY-MM-DD`, a UTC day. */
  readonly day: string;
  /** The reporting domain, which also names us. */
  readonly submitter: string;
  /** Mail address of who answers for the report. */
  readonly contact: string;
  readonly counts: readonly ReportedCount[];
  readonly policies: ReportedPolicies;
}

/** The JSON object of RFC 8460 §4.4. */
export interface TlsReport {
  readonly 'organization-name': string;
  readonly 'date-range': { readonly 'start-datetime': string; readonly 'end-datetime': string };
  readonly 'contact-info': string;
  readonly 'report-id': string;
  readonly policies: readonly PolicyReport[];
}

interface PolicyReport {
  readonly policy: {
    readonly 'policy-type': ReportedCount['policy'];
    readonly 'policy-string'?: readonly string[];
    readonly 'policy-domain': string;
    readonly 'mx-host'?: readonly string[];
  };
  readonly summary: {
    readonly 'total-successful-session-count': number;
    readonly 'total-failure-session-count': number;
  };
  readonly 'failure-details'?: readonly FailureDetail[];
}

interface FailureDetail {
  readonly 'result-type': string;
  readonly 'receiving-mx-hostname'?: string;
  readonly 'failed-session-count': number;
}

/** The RFC's own order of strength. */
const POLICY_TYPES = ['tlsa', 'sts', 'no-policy-found'] as const;
/** Details of one policy: those with the most sessions. The totals hold all. */
const MOST_DETAILS = 200;
const MOST_STRINGS = 200;
/** Host names come from the domain's zone, which may hold anything. */
const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/i;

/** The same for every try, so that a receiver can drop what it has already (RFC 8460 §5.3: that is what the id is for). */
export function reportIdOf({
  domain,
  day,
  submitter,
}: Pick<ReportFacts, 'domain' | 'day' | 'submitter'>): string {
  return `${day.replaceAll('-', '')}.${domain}@${submitter}`;
}

/**
 * The report for one policy domain and one UTC day (RFC 8460 §4). Our own addresses are not told: several hosts may send
 * for an installation, and the domain knows who connected to it. Deterministic.
 */
export function buildReport(facts: ReportFacts): TlsReport {
  const { day, contact, submitter, counts } = facts;
  return {
    'organization-name': submitter,
    // §4.1, and the examples of Appendix B: the last second of the day ends it.
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': contact,
    'report-id': reportIdOf(facts),
    policies: POLICY_TYPES.flatMap((type) => {
      const own = counts.filter(({ policy }) => policy === type);
      return own.length === 0 ? [] : [policyReport(type, own, facts)];
    }),
  };
}

function policyReport(
  type: ReportedCount['policy'],
  counts: readonly ReportedCount[],
  { domain, policies }: ReportFacts,
): PolicyReport {
  const failures = counts.filter(({ result }) => result !== 'success');
  const failed = sum(failures);
  const details = failures
    .toSorted((a, b) => b.sessions - a.sessions || compare(`${a.host} ${a.result}`, `${b.host} ${b.result}`))
    .slice(0, MOST_DETAILS)
    .map(detailOf);
  return {
    policy: {
      'policy-type': type,
      ...policyText(type, policies),
      'policy-domain': domain,
      ...mxOf(type, policies),
    },
    summary: {
      'total-successful-session-count': sum(counts) - failed,
      'total-failure-session-count': failed,
    },
    ...(details.length === 0 ? {} : { 'failure-details': details }),
  };
}

function policyText(type: ReportedCount['policy'], { sts, tlsa }: ReportedPolicies) {
  const text = type === 'sts' ? (sts?.lines ?? []) : type === 'tlsa' ? tlsa : [];
  return text.length === 0 ? {} : { 'policy-string': text.slice(0, MOST_STRINGS) };
}

/** §4.4: only an MTA-STS policy has patterns. */
function mxOf(type: ReportedCount['policy'], { sts }: ReportedPolicies) {
  return type !== 'sts' || sts === null || sts.mx.length === 0
    ? {}
    : { 'mx-host': sts.mx.slice(0, MOST_STRINGS) };
}

function detailOf({ result, host, sessions }: ReportedCount): FailureDetail {
  return {
    'result-type': result,
    ...(HOST_NAME.test(host) ? { 'receiving-mx-hostname': host } : {}),
    'failed-session-count': sessions,
  };
}

function sum(counts: readonly ReportedCount[]): number {
  return counts.reduce((total, { sessions }) => total + sessions, 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
