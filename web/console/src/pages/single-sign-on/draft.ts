import type { SsoChange, SsoConnection } from '../../api-types.ts';

/** A connection as it stands in the form: texts as they are typed. */
export interface Draft {
  name: string;
  live: boolean;
  issuer: string;
  clientId: string;
  method: 'client_secret_basic' | 'private_key_jwt';
  secret: string;
  scopes: string;
  userInfo: boolean;
  entityId: string;
  signInUrl: string;
  signOutUrl: string;
  certificates: string;
  domains: readonly string[];
  enforced: boolean;
  exempt: readonly string[];
  rules: SsoConnection['rules'];
}

export function draftOf({ name, live, provider, domains, enforced, exempt, rules }: SsoConnection): Draft {
  const oidc = provider?.kind === 'oidc' ? provider : null;
  const saml = provider?.kind === 'saml' ? provider : null;
  return {
    ...{ name, live, domains, enforced, exempt, rules },
    issuer: oidc?.issuer ?? '',
    clientId: oidc?.clientId ?? '',
    method: oidc?.method ?? 'client_secret_basic',
    secret: '',
    scopes: oidc?.scopes.join(' ') ?? 'email profile',
    userInfo: oidc?.userInfo ?? true,
    entityId: saml?.entityId ?? '',
    signInUrl: saml?.signInUrl ?? '',
    signOutUrl: saml?.signOutUrl ?? '',
    certificates: saml?.certificates.map(({ pem }) => pem).join('\n') ?? '',
  };
}

/** What is sent; a provider of which nothing was entered is none. */
export function changeOf(kind: SsoConnection['kind'], draft: Draft): SsoChange {
  const { name, live, domains, enforced, exempt, rules } = draft;
  const provider = kind === 'oidc' ? oidcOf(draft) : samlOf(draft);
  return { name, live, provider, domains: [...domains], enforced, exempt: [...exempt], rules };
}

function oidcOf({ issuer, clientId, method, secret, scopes, userInfo }: Draft): SsoChange['provider'] {
  if (issuer.trim() === '') return null;
  return {
    ...{ kind: 'oidc', issuer: issuer.trim(), clientId: clientId.trim(), method, userInfo },
    scopes: scopes.split(/\s+/).filter((one) => one !== ''),
    ...(secret === '' ? {} : { secret }),
  };
}

function samlOf({ entityId, signInUrl, signOutUrl, certificates }: Draft): SsoChange['provider'] {
  if (entityId.trim() === '') return null;
  return {
    ...{ kind: 'saml', entityId: entityId.trim(), signInUrl: signInUrl.trim() },
    signOutUrl: signOutUrl.trim() === '' ? null : signOutUrl.trim(),
    certificates: certificates
      .split(/(?<=-----END CERTIFICATE-----)/)
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  };
}
