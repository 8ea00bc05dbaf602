import type { Method, SensitivityClass, Stream } from './method.ts';

/** Why a method cannot protect this recipient now; learned from looking or from trying (SL-4). */
export interface MethodFailure {
  readonly method: Method;
  readonly code: FailureCode;
  /** Host names, versions, dates; never content or a local part. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

export type FailureCode =
  | 'tls-not-offered'
  | 'tls-handshake-failed'
  | 'tls-version-too-low'
  | 'certificate-untrusted'
  | 'certificate-expired'
  | 'certificate-self-signed'
  | 'certificate-wrong-name'
  | 'no-verified-host'
  | 'dane-mismatch'
  | 'mta-sts-host-not-listed'
  | 'requiretls-not-offered'
  | 'requiretls-host-not-proven'
  | 'no-key'
  | 'key-expired'
  | 'key-revoked'
  /** It may not be used: wrong purpose, too weak, made out to another address. */
  | 'key-unusable'
  /** Nobody whom the organisation trusts vouches for it. */
  | 'key-untrusted'
  | 'revocation-unknown'
  | 'message-too-large'
  /** No way that the organisation allows brings the password of a PDF to this recipient. */
  | 'no-password-channel'
  /** Another key than the one known came by itself, and nobody has confirmed it. */
  | 'key-change-unconfirmed'
  | 'not-configured'
  /** The message cannot be taken apart, as the method must. */
  | 'content-unreadable'
  /** The sender demanded REQUIRETLS, which no waiver of a recipient lifts. */
  | 'requiretls-demanded'
  /** Withdrawn or expired between the decision and the sending. */
  | 'waiver-ended';

/** What is known of one recipient when deciding. Pure data. */
export interface RecipientFacts {
  readonly domain: string;
  /** Keyed by nothing but order: an opaque index of the whole address, for per-recipient overrides. */
  readonly addressIndex: string;
  readonly class: SensitivityClass;
  readonly stream: Stream;
  /** Methods this Sealpost can offer at all (doors that are built and configured). */
  readonly offered: readonly Method[];
  /** A waiver of this recipient is on record, neither withdrawn nor expired (SL-12). */
  readonly waiver: boolean;
  /** A trigger word lowered the message (SL-10): down to verified TLS, and so never under a waiver. */
  readonly lowered: boolean;
  readonly failures: readonly MethodFailure[];
}

/** The choice for one recipient. `none` is an explicit non-delivery, never a silence. */
export interface Decision {
  readonly method: Method | 'none';
  /** The effective order the choice was made in. */
  readonly order: readonly Method[];
  readonly tls: TlsRequirement;
  readonly policyVersion: number;
  readonly reasons: readonly Reason[];
}

export interface TlsRequirement {
  readonly minimum: '1.2' | '1.3';
  /** `verified`: DANE, MTA-STS or a certificate valid for the MX host name (SL-3). */
  readonly authentication: 'verified' | 'encrypted-only';
}

/** A reason is a code with parameters, worded only when read. */
export interface Reason {
  readonly code: ReasonCode;
  readonly parameters: Readonly<Record<string, string | number>>;
}

export type ReasonCode =
  | 'order-from-organisation'
  | 'order-from-stream'
  | 'order-from-domain'
  | 'order-from-recipient'
  | 'class-forbids-tls'
  | 'class-forbids-waiver'
  /** A trigger word lowered the message, which goes down to verified TLS and no further (SL-10). */
  | 'lowered-forbids-waiver'
  | 'waivers-off'
  | 'waiver-chosen'
  /** Under which record of a waiver it was sent. */
  | 'sent-under-waiver'
  | 'method-not-offered'
  | 'method-failed'
  | 'method-chosen'
  | 'protected-with'
  /** By which way the password of a PDF goes to the recipient. */
  | 'password-by'
  /** One of several mails was accepted; and how far a copy came that ended before all were. */
  | 'part-accepted'
  | 'parts-incomplete'
  | 'portal-is-last'
  /** Inbound mail goes to the one host that the organisation named for its domain. */
  | 'inbound-host'
  /** What was found out about the sender when the message came in. */
  | 'inbound-sender'
  /** It was decrypted here, and by whom it was signed inside. */
  | 'inbound-opened'
  /** It was signed and not encrypted. */
  | 'inbound-signed'
  /** It is encrypted, or a part of it is, and was handed on as it came. */
  | 'inbound-left-sealed'
  | 'exclusive-tls'
  | 'nothing-left';
