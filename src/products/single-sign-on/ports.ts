import type { Access } from '#platform/access';
import type { Audit } from '#platform/audit';
import type { Database } from '#platform/database';
import type { LogoutTokens, Oidc, ProviderFetch, Saml } from '#platform/federation';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';

/** What this product stands on. */
export interface SignOnNeeds {
  readonly database: Database;
  readonly vault: Pick<Vault, 'sealValue' | 'openValue' | 'blindIndex'>;
  readonly audit: Pick<Audit, 'append'>;
  readonly clock: Clock;
  readonly access: Pick<Access, 'provided' | 'sessions' | 'members'>;
  readonly oidc: Oidc;
  readonly saml: Saml;
  readonly logoutTokens: LogoutTokens;
  readonly fetch: ProviderFetch;
  readonly allowHttp: () => boolean;
  /** Public addresses as they are now. */
  readonly addresses: { readonly console: string };
}
