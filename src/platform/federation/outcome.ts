/** Why what an identity provider sent was not believed. Codes: they go on record and are worded for people elsewhere. */
export type Disbelief =
  | 'provider-unreachable'
  | 'provider-unfit'
  | 'provider-refused'
  | 'token-refused'
  | 'state-mismatch'
  | 'issuer-mismatch'
  | 'nonce-mismatch'
  | 'audience-mismatch'
  | 'algorithm-refused'
  | 'signature-invalid'
  | 'expired'
  | 'stale-authentication'
  | 'recipient-mismatch'
  | 'unsolicited'
  | 'markup-refused'
  | 'malformed';

/** What an identity provider vouches for, after every check. */
export interface Vouched {
  readonly subject: string;
  readonly issuer: string;
  /** Claims or attributes by name; values as text. */
  readonly claims: ReadonlyMap<string, readonly string[]>;
  /** The provider's own session, where it names one. */
  readonly sid: string | null;
  /** What was used to sign in there, as the provider says it: amr codes, acr, or the context class. */
  readonly methods: readonly string[];
  /** Not to be taken a second time until `until`; null where the code alone is used once. */
  readonly once: { readonly id: string; readonly until: Date } | null;
  /** To be given back when signing out there. */
  readonly hint: string | null;
}

export type Believed<T> =
  | { readonly kind: 'believed'; readonly value: T }
  | { readonly kind: 'disbelieved'; readonly reason: Disbelief };

export const disbelieve = (reason: Disbelief) => ({ kind: 'disbelieved', reason }) as const;
export const believe = <T>(value: T) => ({ kind: 'believed', value }) as const;

/** Claims as text: lists stay lists; what is neither text, number nor truth value is left out. */
export function claimsOf(source: Readonly<Record<string, unknown>>): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(source)) {
    const values = (Array.isArray(value) ? value : [value]).flatMap((one: unknown) =>
      typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean' ? [String(one)] : [],
    );
    if (values.length > 0) found.set(name, values);
  }
  return found;
}
