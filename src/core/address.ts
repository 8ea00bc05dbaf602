/**
 * A parsed mailbox (RFC 5321 §4.1.2, RFC 6531). `local` is PHI and is never logged or stored unsealed;
 * `domain` is lower-case A-labels. Only platform/mail makes one.
 */
export interface Address {
  readonly local: string;
  readonly domain: string;
}

/** An address with an optional display name, as a header field carries it. */
export interface NamedAddress extends Address {
  readonly name: string | null;
}

/** `local@domain` as used in an SMTP envelope. */
export function addressText(address: Address): string {
  return `${address.local}@${address.domain}`;
}
