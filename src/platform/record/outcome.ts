import type { AuditEntry } from '#core/audit-entry';
import type { Decision, MethodFailure } from '#core/decision';
import type { DecisionFacts } from '#core/decision-facts';
import type { EventType } from '#core/event';
import type { DeliveryId, NoticeId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import type { Method } from '#core/method';
import type { Notice } from '#core/notice';
import type { ProofRecord } from '#core/proof';
import type { SmtpReply, TransportFacts } from '#core/transport';
import type { OpenedDelivery } from './open-work.ts';

/** One try of one method, for the record (SL-11). */
export interface AttemptRecord {
  readonly method: Method;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly result: 'delivered' | 'deferred' | 'bounced' | 'protection-unavailable' | 'in-portal';
  readonly code: string | null;
  readonly transport: TransportFacts;
  readonly reply: SmtpReply | null;
}

/** Everything that one run over a delivery leads to; committed as a whole or not at all. */
export interface DeliveryOutcome {
  readonly work: OpenedDelivery;
  readonly state: DeliveryState;
  readonly method: Method | 'none' | null;
  readonly failures: readonly MethodFailure[];
  /** The last decision, null where none was needed (a withdrawn message). */
  readonly decision: Decision | null;
  /** What it was made on, so that it can be made again. */
  readonly facts: DecisionFacts | null;
  readonly lastCode: string | null;
  readonly lastStatus: string | null;
  /** When to try again; null takes the delivery off the queue. */
  readonly nextAt: Date | null;
  readonly attempts: readonly AttemptRecord[];
  readonly events: readonly OutcomeEvent[];
  readonly audit: readonly AuditEntry[];
  /** Present for final outcomes. The record fills in ids, hashes the recipient, signs. */
  readonly proof: Pick<ProofRecord, 'outcome' | 'transport'> | null;
  /** Content-free mail that follows from it (DSN to the sender). The portal's notice is made by `portal`. */
  readonly notices: readonly NewNotice[];
  /** Puts the recipient into the portal inside the transaction and returns the notice for them. */
  readonly portal: ((tx: unknown) => Promise<NewNotice>) | null;
  /** Further acts inside the transaction, such as lining up a password; returns the notices that follow. */
  readonly settle?: ((tx: unknown) => Promise<readonly NewNotice[]>) | null;
  readonly at: Date;
}

export interface OutcomeEvent {
  readonly type: EventType;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A notice to send, with the moment after which it is no longer worth sending. */
export interface NewNotice {
  readonly notice: Notice;
  readonly giveUpAt: Date;
}

/** The end of one try to send a notice. */
export interface NoticeOutcome {
  readonly id: NoticeId;
  readonly fence: number;
  readonly state: 'queued' | 'delivered' | 'bounced' | 'expired' | 'cancelled';
  readonly code: string | null;
  readonly nextAt: Date | null;
  readonly audit: readonly AuditEntry[];
  /** A portal notice that can never arrive makes its delivery fail: what to change and to tell. */
  readonly undeliverable: {
    readonly delivery: DeliveryId;
    readonly notices: readonly NewNotice[];
    readonly lastStatus: string | null;
  } | null;
  readonly at: Date;
}
