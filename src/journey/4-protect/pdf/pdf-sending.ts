import type { Address } from '#core/address';
import type { DeliveryId, OrganisationId } from '#core/ids';
import type { Message } from '#core/message';
import type { AcceptedPart, Further } from '#core/protection';
import type { PartsPlan } from './plan-parts.ts';

/** How a password reaches its recipient: agreed outside of mail beforehand, by text message, or kept in the portal. */
export type PasswordChannel = 'agreed' | 'text' | 'portal';

/** What stays the same for a copy however often it is tried: two PDFs of one copy that both arrive open alike. */
export interface PdfSending {
  readonly channel: PasswordChannel;
  readonly password: string;
  /** Id of our record of the password: part of the proof. */
  readonly passwordId: string;
  /** Octets of a mail at most, by the organisation's setting. */
  readonly mostOctets: number;
  /** How the message was divided at an earlier try, and how far it came. Null: one mail. */
  readonly plan: PartsPlan | null;
  readonly done: readonly AcceptedPart[];
  /** Brings the password on its way; see `Further`. */
  readonly settle: Further['settle'];
  readonly otherwise: Further['otherwise'];
}

export interface PdfCopy {
  readonly message: Message;
  readonly delivery: DeliveryId;
  readonly recipient: Address;
}

/** Passwords and progress of protected PDFs, kept by another room. */
export interface PdfSendings {
  /**
   * The password of this copy and its channel: the ones of an earlier try, else the first channel in the organisation's
   * order that can reach the recipient. Durably kept before it resolves where the password is a fresh one. Null: none can.
   */
  begin(copy: PdfCopy): Promise<PdfSending | null>;
  /** Keeps how the copy is divided, durably. Only while no part was accepted. */
  divide(copy: PdfCopy, sending: PdfSending, plan: PartsPlan): Promise<void>;
  /** Keeps that the peer took a part, durably. */
  accepted(organisation: OrganisationId, delivery: DeliveryId, part: AcceptedPart): Promise<void>;
}
