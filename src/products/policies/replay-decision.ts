import type {
  Decision,
  FailureCode,
  MethodFailure,
  Reason,
  RecipientFacts,
  TlsRequirement,
} from '#core/decision';
import type { DecisionFacts } from '#core/decision-facts';
import type { DeliveryId, MessageId } from '#core/ids';
import type { Method, SensitivityClass, Stream } from '#core/method';
import type { Policy } from '#core/policy';

/** One delivery as it stands on record: its last decision and what that was made on. */
export interface PastDecision {
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly class: SensitivityClass;
  readonly stream: Stream;
  readonly lowered: boolean;
  readonly domain: string;
  readonly decision: Decision;
  readonly failures: readonly MethodFailure[];
  /** Null where the decision is older than their keeping: then what can be is rebuilt from the decision itself. */
  readonly facts: DecisionFacts | null;
}

/** What is known about the recipient of a past decision beyond its record. */
export interface Recipient {
  /** The address as a rule names it, where a rule does; else anything that no rule can name. */
  readonly addressIndex: string;
  /** A waiver was on record at that time. */
  readonly waiver: boolean;
  /** Whether we hold now what this method needs: a key, a certificate, a password. */
  holds(method: Method): boolean;
}

export interface ReplayDoors {
  decide(facts: RecipientFacts, policy: Policy): Decision;
  offered(): readonly Method[];
}

export type ReplayEffect =
  | 'same'
  /** Another method of the same worth. */
  | 'other'
  | 'higher'
  | 'lower'
  /** Not delivered before, delivered now; and the other way round. */
  | 'gained'
  | 'lost';

export interface ReplayedDecision {
  readonly past: PastDecision;
  /** The policy of that time decides again what was decided. Where it does not, nothing else here can be believed. */
  readonly reproduced: boolean;
  /** Facts were kept; false: they were rebuilt. */
  readonly complete: boolean;
  readonly from: Method | 'none';
  readonly to: Method | 'none';
  readonly effect: ReplayEffect;
  /** The new choice rests on something that nobody tried then. */
  readonly assumed: boolean;
}

/** Methods that need something of the recipient's which we hold or not. */
export const HELD_METHODS: readonly Method[] = ['pgp', 'smime', 'pdf'];

/**
 * Decides one past delivery twice more: under the policy of that time, which must come to what was decided, and under
 * the draft. Pure.
 *
 * What was learned then holds under the draft as far as it is about the recipient: a key that was missing is missing, a
 * server without TLS has none. A failure that the draft's lower TLS requirement would not have met is dropped, and one that
 * its higher requirement would have met is added where the connection of that time says so. What nobody tried then is
 * assumed: TLS to be possible, keys and passwords to be what is held now; the result says that it was.
 */
export function replayDecision(
  doors: ReplayDoors,
  past: PastDecision,
  recipient: Recipient,
  base: Policy | undefined,
  draft: Policy,
): ReplayedDecision {
  const facts = factsOf(doors, past, recipient);
  const again = base && doors.decide(facts, base);
  const { facts: now, uncertain } = factsUnder(doors, past, facts, recipient, draft);
  const next = doors.decide(now, draft);
  return {
    past,
    reproduced: again !== undefined && sameDecision(again, past.decision),
    complete: past.facts !== null,
    from: past.decision.method,
    to: next.method,
    effect: effectOf(past.decision, next),
    assumed: restsOn(next, uncertain),
  };
}

/** The facts as decide had them then. */
function factsOf(doors: ReplayDoors, past: PastDecision, { addressIndex }: Recipient): RecipientFacts {
  const { decision, facts, failures } = past;
  const { domain, stream, lowered } = past;
  const common = { domain, stream, lowered, addressIndex, class: past.class, failures };
  if (facts) return { ...common, offered: facts.offered, waiver: facts.waiver ?? false };
  const missing = decision.reasons.filter(({ code }) => code === 'method-not-offered');
  return {
    ...common,
    offered: doors.offered().filter((one) => !missing.some(({ parameters }) => parameters.method === one)),
    // A waiver shows: it stands in the order, or a reason says that it was not heeded.
    waiver: decision.order.includes('waiver') || decision.reasons.some(({ code }) => code === 'waivers-off'),
  };
}

