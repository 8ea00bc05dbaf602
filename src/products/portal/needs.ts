import type { Address } from '#core/address';
import type { DeliveryId, MessageId, OrganisationId, PortalPersonId } from '#core/ids';
import type { Content } from '#core/message';
import type { Notice } from '#core/notice';
import type { PortalSignInRule } from '#core/portal';
import type { RecipientRecordPort } from '#core/recipient';
import type { TextPort } from '#core/text';
import type { Audit } from '#platform/audit';
import type { Blobs } from '#platform/blobs';
import type { Database, Transaction } from '#platform/database';
import type { Clock, Locale, Logger } from '#platform/runtime';
import type { Vault } from '#platform/vault';

/** What the portal stands on, and the ports through which it acts on other rooms. Wired by main. */
export interface PortalNeeds {
  readonly database: Database;
  readonly vault: Vault;
  readonly blobs: Blobs;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name, language, zone and reply domain of the transaction's organisation. */
  organisation(tx: Transaction, organisation: OrganisationId): Promise<OrganisationProfile>;
  /** Lines up a content-free mail in the open transaction. */
  sendNotice(tx: Transaction, notice: Notice): Promise<void>;
  /** A recipient opened the message for the first time: state, event and the sender's receipt, in the open transaction. */
  deliveryRead(tx: Transaction, organisation: OrganisationId, delivery: DeliveryId, at: Date): Promise<void>;
  /** Nobody has opened the copy for some days: the sender is told; in the open transaction. */
  deliveryUnread(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
    at: Date,
  ): Promise<void>;
  /** The copy was destroyed before anybody opened it; in the open transaction. */
  deliveryExpired(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
    at: Date,
  ): Promise<void>;
  /** A recipient cannot open the copy for want of proof: the sender is told without content; in the open transaction. */
  deliveryUnproved(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
    reason: 'locked' | 'unprovable',
    at: Date,
  ): Promise<void>;
  /** Origin of the portal's own pages, which passkeys are bound to; without it none are offered. */
  publicUrl?(): string;
  /** Texts to recipients; without it no code is texted. */
  readonly texts?: TextPort<Transaction>;
  /** What staff put on record to recognise recipients by; without it no question is asked. */
  readonly recipients?: RecipientRecordPort<Transaction>;
  /** Puts a recipient's answer on the road to the original sender (source `portal`). */
  submitReply(reply: ReplySubmission): Promise<ReplyOutcome>;
  /** Waits for so many milliseconds; tests hand in one that does not. */
  pause?(milliseconds: number): Promise<void>;
}

export interface OrganisationProfile {
  readonly name: string;
  readonly locale: Locale;
  /** IANA zone that dates are shown in until the reader's own is known. */
  readonly timeZone: string;
  /** A sending domain of the organisation's, for the From field of replies; null when it has none. */
  readonly domain: string | null;
  /** How recipients sign in; as usual where nothing is set. */
  readonly signIn?: PortalSignInRule;
}

export interface ReplySubmission {
  /** UUIDv7 of the reply: the same at a repeated try, so that intake can refuse a second copy. */
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly person: PortalPersonId;
  /** Null for a message that answers none. */
  readonly inReplyTo: MessageId | null;
  /** Envelope sender and header From: the portal's address at the organisation's domain. */
  readonly from: Address;
  /** The original sender. */
  readonly to: Address;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly ReplyFile[];
  /** The whole RFC 5322 message, built from the above. */
  readonly content: Content;
}

export interface ReplyFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export type ReplyOutcome =
  | { readonly kind: 'accepted'; readonly message: MessageId }
  /** Refused for a reason that trying again will not change, or not soon. */
  | { readonly kind: 'refused'; readonly code: string };
