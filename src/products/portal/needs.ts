import type { Address } from '#core/address';
import type { DeliveryId, MessageId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Content } from '#core/message';
import type { Notice } from '#core/notice';
import type { PlaceOf } from '#core/place';
import type { PortalSignInRule } from '#core/portal';
import type { RecipientRecordPort } from '#core/recipient';
import type { TextPort } from '#core/text';
import type { Audit } from '#platform/audit';
import type { Blobs } from '#platform/blobs';
import type { Database, Transaction } from '#platform/database';
import type { LogoutTokens, Oidc } from '#platform/federation';
import type { PdfRenderer } from '#platform/pdf';
import type { Clock, Locale, Logger } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import type { Door } from './delegation/door.ts';
import type { PortalParts } from './portal-parts.ts';
import type { WishPorts } from './wishes.ts';

/** What the portal stands on, and the ports through which it acts on other rooms. Wired by main. */
export interface PortalNeeds {
  readonly database: Database;
  readonly vault: Vault;
  readonly blobs: Blobs;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What sessions are defended by; set by `createPortal` and by nobody else. */
  readonly parts?: PortalParts;
  /** Pictures of the pages of an attached PDF. */
  readonly pdf: Pick<PdfRenderer, 'render'>;
  /** Name, language, zone and reply domain of the transaction's organisation. */
  organisation(tx: Transaction, organisation: OrganisationId): Promise<OrganisationProfile>;
  /** Lines up a content-free mail in the open transaction. */
  sendNotice(tx: Transaction, notice: Notice): Promise<void>;
  /**
   * A recipient, or a caregiver in their place, opened the message for the first time: state, event and the sender's
   * receipt, in the open transaction. Does nothing at a second call.
   */
  deliveryRead(
    tx: Transaction,
    organisation: OrganisationId,
    delivery: DeliveryId,
    at: Date,
    by: 'recipient' | 'caregiver',
  ): Promise<void>;
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
  /** What is done about copies that nobody opened, after their sender was told (PO-6). */
  readonly pickups: PickupPort;
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
  /** Where a network address is, by the operator's file; without one no countries are compared. */
  readonly placeOf?: PlaceOf | null;
  /** Texts to recipients; without it no code is texted. */
  readonly texts?: TextPort<Transaction>;
  /** What staff put on record to recognise recipients by; without it no question is asked. */
  readonly recipients?: RecipientRecordPort<Transaction>;
  /** Puts a recipient's answer on the road to the original sender (source `portal`). */
  submitReply(reply: ReplySubmission): Promise<ReplyOutcome>;
  /** OpenID Connect, for organisations whose own patient portal vouches for their recipients; without it none does. */
  readonly federation?: { readonly oidc: Oidc; readonly logoutTokens: LogoutTokens };
  /** Keys, waivers and texts of recipients; absent where none are wired. */
  readonly wishes?: WishPorts;
  /** Waits for so many milliseconds; tests hand in one that does not. */
  pause?(milliseconds: number): Promise<void>;
}

/** Failed pickups, as the portal sees them. In the open transaction. */
export interface PickupPort {
  /** Writes to the recipient again, as staff put on record. Once a copy: the portal sees to that. */
  fallBack(tx: Transaction, copy: UnreadCopy): Promise<unknown>;
  /** Another address of the same person, to which the further notice of this copy went: codes for it go there too. */
  codesAlsoTo(
    tx: Transaction,
    organisation: OrganisationId,
    recipient: Address,
    item: PortalItemId,
  ): Promise<Address | null>;
}

export interface UnreadCopy {
  readonly organisation: OrganisationId;
  readonly item: PortalItemId;
  readonly message: MessageId;
  readonly delivery: DeliveryId;
  readonly recipient: Address;
  readonly locale: Locale;
  readonly expiresAt: Date;
  /** A further link to the copy; the one in the first notice goes on. */
  newLink(): Promise<string>;
}

export interface OrganisationProfile {
  readonly name: string;
  readonly locale: Locale;
  /** IANA zone that dates are shown in until the reader's own is known. */
  readonly timeZone: string;
  /** A sending domain of the organisation's, for the From field of replies; null when it has none. */
  readonly domain: string | null;
  /** Its messages are shown only after a sign-in of their own, and never beside those of other organisations. */
  readonly separateSignIn: boolean;
  /** How recipients sign in; as usual where nothing is set. */
  readonly signIn?: PortalSignInRule;
  /** Its own patient portal, where it lets recipients in. The portal looks it up itself. */
  readonly door?: Door;
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
