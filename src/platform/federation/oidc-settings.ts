import type { JsonWebKey } from 'node:crypto';

/** How we prove ourselves at the token endpoint (OpenID Connect Core 1.0, section 9). */
export type OidcClientProof =
  | { readonly method: 'client_secret_basic'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly key: JsonWebKey; readonly kid: string };

export interface OidcSettings {
  /** As the provider writes it, exactly; its discovery document stands below. */
  readonly issuer: string;
  readonly clientId: string;
  readonly proof: OidcClientProof;
  /** Beside `openid`. */
  readonly scopes: readonly string[];
  /** Whether the UserInfo endpoint is asked too. */
  readonly userInfo: boolean;
}

/** Signatures that are believed. Nothing symmetric, and never none. */
export const ID_TOKEN_ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** What must be kept between leaving for the provider and coming back. */
export interface OidcPending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Seconds; 0 with `prompt=login`: whoever comes back must have signed in anew. */
  readonly maxAge: number | null;
}