/** The same facts as they would have been learned under the draft, and what of them is a guess. */
function factsUnder(
  doors: ReplayDoors,
  past: PastDecision,
  facts: RecipientFacts,
  recipient: Recipient,
  draft: Policy,
): { readonly facts: RecipientFacts; readonly uncertain: ReadonlySet<Method> } {
  const { tls: wanted } = doors.decide({ ...facts, failures: [] }, draft);
  const uncertain = new Set<Method>();
  const failures: MethodFailure[] = [];
  for (const failure of facts.failures) {
    if (failure.method === 'tls' && mayPass(failure.code, past.decision.tls, wanted)) uncertain.add('tls');
    else failures.push(failure);
  }
  const tried = (method: Method) =>
    past.decision.method === method || facts.failures.some((one) => one.method === method);
  if (past.decision.method === 'tls') {
    const seen = tlsUnder(past, wanted);
    if (seen === 'unknown') uncertain.add('tls');
    else if (seen !== 'fits') failures.push({ method: 'tls', code: seen, parameters: {} });
  } else if (!tried('tls')) uncertain.add('tls');
  for (const method of HELD_METHODS) {
    if (tried(method)) continue;
    uncertain.add(method);
    if (!recipient.holds(method)) failures.push({ method, code: 'no-key', parameters: {} });
  }
  return { facts: { ...facts, failures, waiver: past.facts?.waiver ?? recipient.waiver }, uncertain };
}

/** Failures that a lower requirement would not meet. */
const OF_TRUST: readonly FailureCode[] = [
  'certificate-untrusted',
  'certificate-expired',
  'certificate-self-signed',
  'certificate-wrong-name',
  'no-verified-host',
];

function mayPass(code: FailureCode, had: TlsRequirement, wanted: TlsRequirement): boolean {
  if (OF_TRUST.includes(code))
    return had.authentication === 'verified' && wanted.authentication === 'encrypted-only';
  return code === 'tls-version-too-low' && wanted.minimum < had.minimum;
}

/** Whether the connection of that time would have met this requirement; a failure's code where it would not. */
function tlsUnder(past: PastDecision, wanted: TlsRequirement): 'fits' | 'unknown' | FailureCode {
  const had = past.decision.tls;
  const higher =
    wanted.minimum > had.minimum ||
    (wanted.authentication === 'verified' && had.authentication === 'encrypted-only');
  if (!higher) return 'fits';
  const seen = past.facts?.tls ?? null;
  if (seen === null || seen.version === null) return 'unknown';
  // The newest version that both sides know is taken (RFC 8446 §4.2.1): an older one means that there is no newer.
  if (wanted.minimum === '1.3' && seen.version !== 'TLSv1.3') return 'tls-version-too-low';
  return wanted.authentication === 'verified' && seen.authenticatedBy === 'none'
    ? 'no-verified-host'
    : 'fits';
}

/** A guess matters where the choice fell on it or passed over it. */
function restsOn(next: Decision, uncertain: ReadonlySet<Method>): boolean {
  const last = next.method === 'none' ? next.order.length : next.order.indexOf(next.method) + 1;
  const byClass = next.reasons.some(({ code }) => code === 'class-forbids-tls');
  return next.order.slice(0, last).some((one) => uncertain.has(one) && !(one === 'tls' && byClass));
}

/** Added when it was sent, not decided. */
const ADDED: readonly Reason['code'][] = ['protected-with', 'sent-under-waiver'];

function sameDecision(a: Decision, b: Decision): boolean {
  const saying = ({ method, order, tls, reasons }: Decision): string =>
    JSON.stringify([
      method,
      order,
      tls.minimum,
      tls.authentication,
      reasons
        .filter(({ code }) => !ADDED.includes(code))
        .map(({ code, parameters }) => [code, Object.entries(parameters).sort(byName)]),
    ]);
  return saying(a) === saying(b);
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);

/** What a method is worth against readers on the way: sealed or in the portal, verified TLS, any TLS, none. */
function worth({ method, tls }: Decision): number {
  if (method === 'waiver') return 0;
  if (method === 'tls') return tls.authentication === 'verified' ? 2 : 1;
  return 3;
}

function effectOf(before: Decision, after: Decision): ReplayEffect {
  if (before.method === 'none') return after.method === 'none' ? 'same' : 'gained';
  if (after.method === 'none') return 'lost';
  const step = worth(after) - worth(before);
  if (step !== 0) return step > 0 ? 'higher' : 'lower';
  return before.method === after.method ? 'same' : 'other';
}
