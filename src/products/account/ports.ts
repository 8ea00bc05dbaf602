import type { Access } from '#platform/access';

/** What this product stands on: the doors of platform/access that are a person's own, and their organisation's rule. */
export interface AccountPorts {
  readonly access: Pick<Access, 'account' | 'signInRules'>;
  /** An `otpauth:` address as a QR code: an SVG document. */
  totpPicture(uri: string): Promise<string>;
}
