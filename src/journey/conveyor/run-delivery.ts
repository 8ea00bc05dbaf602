import { addressText } from '#core/address';
import type { Decision, MethodFailure, TlsRequirement } from '#core/decision';
import type { NoticeId } from '#core/ids';
import type { Method } from '#core/method';
import type { PreparedCopy } from '#core/portal';
import { ProtectionUnavailable, type SealedMail } from '#core/protection';
import type { RunEnd } from '#core/run-end';
import { type AttemptResult, NO_TRANSPORT } from '#core/transport';
import type { Transaction } from '#platform/database';
import { addressIndexForm } from '#platform/mail';
import type { AttemptRecord, NewNotice, OpenedDelivery } from '#platform/record';
import { describeFault, newId } from '#platform/runtime';
import type { ConveyorPorts } from './stages.ts';

const NOTICE_LEAST_MS = 86_400_000;

/** The end of one run over a delivery, in the words of the tracking stage (main wires them together). */
export interface DeliveryRun {
  readonly work: OpenedDelivery;
  readonly decision: Decision | null;
  readonly failures: readonly MethodFailure[];
  readonly attempts: readonly AttemptRecord[];
  readonly end: RunEnd;
  readonly at: Date;
  readonly portal: ((tx: unknown) => Promise<NewNotice>) | null;
  newNoticeId(): NoticeId;
}

interface Progress {
  decision: Decision | null;
  readonly failures: MethodFailure[];
  readonly attempts: AttemptRecord[];
  mine(): boolean;
}

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
  const progress: Progress = { decision: null, failures: [], attempts: [], mine };
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
  const waiver =
    policy.waivers.enabled && (await ports.waiver(message.organisation, work.delivery.recipient));
  for (;;) {
    const decision = ports.decide(
      {
        domain: work.delivery.recipient.domain,
        addressIndex: addressIndexForm(work.delivery.recipient),
        class: message.class,
        offered: [...ports.protectors.keys()],
        waiver,
        failures: progress.failures,
      },
      policy,
    );
    progress.decision = decision;
    if (decision.method === 'none') return ended(ports, work, progress, { kind: 'not-deliverable' });
    const startedAt = ports.clock.now();
    if (decision.method === 'portal' && startedAt >= message.portalExpiresAt) {
      // A copy placed now would be destroyed at once: the sender is told instead.
      return ended(ports, work, progress, { kind: 'too-old', method: 'portal' });
    }
    const sealed = await protect(ports, work, decision, decision.method, progress);
    if (sealed === null) continue;
    if (sealed.kind === 'in-portal') return placed(ports, work, progress, sealed.copy, startedAt);
    if (sealed.kind === 'self-protected') {
      // With which key and algorithm: the proof of protection says it (SL-11).
      const reason = { code: 'protected-with', parameters: { ...sealed.seal } } as const;
      progress.decision = { ...decision, reasons: [...decision.reasons, reason] };
    }
    if (sealed.kind === 'under-waiver') {
      const reason = { code: 'sent-under-waiver', parameters: { waiver: sealed.waiver } } as const;
      progress.decision = { ...decision, reasons: [...decision.reasons, reason] };
    }
    const end = await deliver(ports, work, decision, decision.method, sealed, progress, startedAt);
    if (end !== null) return ended(ports, work, progress, end);
  }
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
    return await protector.protect({ message, content, recipient: work.delivery.recipient, decision });
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
  const { message } = work.opened;
  const { recipient } = work.delivery;
  const signed = await ports.deliver.sign(message.organisation, message.sender.domain, sealed.content);
  if (!progress.mine()) throw new Error('the lease ran out before sending');
  ports.reach('before-send', work.delivery.id);
  const result = await ports.deliver.send({
    domain: recipient.domain,
    envelopeFrom: message.sender,
    recipient,
    content: signed,
    tls: requirementFor(sealed, decision),
    smtpUtf8: needsSmtpUtf8(work),
    eightBit: true,
    requireTls: message.requireTls === true,
  });
  if (result.kind === 'delivered') ports.reach('after-data', work.delivery.id);
  progress.attempts.push(attemptRecord(ports, method, startedAt, result));
  switch (result.kind) {
    case 'delivered':
      return { kind: 'sent', method, result };
    case 'bounced':
      return { kind: 'refused', method, result };
    case 'deferred':
      return laterOrTooOld(ports, work, decision, result.code, result.reply?.enhanced ?? null);
    case 'protection-unavailable':
      noteFailure(progress, { ...result.failure, method });
      return null;
  }
}

/**
 * Under a waiver nothing is demanded of the peer but what its own domain demands of everybody (DANE, MTA-STS).
 * What is protected in itself may go to a peer that nobody could verify, but not in clear: who writes to whom stands in
 * its header, and that somebody is a patient somewhere is PHI.
 */
function requirementFor(sealed: SealedMail, decision: Decision): TlsRequirement | 'opportunistic' {
  if (sealed.kind === 'under-waiver') return 'opportunistic';
  if (sealed.kind !== 'self-protected') return decision.tls;
  return { minimum: decision.tls.minimum, authentication: 'encrypted-only' };
}

function needsSmtpUtf8(work: OpenedDelivery): boolean {
  const addresses = addressText(work.opened.message.sender) + addressText(work.delivery.recipient);
  return /[^\x20-\x7e]/u.test(addresses);
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

function ended(ports: ConveyorPorts, work: OpenedDelivery, progress: Progress, end: RunEnd): DeliveryRun {
  return {
    work,
    decision: progress.decision,
    failures: progress.failures,
    attempts: progress.attempts,
    end,
    at: ports.clock.now(),
    portal: null,
    newNoticeId: () => newId() as NoticeId,
  };
}

/**
 * The same run without what the peer or the portal put into it, for the case that the record refuses the whole: what
 * the peer took stays sent, a failure stays a failure, and a place in the portal is tried again later.
 */
export function lesserRun(ports: ConveyorPorts, run: DeliveryRun): DeliveryRun {
  const lesser = { ...run, decision: null, failures: [], attempts: [], portal: null };
  const { end } = run;
  switch (end.kind) {
    case 'sent': {
      const reply = { code: end.result.reply.code, enhanced: null, text: '' };
      return { ...lesser, end: { ...end, result: { ...end.result, transport: NO_TRANSPORT, reply } } };
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

function laterOrTooOld(
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

function attemptRecord(
  ports: ConveyorPorts,
  method: Method,
  startedAt: Date,
  result: AttemptResult,
): AttemptRecord {
  return {
    method,
    startedAt,
    endedAt: ports.clock.now(),
    result: result.kind,
    code: attemptCode(result),
    transport: result.transport,
    reply: result.kind === 'protection-unavailable' ? null : result.reply,
  };
}

function attemptCode(result: AttemptResult): string | null {
  switch (result.kind) {
    case 'delivered':
      return null;
    case 'deferred':
    case 'bounced':
      return result.code;
    case 'protection-unavailable':
      return result.failure.code;
  }
}
