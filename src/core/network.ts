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

export interface Resolver {
  mx(domain: string): Promise<Looked<MxRecord>>;
  addresses(host: string): Promise<Looked<string>>;
  txt(name: string): Promise<Looked<string>>;
}
