import type { Actor } from './actor.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { BlobId, DeliveryId, EventId, MessageId, OrganisationId } from './ids.ts';
import type { InboundFacts, MessageSource } from './message.ts';
import type { SensitivityClass, Stream } from './method.ts';

/** One recipient's row of a new message: sealed values only, and the domain. */
export interface NewDelivery {
  readonly id: DeliveryId;
  /** Address sealed under the message's object key, bound to field `delivery.recipient` and this id. */
  readonly recipient: Buffer;
  /** Blind index `address` of the normalised address. */
  readonly recipientIndex: Buffer;
  readonly domain: string;
}

/**
 * A message ready for one transaction: every value is as its column holds it. The fields that seals are bound to:
 * `message.sender`, `message.subject`, `message.message-id`, `message.content` (row = message id),
 * `delivery.recipient` (row = delivery id), `event.payload` (row = event id).
 */
export interface NewMessage {
  readonly id: MessageId;
  readonly organisation: OrganisationId;
  readonly source: MessageSource;
  readonly stream: Stream;
  readonly class: SensitivityClass;
  readonly priority: number;
  readonly dueAt: Date;
  readonly giveUpAt: Date;
  readonly portalExpiresAt: Date;
  readonly acceptedAt: Date;
  readonly policyVersion: number;
  /** Wrapped data key of this message. */
  readonly objectKey: Buffer;
  readonly sender: Buffer;
  readonly senderIndex: Buffer;
  readonly subject: Buffer;
  readonly messageIdHeader: Buffer;
  /** SHA-256 of the RFC 5322 message as stored. */
  readonly contentHash: Buffer;
  readonly size: number;
  readonly content:
    | { readonly kind: 'inline'; readonly sealed: Buffer }
    | { readonly kind: 'blob'; readonly blob: BlobId; readonly size: number };
  readonly inReplyTo: MessageId | null;
  /** REQUIRETLS (RFC 8689) was said. */
  readonly requireTls: boolean;
  /** A trigger word lowered the class (SL-10). */
  readonly lowered: boolean;
  /** Of messages from outside; absent for all others. */
  readonly inbound?: InboundFacts;
  readonly actor: Actor;
  readonly deliveries: readonly NewDelivery[];
  readonly terms: readonly bigint[];
  /** The `message.accepted` event; its payload is sealed with the message's object key and starts with it. */
  readonly event: { readonly id: EventId; readonly payload: Buffer | null; readonly cause: string | null };
  readonly audit: AuditEntry;
}

/** Writes a new message onto the road: message, content, deliveries, queue, terms, event, audit, in one transaction. */
export interface MessageRecordPort<Tx> {
  /** Resolves only after the commit is durable. `within` adds to the same transaction (an idempotent answer). */
  accept(input: NewMessage, within?: (tx: Tx) => Promise<void>): Promise<void>;
}
