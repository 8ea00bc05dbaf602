import type { Address } from './address.ts';
import type { Decision, FailureCode, MethodFailure, Reason } from './decision.ts';
import type { DeliveryId } from './ids.ts';
import type { Content, Message } from './message.ts';
import type { Method } from './method.ts';
import type { Notice } from './notice.ts';
import type { PreparedCopy } from './portal.ts';
import type { TransportFacts } from './transport.ts';

/**
 * The seal's one interface, as in age: protect a message for one recipient, or say that this method cannot protect
 * this recipient now. Any other error is a fault. Delivery never downgrades by itself.
 */
export interface Protector {
  readonly method: Method;
  protect(request: ProtectRequest): Promise<SealedMail>;
}

export interface ProtectRequest {
  readonly message: Message;
  readonly content: Content;
  /** Whose copy it is: the same at each try, so that what must not change between tries can be kept by it. */
  readonly delivery: DeliveryId;
  readonly recipient: Address;
  readonly decision: Decision;
}

/** What a protector hands to delivery: how the bytes may travel. */
export type SealedMail =
  | {
      /** Content as it stands; the connection must meet the requirement before any octet of it is sent. */
      readonly kind: 'needs-verified-tls';
      readonly content: Content;
    }
  | {
      /** Content is protected in itself (PGP, S/MIME, PDF). */
      readonly kind: 'self-protected';
      readonly content: Content;
      /** With which key, by the id of our record of it, and which algorithm: part of the proof (SL-11). */
      readonly seal: SealUsed;
      readonly further?: Further;
    }
  | {
      /** The same in several mails (MR-2), each complete in itself; the copy has arrived when all were accepted. */
      readonly kind: 'in-parts';
      readonly parts: SealedParts;
      readonly seal: SealUsed;
      readonly further: Further;
    }
  | {
      /** Content as it stands, encrypted wherever the peer offers it: the recipient's recorded wish. */
      readonly kind: 'under-waiver';
      readonly content: Content;
      /** Id of the record of it: part of the proof. */
      readonly waiver: string;
    }
  | {
      /** The copy waits in the portal; only a notice leaves. */
      readonly kind: 'in-portal';
      readonly copy: PreparedCopy;
    };

/** With which key, by the id of our record of it, and which algorithm. */
export interface SealUsed {
  readonly key: string;
  readonly algorithm: string;
}

/** A copy's mails, in the order in which they are sent. Numbers begin at 1. */
export interface SealedParts {
  readonly of: number;
  /** Accepted by the peer in earlier tries, durably on record: the first so many of all. */
  readonly done: readonly AcceptedPart[];
  mail(part: number): Promise<Content>;
  /** Puts on record, durably, that the peer has accepted this part. */
  accepted(part: AcceptedPart): Promise<void>;
}

export interface AcceptedPart {
  readonly part: number;
  readonly at: Date;
  readonly host: TransportFacts['host'];
  readonly tlsVersion: TransportFacts['tlsVersion'];
}

/** What else belongs to a copy that is protected in itself. */
export interface Further {
  /** Said with the decision, and so in the proof. */
  readonly reasons: readonly Reason[];
  /**
   * To be done in the transaction that records that the peer took the whole copy, and only there (a password goes by its
   * own way). `tx` is that transaction, which core does not know. Throws where it cannot be done so; then `otherwise`.
   */
  readonly settle: ((tx: unknown) => Promise<readonly FollowingNotice[]>) | null;
  /** In the place of `settle` where that goes on failing. */
  readonly otherwise: ((tx: unknown) => Promise<readonly FollowingNotice[]>) | null;
  /** The same copy in mails of at most so many octets. ProtectionUnavailable where it cannot be divided so. */
  within(mostOctets: number): Promise<SealedMail>;
}

/** A notice that follows from an outcome, with the moment after which it is no longer worth sending. */
export interface FollowingNotice {
  readonly notice: Notice;
  readonly giveUpAt: Date;
}

/** The sentinel: "this method cannot protect this recipient now". */
export class ProtectionUnavailable extends Error {
  override readonly name = 'ProtectionUnavailable';
  readonly failure: MethodFailure;

  constructor(method: Method, code: FailureCode, parameters: Readonly<Record<string, string | number>> = {}) {
    super(`${method}: ${code}`);
    this.failure = { method, code, parameters };
  }
}
