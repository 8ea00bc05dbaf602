import type { Actor } from '#core/actor';
import type { Decision } from '#core/decision';
import type { DeliveryState } from '#core/message';
import type { DeliveryWithHistory, MessageView, ShownMessage } from './read-messages.ts';
import { senderText } from './read-messages.ts';

/** What lists show of a message: the first three recipients, counts per state, methods in use. */
export function summaryView(shown: ShownMessage) {
  const { message, row, deliveries } = shown;
  const states = new Map<DeliveryState, number>();
  for (const one of deliveries) states.set(one.row.state, (states.get(one.row.state) ?? 0) + 1);
  const methods = deliveries.flatMap((one) => (one.row.method === null ? [] : [one.row.method]));
  return {
    id: message.id,
    acceptedAt: message.acceptedAt.toISOString(),
    subject: message.subject,
    from: senderText(shown),
    to: deliveries.slice(0, 3).map((one) => one.to),
    recipients: row.recipients,
    size: message.size,
    source: message.source,
    class: message.class,
    stream: message.stream,
    state: message.state,
    states: [...states].map(([state, count]) => ({ state, count })),
    methods: [...new Set(methods)],
  };
}

const CANCELLABLE: readonly DeliveryState[] = ['queued', 'deferred', 'held'];
const IN_PORTAL: readonly DeliveryState[] = ['portal-waiting', 'portal-read'];

export function detailView(view: MessageView, actor: { kind: Actor['kind']; id: string; label: string }) {
  const { message } = view;
  const some = (states: readonly DeliveryState[]) =>
    view.deliveries.some((one) => states.includes(one.row.state));
  const open = message.state === 'accepted';
  return {
    ...summaryView(view),
    messageId: message.messageId,
    priority: message.priority,
    dueAt: message.dueAt.toISOString(),
    giveUpAt: message.giveUpAt.toISOString(),
    portalExpiresAt: message.portalExpiresAt.toISOString(),
    policyVersion: message.policyVersion,
    actor,
    inReplyTo: message.inReplyTo,
    deliveries: view.history.map(deliveryView),
    replies: view.replies.map((reply) => ({
      id: reply.message.id,
      from: senderText(reply),
      subject: reply.message.subject,
      acceptedAt: reply.message.acceptedAt.toISOString(),
    })),
    canCancel: open && some(CANCELLABLE),
    // A cancelled message may have copies in the portal: those that were there before.
    canRetract: some(IN_PORTAL) || (open && some(CANCELLABLE)),
  };
}

export function deliveryView(delivery: DeliveryWithHistory) {
  const { row, to, attempts, portal, followUps } = delivery;
  return {
    id: row.id,
    to,
    state: row.state,
    method: row.method,
    decision: decisionView(row.decision),
    attempts: attempts.map(attemptView),
    lastCode: row.last_code,
    lastStatus: row.last_status,
    nextAttemptAt: row.next_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    portal: portal
      ? {
          expiresAt: portal.expiresAt.toISOString(),
          firstReadAt: portal.firstReadAt?.toISOString() ?? null,
          lockedAt: portal.lockedAt?.toISOString() ?? null,
          unprovableAt: portal.unprovableAt?.toISOString() ?? null,
          acts: portal.acts.map(({ act, at, by }) => ({ act, at: at.toISOString(), by })),
        }
      : null,
    followUps: followUps.map(({ kind, code, at }) => ({ kind, code, at: at.toISOString() })),
    hasProof: row.has_proof,
  };
}

function decisionView(decision: Decision | null) {
  if (decision === null) return null;
  return {
    method: decision.method,
    order: [...decision.order],
    tls: decision.tls,
    policyVersion: decision.policyVersion,
    reasons: decision.reasons.map((one) => ({ code: one.code, parameters: { ...one.parameters } })),
  };
}

function attemptView({ row, replyText }: DeliveryWithHistory['attempts'][number]) {
  return {
    id: row.id,
    number: row.number,
    method: row.method,
    startedAt: row.started_at.toISOString(),
    endedAt: row.ended_at.toISOString(),
    result: attemptResult(row.result),
    code: row.code,
    host: row.host,
    address: row.address,
    tlsVersion: row.tls_version,
    cipher: row.cipher,
    certificate:
      row.certificate_fingerprint === null
        ? null
        : {
            fingerprint: row.certificate_fingerprint,
            subject: row.certificate?.subject ?? null,
            issuer: row.certificate?.issuer ?? null,
            notAfter: row.certificate?.notAfter ?? null,
          },
    authenticatedBy: row.authenticated_by,
    reply:
      row.reply_code === null
        ? null
        : { code: row.reply_code, enhanced: row.reply_enhanced, text: replyText ?? '' },
  };
}

function attemptResult(result: string) {
  switch (result) {
    case 'delivered':
    case 'deferred':
    case 'bounced':
    case 'protection-unavailable':
    case 'in-portal':
      return result;
    default:
      throw new Error('an attempt has an unknown result');
  }
}
