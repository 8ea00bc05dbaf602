import type { Address } from './address.ts';
import type { DeliveryId, MessageId, OrganisationId, PortalItemId, PortalPersonId } from './ids.ts';
import type { Content, Message } from './message.ts';

/**
 * The portal as protection sees it: a place where a copy waits for its recipient. `Tx` is the open transaction of the
 * caller, which core does not know.
 */
export interface PortalPort<Tx> {
  /**
   * Seals the content under a key of the portal's own, before the outcome transaction and with none open: up to 64 KiB
   * in memory, more as a flushed blob. One copy serves all recipients of a message; where it stands already, nothing
   * is sealed again. Faults: content that does not open, storage.
   */
  copy(request: { readonly message: Message; readonly content: Content }): Promise<PreparedCopy>;
  /**
   * Puts the prepared copy in place for one recipient, in the transaction that records the outcome. The link token is
   * returned once and stored only as a hash; placing the same delivery again replaces it.
   */
  place(tx: Tx, prepared: PreparedCopy, delivery: PortalDelivery, at: Date): Promise<PortalPlacement>;
  /**
   * Puts the password of a PDF, which goes to the same recipient by mail, where only they find it after they signed in;
   * in the transaction that records the outcome. Placing the same delivery again replaces it.
   */
  placePassword(
    tx: Tx,
    placed: {
      readonly organisation: OrganisationId;
      readonly message: MessageId;
      readonly delivery: PortalDelivery;
      /** By what the recipient tells one PDF from another. */
      readonly about: { readonly sender: Address; readonly subject: string };
      readonly password: string;
      readonly expiresAt: Date;
    },
    at: Date,
  ): Promise<{ readonly locale: 'en' | 'es' }>;
  /**
   * Destroys every copy whose time is over: its content, its key and its blob. Returns how many items ended.
   * Called by the worker role every minute or so; several may run at once.
   */
  expireDue(): Promise<number>;
  /** Takes back what was not yet fetched and destroys the copy; in the caller's transaction. Says what was too late (fact: recall cannot reach what was read). */
  retract(tx: Tx, organisation: OrganisationId, message: MessageId): Promise<PortalRetraction>;
}

export interface PortalDelivery {
  readonly id: DeliveryId;
  readonly recipient: Address;
}

/** A copy on its way into the portal. Opaque to everybody but the portal. */
export interface PreparedCopy {
  readonly organisation: OrganisationId;
  readonly message: MessageId;
  readonly expiresAt: Date;
}

export interface PortalPlacement {
  readonly item: PortalItemId;
  readonly person: PortalPersonId;
  /** 256 bit, base64url; for the notice's link only. */
  readonly linkToken: string;
  readonly expiresAt: Date;
  /** The recipient's language, for the notice. */
  readonly locale: 'en' | 'es';
}

export interface PortalRetraction {
  /** Deliveries that nobody had opened yet. */
  readonly unread: readonly DeliveryId[];
  /** Deliveries that had been read: access ends, what was read stays read. */
  readonly read: readonly DeliveryId[];
}

/** What may open a session in the portal. */
export type FirstFactor = 'mailed-code' | 'texted-code' | 'passkey' | 'device';

export const FIRST_FACTORS: readonly FirstFactor[] = ['mailed-code', 'texted-code', 'passkey', 'device'];

/**
 * An organisation's rule for signing in to the portal. The high class asks for two factors of different kinds under every
 * rule.
 */
export interface PortalSignInRule {
  /** Never without one of the codes: without, nobody could come in for the first time. */
  readonly first: readonly FirstFactor[];
  /**
   * The question on record: `always` for every message beside whatever else was proved, `high` where the high class
   * lacks a second factor, `never` not at all.
   */
  readonly question: 'always' | 'high' | 'never';
  /** Wrong answers that end access to a message, 3 to 10. */
  readonly wrongAnswers: number;
  /** The organisation's own patient portal opens sessions too, or nothing else does. Absent: it does not. */
  readonly delegated?: 'beside' | 'only';
}
