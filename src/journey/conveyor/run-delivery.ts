import type { Decision, MethodFailure, Reason } from '#core/decision';
import type { DecisionFacts } from '#core/decision-facts';
import type { NoticeId } from '#core/ids';
import type { Content } from '#core/message';
import type { Method } from '#core/method';
import type { PreparedCopy } from '#core/portal';
import { type Further, ProtectionUnavailable, type SealedMail } from '#core/protection';
import type { RunEnd } from '#core/run-end';
import { type AttemptResult, NO_TRANSPORT } from '#core/transport';
import type { Transaction } from '#platform/database';
import { addressIndexForm } from '#platform/mail';
import type { AttemptRecord, NewNotice, OpenedDelivery } from '#platform/record';
import { describeFault, newId } from '#platform/runtime';
import { decisionFacts, type Known } from './decision-facts.ts';
import { requirementFor, sendMail } from './send-mail.ts';
import { partReasons, sendParts } from './send-parts.ts';
import type { ConveyorPorts } from './stages.ts';

const NOTICE_LEAST_MS = 86_400_000;

/** The end of one run over a delivery, in the words of the tracking stage (main wires them together). */
export interface DeliveryRun {
  readonly work: OpenedDelivery;
  readonly decision: Decision | null;
  /** What the decision was made on; null without one. */
  readonly facts: DecisionFacts | null;
  readonly failures: readonly MethodFailure[];
  readonly attempts: readonly AttemptRecord[];
  readonly end: RunEnd;
  readonly at: Date;
  readonly portal: ((tx: unknown) => Promise<NewNotice>) | null;
  /** What else happens in the transaction that records a sent copy; and in its place where that goes on failing. */
  readonly settle: Further['settle'];
  readonly otherwise: Further['otherwise'];
  newNoticeId(): NoticeId;
}

type Bounced = AttemptResult & { readonly kind: 'bounced' };

export interface Progress {
  decision: Decision | null;
  known: Known | null;
  readonly failures: MethodFailure[];
  readonly attempts: AttemptRecord[];
  /** What a method that was left again has done all the same. */
  readonly past: Reason[];
  further: Further | null;
  /** A peer's limit has been met once. */
  divided: boolean;
  mine(): boolean;
}

export const newProgress = (mine: () => boolean): Progress => ({
  decision: null,
  known: null,
  failures: [],
  attempts: [],
  past: [],
  further: null,
  divided: false,
  mine,
});

/**
 * Takes one recipient's copy through decide, protect and deliver. When a method turns out not to be available at
 * delivery, decide runs again with that fact (SL-4), so the loop ends after each method has failed at most once.
 * A fault (ours, not the peer's) never loses the message: it is tried again later. `mine` is false once another worker
 * may have taken the item over: then nothing is sent.
 */
export async function runDelivery(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  mine: () => boolean = () => true,
): Promise<DeliveryRun> {
  const progress = newProgress(mine);
  try {
    return await travel(ports, work, progress);
  } catch (error) {
    ports.logger.error('delivery-fault', {
      ...describeFault(error),
      organisation: work.delivery.organisation,
      delivery: work.delivery.id,
    });
    return ended(
      ports,
      work,
      progress,
      laterOrTooOld(ports, work, progress.decision, 'system-fault', '4.3.0'),
    );
  }
}

async function travel(ports: ConveyorPorts, work: OpenedDelivery, progress: Progress): Promise<DeliveryRun> {
  const { message } = work.opened;
  if (message.state !== 'accepted')
    return ended(ports, work, progress, { kind: 'withdrawn', state: message.state });
  const policy = await ports.currentPolicy(message.organisation);
  // Asked only where it could matter: most organisations have waivers off.
  const waiver = policy.waivers.enabled
    ? await ports.waiver(message.organisation, work.delivery.recipient)
    : null;
  const offered = [...ports.protectors.keys()];
  for (;;) {
    const decision = ports.decide(
      {
        domain: work.delivery.recipient.domain,
        addressIndex: addressIndexForm(work.delivery.recipient),
        class: message.class,
        stream: message.stream,
        offered,
        waiver: waiver ?? false,
        lowered: message.lowered === true,
        failures: progress.failures,
      },
      policy,
    );
    progress.decision = withReasons(decision, progress.past);
    progress.further = null;
    progress.known = { at: ports.clock.now(), offered, waiver };
    if (decision.method === 'none') return ended(ports, work, progress, { kind: 'not-deliverable' });
    const startedAt = ports.clock.now();
    if (decision.method === 'portal' && startedAt >= message.portalExpiresAt) {
      // A copy placed now would be destroyed at once: the sender is told instead.
      return ended(ports, work, progress, { kind: 'too-old', method: 'portal' });
    }
    const sealed = await protect(ports, work, decision, decision.method, progress);
    if (sealed === null) continue;
    if (sealed.kind === 'in-portal') return placed(ports, work, progress, sealed.copy, startedAt);
    say(progress, howSealed(sealed));
    const end = await deliver(ports, work, decision, decision.method, sealed, progress, startedAt);
    if (end !== null) return ended(ports, work, progress, end);
  }
}

