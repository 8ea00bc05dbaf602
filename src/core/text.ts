import type { Address } from './address.ts';
import type { DeliveryId, MessageId, OrganisationId, TextId } from './ids.ts';

/**
 * What leaves as a text message (SMS). Like a notice it has no place for content or free text: a text travels and is
 * stored in clear by carriers, so it carries no PHI (TX-1), and names no organisation.
 */
export interface TextNotice {
  readonly id: TextId;
  readonly organisation: OrganisationId;
  /** Whose telephone: the number on record for this recipient, looked up when the text is lined up. */
  readonly to: Address;
  readonly locale: 'en' | 'es';
  readonly body: TextBody;
  /** What it tells of, so that the sender sees what became of it; absent for codes and passwords. */
  readonly about?: { readonly message: MessageId; readonly delivery: DeliveryId };
}

export type TextBody =
  | {
      /** Six-digit sign-in code. */ readonly kind: 'sign-in-code';
      readonly code: string;
      readonly expiresAt: Date;
    }
  | {
      /** A message waits in the portal; the link alone opens nothing. */
      readonly kind: 'portal-message';
      readonly linkToken: string;
      readonly expiresAt: Date;
    }
  | {
      /** The password of a protected PDF that comes by mail. */ readonly kind: 'pdf-password';
      readonly password: string;
    };

/** Text messages as other rooms see them. `Tx` is the open transaction of the caller, which core does not know. */
export interface TextPort<Tx> {
  /**
   * Whether a text can reach this recipient now: a number is on record, the recipient did not say STOP, and this
   * installation has a text gateway. `masked` shows at most the last two digits, for a page.
   */
  reach(tx: Tx, organisation: OrganisationId, to: Address): Promise<{ readonly masked: string } | null>;
  /**
   * Lines the text up in the open transaction. False where nothing is lined up: `reach` would be null, or the number or the
   * organisation had its share of texts (that is on record as withheld).
   */
  send(tx: Tx, notice: TextNotice): Promise<boolean>;
}
