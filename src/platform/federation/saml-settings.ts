/** An identity provider as SAML 2.0 metadata describes it, and our own key pair for it. */
export interface SamlSettings {
  readonly entityId: string;
  /** Where AuthnRequests go by HTTP-Redirect. */
  readonly signInUrl: string;
  /** Where LogoutResponses go by HTTP-Redirect; null: none is sent. */
  readonly signOutUrl: string | null;
  /** Whose signatures are believed, PEM; two during a change. */
  readonly certificates: readonly string[];
  /** Ours: signs requests, opens encrypted assertions. PEM. */
  readonly key: string;
  readonly certificate: string;
}

/** How the provider knows us. */
export interface ServiceProvider {
  readonly entityId: string;
  readonly acsUrl: string;
  readonly logoutUrl: string;
}

export const ASSERTION_NS = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const PROTOCOL_NS = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const DSIG_NS = 'http://www.w3.org/2000/09/xmldsig#';

/** How far the clocks of provider and installation may be apart. */
export const SAML_SKEW_MS = 60_000;
