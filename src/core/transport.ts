import type { MethodFailure } from './decision.ts';

/** How the peer's TLS identity was established on one connection (SL-3, SL-11). */
export type PeerAuthentication = 'dane' | 'mta-sts' | 'pkix' | 'none';

/** What was seen of one delivery attempt's transport; belongs to the attempt, not to the message. */
export interface TransportFacts {
  /** MX or smart host name. */
  readonly host: string | null;
  readonly address: string | null;
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  /** SHA-256 of the peer certificate, lower-case hex. */
  readonly certificateFingerprint: string | null;
  readonly certificateSubject: string | null;
  readonly certificateIssuer: string | null;
  readonly certificateNotAfter: Date | null;
  readonly authenticatedBy: PeerAuthentication;
}

/** The peer's reply: code, enhanced status (RFC 3463) and its text, which may quote an address and so is PHI. */
export interface SmtpReply {
  readonly code: number;
  readonly enhanced: string | null;
  readonly text: string;
}

/** The end of one attempt to hand over one recipient's copy. */
export type AttemptResult =
  | { readonly kind: 'delivered'; readonly transport: TransportFacts; readonly reply: SmtpReply }
  | {
      readonly kind: 'deferred';
      readonly transport: TransportFacts;
      readonly reply: SmtpReply | null;
      readonly code: DeferCode;
    }
  | {
      readonly kind: 'bounced';
      readonly transport: TransportFacts;
      readonly reply: SmtpReply | null;
      readonly code: BounceCode;
      /** With `message-too-large`: octets that the peer takes at most (RFC 1870). */
      readonly mostOctets?: number;
    }
  | {
      /** The method cannot protect this recipient now; decide runs again with this failure. */
      readonly kind: 'protection-unavailable';
      readonly transport: TransportFacts;
      readonly failure: MethodFailure;
    };

export type DeferCode =
  | 'peer-deferred'
  | 'connect-failed'
  | 'connection-lost'
  | 'timeout'
  | 'dns-failed'
  | 'dnssec-failed'
  | 'destination-busy'
  | 'system-fault';

export type BounceCode =
  | 'peer-refused'
  | 'no-such-domain'
  | 'null-mx'
  | 'domain-not-routed'
  | 'too-old'
  | 'message-too-large'
  | 'smtputf8-not-supported';

export const NO_TRANSPORT: TransportFacts = {
  host: null,
  address: null,
  tlsVersion: null,
  cipher: null,
  certificateFingerprint: null,
  certificateSubject: null,
  certificateIssuer: null,
  certificateNotAfter: null,
  authenticatedBy: 'none',
};