function withReasons(decision: Decision, reasons: readonly Reason[]): Decision {
  return reasons.length === 0 ? decision : { ...decision, reasons: [...decision.reasons, ...reasons] };
}

function say(progress: Progress, reasons: readonly Reason[]): void {
  if (progress.decision !== null) progress.decision = withReasons(progress.decision, reasons);
}

/** With which key and algorithm, under which waiver: the proof of protection says it (SL-11, SL-12). */
function howSealed(sealed: SealedMail): readonly Reason[] {
  if (sealed.kind === 'under-waiver')
    return [{ code: 'sent-under-waiver', parameters: { waiver: sealed.waiver } }];
  if (sealed.kind !== 'self-protected' && sealed.kind !== 'in-parts') return [];
  return [{ code: 'protected-with', parameters: { ...sealed.seal } }, ...(sealed.further?.reasons ?? [])];
}

/** Protects, or notes why this method cannot and returns null. */
async function protect(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  decision: Decision,
  method: Method,
  progress: Progress,
): Promise<SealedMail | null> {
  const protector = ports.protectors.get(method);
  if (!protector) throw new Error(`decide chose ${method}, which is not offered`);
  try {
    const { message, content } = work.opened;
    const { id: delivery, recipient } = work.delivery;
    return await protector.protect({ message, content, delivery, recipient, decision });
  } catch (error) {
    if (!(error instanceof ProtectionUnavailable)) throw error;
    noteFailure(progress, error.failure);
    return null;
  }
}

/** Sends, or notes why this method cannot protect this recipient now and returns null. */
async function deliver(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  decision: Decision,
  method: Method,
  sealed: Exclude<SealedMail, { kind: 'in-portal' }>,
  progress: Progress,
  startedAt: Date,
): Promise<RunEnd | null> {
  const tls = requirementFor(sealed, decision);
  const sendOne = (mail: Content) => sendMail(ports, work, method, mail, tls, progress, startedAt);
  const further = furtherOf(sealed);
  progress.further = further;
  const { result, accepted } =
    sealed.kind === 'in-parts'
      ? await sendParts(sealed.parts, () => ports.clock.now(), sendOne)
      : { result: await sendOne(sealed.content), accepted: [] };
  if (sealed.kind === 'in-parts') say(progress, partReasons(sealed.parts.of, accepted));
  if (
    result.kind === 'bounced' &&
    result.mostOctets !== undefined &&
    further !== null &&
    accepted.length === 0
  ) {
    const tooLarge = { method, further, result, most: result.mostOctets };
    return divided(ports, work, decision, tooLarge, progress, startedAt);
  }
  switch (result.kind) {
    case 'delivered':
      return { kind: 'sent', method, result };
    case 'bounced':
      return { kind: 'refused', method, result };
    case 'deferred':
      return laterOrTooOld(ports, work, decision, result.code, result.reply?.enhanced ?? null);
    case 'protection-unavailable':
      noteFailure(progress, { ...result.failure, method });
      if (sealed.kind === 'in-parts') progress.past.push(...partReasons(sealed.parts.of, accepted));
      return null;
  }
}

const furtherOf = (sealed: SealedMail): Further | null =>
  sealed.kind === 'in-parts' || sealed.kind === 'self-protected' ? (sealed.further ?? null) : null;
/** The peer takes no mail so large: the copy again in smaller ones, once in a run; where that cannot be, by the next method. */
async function divided(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  decision: Decision,
  tooLarge: {
    readonly method: Method;
    readonly further: Further;
    readonly result: Bounced;
    readonly most: number;
  },
  progress: Progress,
  startedAt: Date,
): Promise<RunEnd | null> {
  const { method, further, result, most } = tooLarge;
  if (progress.divided) return { kind: 'refused', method, result };
  progress.divided = true;
  try {
    const smaller = await further.within(most);
    if (smaller.kind === 'in-portal') throw new Error('a copy was divided into the portal');
    return await deliver(ports, work, decision, method, smaller, progress, startedAt);
  } catch (error) {
    if (!(error instanceof ProtectionUnavailable)) throw error;
    noteFailure(progress, error.failure);
    return null;
  }
}

