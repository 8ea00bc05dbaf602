// Room: federation. In: what identity providers send (OpenID Connect, SAML 2.0) and how they are set up; out: what they vouch for,
// or one reason why they are not believed. Owns no data and remembers nothing that must not be lost: what came once is the
// caller's to keep. A provider's behaviour is never thrown.
export { createLogoutTokens, type LogoutTokens } from './logout-token.ts';
export { createOidc, type Oidc } from './oidc.ts';
export {
  keepSecret,
  newOidcClient,
  type OidcClient,
  type OidcProviderGiven,
  oidcClientSchema,
  oidcClientSettings,
  publishedKeys,
} from './oidc-client.ts';
export type { OidcClientProof, OidcPending, OidcSettings } from './oidc-settings.ts';
export type { Believed, Disbelief, Vouched } from './outcome.ts';
export type { ProviderFetch } from './provider-fetch.ts';
export { createSaml, type Saml } from './saml.ts';
export {
  describeCertificate,
  type ProviderDescription,
  readCertificate,
  readProviderMetadata,
} from './saml-metadata.ts';
export type { SamlSettings, ServiceProvider } from './saml-settings.ts';
