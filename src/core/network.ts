/**
 * How names become addresses and which of them may be reached: the world as delivery sees it. The live profile asks
 * real DNS and refuses private addresses; the sandbox profile knows only sandbox domains, and goes away with it.
 */
export interface NetworkProfile {
  readonly resolver: Resolver;
  /** TCP port of a mail host; 25 in the live profile. */
  smtpPort(host: string): number;
  /** False for addresses that must not be reached (loopback, private, link-local in the live profile). */
  mayConnect(address: string): boolean;
  /** False where a domain must not be mailed at all in this profile (sandbox: everything else). */
  mayRoute(domain: string): boolean;
  /** PEM roots trusted beside the system's; empty in the live profile. */
  readonly extraRoots: readonly string[];
  /** TLSA look-ups of a resolver whose word on DNSSEC counts. Absent: DANE is off, and no `secure` is believed. */
  readonly dane?: DaneSource;
  /** TCP port of a web host; absent: 443. */
  webPort?(host: string): number;
}

export type Looked<T> =
  | { readonly kind: 'found'; readonly records: readonly T[]; readonly secure: boolean }
  /** The name exists without such records, or does not exist. */
  | { readonly kind: 'none'; readonly nameExists: boolean; readonly secure: boolean }
  /** SERVFAIL, time-out, bogus DNSSEC: nothing may be concluded, try later. */
  | { readonly kind: 'failed'; readonly code: string };

export interface MxRecord {
  readonly preference: number;
  readonly exchange: string;
}

/** A TLSA record (RFC 6698 §2.1) as it came: whether it can be used is judged later. */
export interface TlsaRecord {
  readonly usage: number;
  readonly selector: number;
  readonly matching: number;
  readonly data: Buffer;
}

export type TlsaLooked =
  /** A secure RRset, and the name that it stands at without its `_port._tcp` (RFC 7672 §2.2.3). */
  | { readonly kind: 'found'; readonly records: readonly TlsaRecord[]; readonly base: string }
  /** None that DNSSEC vouches for: DANE does not apply to this host. */
  | { readonly kind: 'none' }
  /** SERVFAIL (bogus), time-out: the host must not be used now (RFC 7672 §2.1.2). */
  | { readonly kind: 'failed' };

export interface DaneSource {
  /** The TLSA records of a mail host, by the rules of RFC 7672 §2.2 for aliases and insecure addresses. */
  tlsa(host: string): Promise<TlsaLooked>;
}

export interface Resolver {
  mx(domain: string): Promise<Looked<MxRecord>>;
  addresses(host: string): Promise<Looked<string>>;
  txt(name: string): Promise<Looked<string>>;
}