/** Each method may fail once in a run; a second time would mean that decide does not read the failures. */
function noteFailure(progress: Progress, failure: MethodFailure): void {
  if (progress.failures.some((one) => one.method === failure.method)) {
    throw new Error(`${failure.method} was chosen again after it had failed`);
  }
  progress.failures.push(failure);
}

/** The copy is sealed for the portal; entry, link and notice follow inside the outcome's transaction. */
function placed(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  progress: Progress,
  copy: PreparedCopy,
  startedAt: Date,
): DeliveryRun {
  const at = ports.clock.now();
  progress.attempts.push({
    method: 'portal',
    startedAt,
    endedAt: at,
    result: 'in-portal',
    code: null,
    transport: NO_TRANSPORT,
    reply: null,
  });
  const { delivery } = work;
  return {
    ...ended(ports, work, progress, { kind: 'in-portal' }),
    portal: async (tx) => {
      // The record hands back the transaction it opened; only its type was hidden from it.
      const place = await ports.portal.place(tx as Transaction, copy, delivery, at);
      return {
        giveUpAt: noticeGiveUp(work.opened.message.giveUpAt, place.expiresAt, at),
        notice: {
          id: newId() as NoticeId,
          organisation: delivery.organisation,
          to: delivery.recipient,
          locale: place.locale,
          body: {
            kind: 'portal-message',
            message: delivery.message,
            delivery: delivery.id,
            linkToken: place.linkToken,
            expiresAt: place.expiresAt,
          },
        },
      };
    },
  };
}

/** A copy that reached the portal late leaves its notice a day all the same, but never longer than the copy stands. */
function noticeGiveUp(messageGivesUp: Date, copyExpires: Date, at: Date): Date {
  const latest = Math.max(messageGivesUp.getTime(), at.getTime() + NOTICE_LEAST_MS);
  return new Date(Math.min(latest, copyExpires.getTime()));
}

export function ended(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  progress: Progress,
  end: RunEnd,
): DeliveryRun {
  return {
    work,
    decision: progress.decision,
    facts: progress.known && decisionFacts(progress.known, work.delivery.attempts + 1, progress.attempts),
    failures: progress.failures,
    attempts: progress.attempts,
    end,
    at: ports.clock.now(),
    portal: null,
    settle: end.kind === 'sent' ? (progress.further?.settle ?? null) : null,
    otherwise: end.kind === 'sent' ? (progress.further?.otherwise ?? null) : null,
    newNoticeId: () => newId() as NoticeId,
  };
}

/**
 * The same run without what the peer or the portal put into it, for the case that the record refuses the whole: what
 * the peer took stays sent, a failure stays a failure, and a place in the portal is tried again later.
 */
export function lesserRun(ports: ConveyorPorts, run: DeliveryRun): DeliveryRun {
  const lesser = { ...run, decision: null, facts: null, failures: [], attempts: [], portal: null };
  // A password that cannot go by its way any more takes the other, and the copy is not sent again for it.
  const settle = run.otherwise ?? run.settle;
  const { end } = run;
  switch (end.kind) {
    case 'sent': {
      const reply = { code: end.result.reply.code, enhanced: null, text: '' };
      return {
        ...lesser,
        settle,
        end: { ...end, result: { ...end.result, transport: NO_TRANSPORT, reply } },
      };
    }
    case 'refused': {
      return { ...lesser, end: { ...end, result: { ...end.result, transport: NO_TRANSPORT, reply: null } } };
    }
    case 'in-portal':
      return { ...lesser, end: laterOrTooOld(ports, run.work, run.decision, 'system-fault', '4.3.0') };
    case 'later':
      return { ...lesser, end: { ...end, status: null } };
    case 'too-old':
    case 'not-deliverable':
    case 'withdrawn':
      return lesser;
  }
}

export function laterOrTooOld(
  ports: ConveyorPorts,
  work: OpenedDelivery,
  decision: Decision | null,
  code: string,
  status: string | null,
): RunEnd {
  const method = decision === null || decision.method === 'none' ? null : decision.method;
  const now = ports.clock.now();
  if (now >= work.opened.message.giveUpAt) return { kind: 'too-old', method };
  const next = new Date(now.getTime() + ports.deliver.nextTry(work.delivery.attempts + 1));
  // The last try comes just before giving up, never after it.
  const nextAt = next < work.opened.message.giveUpAt ? next : work.opened.message.giveUpAt;
  return { kind: 'later', method, code, status, nextAt };
}
