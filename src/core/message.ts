import type { Address } from './address.ts';
import type { BlobId, DeliveryId, MessageId, OrganisationId } from './ids.ts';
import type { SensitivityClass, Stream } from './method.ts';

/** How a message entered the road. */
export type MessageSource = 'smtp' | 'api' | 'portal' | 'inbound';

/** Verdicts of RFC 8601 that matter here; `error` is one that could not be reached, for now or for good. */
export type MailVerdict = 'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'error';

/** What was found out about a message from outside while it came in. Codes only, no PHI. */
export interface InboundFacts {
  /** `null`: a report or an automatic answer, to which nobody must be answered (RFC 5321 §4.5.5). */
  readonly reversePath: 'null' | 'address';
  readonly spf: MailVerdict;
  readonly dkim: MailVerdict;
  readonly dmarc: MailVerdict;
  /** The last leg to us was encrypted. */
  readonly encrypted: boolean;
}

/**
 * A message on the road. What is PHI (addresses, subject, content) exists in memory only in this opened form;
 * at rest it is sealed under the message's own object key.
 */
export interface Message {
  readonly id: MessageId;
  readonly organisation: OrganisationId;
  readonly source: MessageSource;
  readonly stream: Stream;
  readonly class: SensitivityClass;
  /** 0 (first) to 99 within the stream. */
  readonly priority: number;
  readonly acceptedAt: Date;
  readonly dueAt: Date;
  /** After this moment nothing is tried any more and the sender gets a DSN (default 5 days after acceptance). */
  readonly giveUpAt: Date;
  /** When the portal copy is destroyed (PO-3). */
  readonly portalExpiresAt: Date;
  readonly policyVersion: number;
  /** Envelope sender (RFC 5321 MAIL FROM): where DSNs, receipts and replies go. */
  readonly sender: Address;
  readonly subject: string;
  /** Size of the RFC 5322 message in octets. */
  readonly size: number;
  /** Message-ID header field value with its angle brackets. */
  readonly messageId: string;
  /** The message this one answers (a portal reply), where known. */
  readonly inReplyTo: MessageId | null;
  readonly state: MessageState;
  /** The sender said REQUIRETLS (RFC 8689): by mail it may travel over verified TLS alone, hop after hop. Absent: no. */
  readonly requireTls?: boolean;
  /** A trigger word lowered its class (SL-10): it never travels under a waiver. Absent: no. */
  readonly lowered?: boolean;
  /** Of messages from outside; null or absent for all others. */
  readonly inbound?: InboundFacts | null;
}

export type MessageState = 'accepted' | 'cancelled' | 'retracted';

/** Where sealed content is kept: a table row up to 64 KiB, a blob above. */
export type ContentPlace = { readonly kind: 'inline' } | { readonly kind: 'blob'; readonly blob: BlobId };

/** One recipient's copy of a message. */
export interface Delivery {
  readonly id: DeliveryId;
  readonly message: MessageId;
  readonly organisation: OrganisationId;
  readonly recipient: Address;
  readonly state: DeliveryState;
  readonly attempts: number;
}

/** `queued` and `deferred` are on the way; all others but `held`, `portal-waiting` are final. */
export type DeliveryState =
  | 'queued'
  | 'deferred'
  | 'held'
  | 'delivered'
  | 'portal-waiting'
  | 'portal-read'
  | 'bounced'
  | 'expired'
  | 'not-delivered'
  | 'cancelled'
  | 'retracted';

/** Bytes of an RFC 5322 message with CRLF line ends, readable more than once. */
export interface Content {
  readonly size: number;
  /** The whole of it where it is in memory anyway (small messages); null where it must be streamed. */
  readonly bytes: Buffer | null;
  /** A fresh stream from the first octet at each call. */
  open(): AsyncIterable<Buffer>;
}
