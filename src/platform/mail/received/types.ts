/** TLS of one hop as its Received line tells it. A null value was not told: it does not mean that there was none. */
export interface HopTls {
  /** `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`, `SSLv3`; null where the line tells none, or `TLSv1/SSLv3` for any. */
  readonly version: string | null;
  readonly cipher: string | null;
  /** Strength of the cipher's key in bits. */
  readonly bits: number | null;
  /** What the receiver did about the sender's certificate. `not-asked` is usual, and says nothing against the hop. */
  readonly clientCertificate: 'not-asked' | 'not-presented' | 'verified' | 'not-verified' | null;
}

/** One end of a hop. Names and addresses of hosts only; what looks like a person's address is masked. */
export interface HopPeer {
  /** The name it gave itself (HELO); anybody can say anything. */
  readonly claimedName: string | null;
  /** The name that the receiver found by looking up the address. */
  readonly resolvedName: string | null;
  readonly address: string | null;
}

/** A Received line, read. */
export interface ParsedReceived {
  readonly from: HopPeer;
  readonly by: { readonly name: string | null; readonly address: string | null };
  /** RFC 3848 and its relatives, in capitals: `ESMTPS`, `LMTP`, `HTTP`, `MAPI`, `LOCAL`… */
  readonly protocol: string | null;
  /** The program that wrote the line, where it can be told. */
  readonly software: string | null;
  readonly id: string | null;
  /** Domain with a masked local part. */
  readonly recipient: string | null;
  readonly time: Date | null;
  readonly tls: HopTls | null;
  /** A handshake chose a cipher that encrypts nothing. */
  readonly nullCipher: boolean;
  /** The line speaks of a local program that handed the message in, not of a connection. */
  readonly local: boolean;
  /** The receiver could not find, or did not believe, a name for the address. */
  readonly nameDoubted: boolean;
}

export type Confidence = 'high' | 'medium' | 'low';

/** What can be said of the encryption of one hop. Absence of a note is `not-recorded`, never by itself `clear`. */
export type HopVerdict =
  | {
      readonly kind: 'encrypted';
      /** `tls-note`: version, cipher or words say so; `protocol`: the S of ESMTPS and its relatives (RFC 3848). */
      readonly basis: 'tls-note' | 'protocol';
      readonly confidence: Confidence;
      /** A version below TLS 1.2, or a cipher that no longer holds. */
      readonly weak: boolean;
    }
  | {
      readonly kind: 'internal';
      readonly basis:
        | 'same-host'
        | 'private-address'
        | 'local-program'
        | 'local-protocol'
        | 'same-organisation';
      readonly confidence: Confidence;
    }
  | {
      readonly kind: 'clear';
      /** `receiver-records-tls`: inferred from silence of a receiver that would have told; `null-cipher`: told. */
      readonly basis: 'receiver-records-tls' | 'null-cipher';
      readonly confidence: Confidence;
      /** The service whose habit the inference rests on. */
      readonly receiver: string | null;
    }
  | {
      readonly kind: 'not-recorded';
      /** `probably-clear`: the program notes TLS unless somebody changed its settings. A hint, not a verdict. */
      readonly basis: 'no-note' | 'probably-clear';
      readonly confidence: Confidence;
    }
  | { readonly kind: 'unreadable'; readonly basis: 'malformed'; readonly confidence: Confidence };

/**
 * Who wrote the line. `own`: a server of the organisation that received the message last; `known-service`: a service we
 * know, that an own line says the message came from; `claimed`: the sender's side, which could have made it up.
 */
export type HopTrust = 'own' | 'known-service' | 'claimed';

export interface Hop {
  /** From 1, the first to happen, which is the lowest line. */
  readonly position: number;
  readonly received: ParsedReceived | null;
  /** The line with masked addresses, at most 1,000 characters; only of a line that could not be read. */
  readonly text: string | null;
  /** Seconds since the hop before. Negative: one of the two clocks is wrong. Null: one of the times is not known. */
  readonly delaySeconds: number | null;
  readonly clockSkew: boolean;
  /** Both ends belong together, whatever the verdict. */
  readonly internal: boolean;
  readonly trust: HopTrust;
  readonly verdict: HopVerdict;
}

export interface ChainReason {
  readonly code:
    | 'leg-clear'
    | 'leg-not-recorded'
    | 'leg-unreadable'
    | 'leg-weak'
    | 'legs-encrypted'
    | 'legs-internal'
    | 'lines-claimed'
    | 'clock-skew'
    | 'no-received-lines';
  /** Positions of the hops that it is about. */
  readonly hops: readonly number[];
}

/** A leg that no Received line can show. */
export interface HiddenLeg {
  readonly leg: 'author-to-first-server' | 'last-server-to-reader';
  /** A hop that looks like this leg after all (a submission, a web mailer), and then tells what is known of it. */
  readonly hop: number | null;
}

export interface HeaderAnalysis {
  /** In the order in which they happened. */
  readonly hops: readonly Hop[];
  readonly overall: {
    /** `encrypted`: every visible leg between organisations; `not-proven`: some leg tells nothing. */
    readonly kind: 'encrypted' | 'not-proven' | 'clear' | 'nothing-to-judge';
    readonly confidence: Confidence;
    readonly reasons: readonly ChainReason[];
  };
  readonly hiddenLegs: readonly HiddenLeg[];
  /** Seconds from the first to the last known time. */
  readonly totalSeconds: number | null;
  /** Received lines beyond the first 100, which were not looked at. */
  readonly leftOut: number;
  /** The header was longer than 256 KiB; the rest was not looked at. */
  readonly truncated: boolean;
}
