import type { Address } from './address.ts';
import type { OrganisationId, TextId } from './ids.ts';

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
  /** Lines the text up in the open transaction; false where `reach` would be null (nothing is lined up). */
  send(tx: Tx, notice: TextNotice): Promise<boolean>;
}
