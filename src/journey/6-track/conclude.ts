import type { AuditEntry } from '#core/audit-entry';
import type { Decision, MethodFailure } from '#core/decision';
import type { EventType } from '#core/event';
import type { NoticeId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import type { Method } from '#core/method';
import type { DsnRecipient } from '#core/notice';
import type { RunEnd } from '#core/run-end';
import type { AttemptResult, TransportFacts } from '#core/transport';
import { NO_TRANSPORT } from '#core/transport';
import type { AttemptRecord, DeliveryOutcome, NewNotice, OpenedDelivery } from '#platform/record';

export interface Run {
  readonly work: OpenedDelivery;
  readonly decision: Decision | null;
  readonly failures: readonly MethodFailure[];
  readonly attempts: readonly AttemptRecord[];
  readonly end: RunEnd;
  readonly at: Date;
  /** Puts the recipient into the portal within the outcome's transaction; present when the end is `in-portal`. */
  readonly portal: DeliveryOutcome['portal'];
  newNoticeId(): NoticeId;
}

const DSN_DAYS = 5;

interface Conclusion {
  readonly state: DeliveryState;
  readonly event: EventType;
  readonly method: Method | 'none' | null;
  readonly lastCode: string | null;
  readonly lastStatus: string | null;
  readonly nextAt: Date | null;
  readonly proof: DeliveryOutcome['proof'];
  readonly dsn: Pick<DsnRecipient, 'action' | 'status'> | null;
}

/**
 * Turns the end of a run into what is put on record: the delivery's state, an event, audit, a proof of protection
 * where the end is final, and the sender's delivery status notification where it is a failure. Pure.
 */
export function conclude(run: Run): DeliveryOutcome {
  const { work, decision } = run;
  const end = conclusionOf(run);
  return {
    work,
    state: end.state,
    method: end.method,
    failures: run.failures,
    decision,
    lastCode: end.lastCode,
    lastStatus: end.lastStatus,
    nextAt: end.nextAt,
    attempts: run.attempts,
    events: [
      {
        type: end.event,
        payload: {
          method: end.method,
          code: end.lastCode,
          status: end.lastStatus,
          attempt: work.delivery.attempts + 1,
        },
      },
    ],
    audit: [auditOf(run, end), ...waiverEntries(run, end)],
    proof: end.proof,
    notices: end.dsn ? dsnFor(run, end.dsn) : [],
    portal: run.portal,
    at: run.at,
  };
}

function conclusionOf(run: Run): Conclusion {
  const { end } = run;
  const none = { lastCode: null, lastStatus: null, nextAt: null, proof: null, dsn: null };
  switch (end.kind) {
    case 'sent':
      return {
        ...none,
        state: 'delivered',
        event: 'delivery.delivered',
        method: end.method,
        lastStatus: end.result.reply.enhanced ?? '2.0.0',
        proof: { outcome: 'delivered', transport: proofTransport(end.result.transport) },
      };
    case 'in-portal':
      return {
        ...none,
        state: 'portal-waiting',
        event: 'delivery.portal-waiting',
        method: 'portal',
        proof: { outcome: 'portal-waiting', transport: proofTransport(NO_TRANSPORT) },
      };
    case 'refused': {
      const status = failureStatus(end.result.reply?.enhanced ?? null, end.result.code);
      return {
        ...none,
        state: 'bounced',
        event: 'delivery.bounced',
        method: end.method,
        lastCode: end.result.code,
        lastStatus: status,
        proof: { outcome: 'bounced', transport: proofTransport(end.result.transport) },
        dsn: { action: 'failed', status },
      };
    }
    case 'later':
      return {
        ...none,
        state: 'deferred',
        event: 'delivery.deferred',
        method: end.method,
        lastCode: end.code,
        lastStatus: end.status,
        nextAt: end.nextAt,
      };
    case 'too-old':
      return {
        ...none,
        state: 'expired',
        event: 'delivery.expired',
        method: end.method,
        lastCode: 'too-old',
        lastStatus: '4.4.7',
        proof: { outcome: 'expired', transport: proofTransport(NO_TRANSPORT) },
        dsn: { action: 'expired', status: '4.4.7' },
      };
    case 'not-deliverable':
      return {
        ...none,
        state: 'not-delivered',
        event: 'delivery.not-delivered',
        method: 'none',
        // The users' "exclusive" mode has a status of its own: it was wanted so, and nothing is broken.
        lastCode: run.decision?.reasons.some(({ code }) => code === 'exclusive-tls')
          ? 'exclusive-tls'
          : 'no-method',
        lastStatus: '5.7.10',
        proof: { outcome: 'not-delivered', transport: proofTransport(NO_TRANSPORT) },
        dsn: { action: 'failed', status: '5.7.10' },
      };
    case 'withdrawn':
      return {
        ...none,
        state: end.state,
        event: end.state === 'cancelled' ? 'message.cancelled' : 'message.retracted',
        method: null,
      };
  }
}

/** RFC 3463 status of a permanent failure; a peer that gave none gets the one that fits our code. */
function failureStatus(enhanced: string | null, code: (AttemptResult & { kind: 'bounced' })['code']): string {
  if (enhanced?.startsWith('5.')) return enhanced;
  switch (code) {
    case 'peer-refused':
      return '5.0.0';
    case 'no-such-domain':
      return '5.1.2';
    case 'null-mx':
      return '5.1.10';
    case 'domain-not-routed':
      return '5.7.1';
    case 'too-old':
      return '5.4.7';
    case 'message-too-large':
      return '5.3.4';
    case 'smtputf8-not-supported':
      return '5.6.7';
  }
}

function proofTransport(facts: TransportFacts) {
  const { host, tlsVersion, cipher, certificateFingerprint, authenticatedBy } = facts;
  return { host, tlsVersion, cipher, certificateFingerprint, authenticatedBy };
}

function auditOf(run: Run, end: Conclusion): AuditEntry {
  const last = run.attempts.at(-1)?.transport ?? NO_TRANSPORT;
  return {
    organisation: run.work.delivery.organisation,
    action: end.event,
    actor: { kind: 'system', component: 'conveyor' },
    origin: { address: null, channel: 'worker' },
    result: end.dsn ? 'failed' : 'done',
    subjects: [
      { kind: 'message', id: run.work.delivery.message },
      { kind: 'delivery', id: run.work.delivery.id },
    ],
    details: {
      method: end.method,
      code: end.lastCode,
      status: end.lastStatus,
      host: last.host,
      tls: last.tlsVersion,
      authenticatedBy: last.authenticatedBy,
      policyVersion: run.decision?.policyVersion ?? null,
    },
    sealedReference: null,
    request: null,
  };
}

/**
 * Each sending under a waiver has an entry of its own (SL-12): whenever a peer was asked to take the copy under it, and
 * that it may have seen content in clear, whatever came of it.
 */
function waiverEntries(run: Run, end: Conclusion): AuditEntry[] {
  const tried = run.attempts.some(
    ({ method, result }) => method === 'waiver' && result !== 'protection-unavailable',
  );
  const ended = end.method === 'waiver' && (run.end.kind === 'sent' || run.end.kind === 'refused');
  if (!tried && !ended) return [];
  const entry = auditOf(run, end);
  const reason = run.decision?.reasons.find(({ code }) => code === 'sent-under-waiver');
  return [
    {
      ...entry,
      action: 'delivery.sent-under-waiver',
      details: {
        ...entry.details,
        class: run.work.opened.message.class,
        waiver: reason?.parameters.waiver ?? null,
      },
    },
  ];
}

/**
 * The sender's DSN (RFC 3464), without content. A reply made in the portal has no mailbox behind its sender, so its
 * failure is shown in the console only.
 */
function dsnFor(run: Run, failure: Pick<DsnRecipient, 'action' | 'status'>): NewNotice[] {
  const { opened, delivery } = run.work;
  const { message } = opened;
  if (message.source === 'portal') return [];
  const last = run.attempts.at(-1);
  return [
    {
      giveUpAt: new Date(run.at.getTime() + DSN_DAYS * 86_400_000),
      notice: {
        id: run.newNoticeId(),
        organisation: message.organisation,
        to: message.sender,
        locale: 'en',
        body: {
          kind: 'dsn',
          message: message.id,
          messageId: message.messageId,
          acceptedAt: message.acceptedAt,
          recipients: [
            {
              address: delivery.recipient,
              action: failure.action,
              status: failure.status,
              remoteHost: last?.transport.host ?? null,
              diagnosticCode: last?.reply?.code ?? null,
            },
          ],
        },
      },
    },
  ];
}
