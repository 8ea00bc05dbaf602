import type { Address } from './address.ts';
import type { Decision, FailureCode, MethodFailure } from './decision.ts';
import type { Content, Message } from './message.ts';
import type { Method } from './method.ts';
import type { PreparedCopy } from './portal.ts';

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
      readonly seal: { readonly key: string; readonly algorithm: string };
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

/** The sentinel: "this method cannot protect this recipient now". */
export class ProtectionUnavailable extends Error {
  override readonly name = 'ProtectionUnavailable';
  readonly failure: MethodFailure;

  constructor(method: Method, code: FailureCode, parameters: Readonly<Record<string, string | number>> = {}) {
    super(`${method}: ${code}`);
    this.failure = { method, code, parameters };
  }
}
