import { z } from 'zod';
import { readCertificate } from '#platform/federation';
import { type Connection, type ConnectionChange, invalid } from './connections.ts';
import { placesOf } from './places.ts';
import type { SignOnNeeds } from './ports.ts';
import { certificateView } from './provider-metadata.ts';
import { rulesSchema } from './rules.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(new RegExp(`^${LABEL}(?:\\.${LABEL})+$`));
const webAddress = z.url({ protocol: /^https?$/ }).max(2_000);
const name = z.string().trim().min(1).max(100);
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/);

const oidcProvider = z
  .strictObject({
    kind: z.literal('oidc'),
    issuer: webAddress.describe('As the provider writes it, without `/.well-known/openid-configuration`'),
    clientId: z.string().trim().min(1).max(300),
    method: z.enum(['client_secret_basic', 'private_key_jwt']),
    scopes: z.array(scope).max(20),
    userInfo: z.boolean().describe('Ask the UserInfo endpoint too'),
  })
  .meta({ id: 'SsoOidcProvider' });

const samlProvider = z
  .strictObject({
    kind: z.literal('saml'),
    entityId: z.string().trim().min(1).max(1_024),
    signInUrl: webAddress,
    signOutUrl: webAddress.nullable(),
  })
  .meta({ id: 'SsoSamlProvider' });

const certificate = z.strictObject({
  pem: z.string(),
  fingerprint: z.string(),
  notAfter: z.iso.datetime(),
});

export const metadataSchema = samlProvider
  .omit({ kind: true })
  .extend({ signInUrl: z.string(), signOutUrl: z.string().nullable(), certificates: z.array(certificate) })
  .meta({ id: 'SsoProviderMetadata' });

export const changeSchema = z.strictObject({
  name,
  live: z.boolean(),
  provider: z
    .discriminatedUnion('kind', [
      oidcProvider
        .extend({ secret: z.string().min(8).max(1_000).optional() })
        .meta({ id: 'SsoOidcProviderChange' }),
      samlProvider
        .extend({ certificates: z.array(z.string().max(20_000)).min(1).max(5) })
        .meta({ id: 'SsoSamlProviderChange' }),
    ])
    .nullable(),
  domains: z.array(domain).max(50),
  enforced: z.boolean().describe('People of these domains come by this connection only, but for `exempt`'),
  exempt: z
    .array(z.uuid())
    .max(20)
    .describe('Members who get in without it, for the day on which it does not work'),
  rules: rulesSchema,
});

export const connectionSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['oidc', 'saml']),
    name: z.string(),
    live: z.boolean(),
    provider: z
      .discriminatedUnion('kind', [
        oidcProvider
          .extend({ issuer: z.string(), secretKept: z.boolean() })
          .meta({ id: 'SsoOidcProviderKept' }),
        samlProvider
          .extend({
            signInUrl: z.string(),
            signOutUrl: z.string().nullable(),
            certificates: z.array(certificate),
          })
          .meta({ id: 'SsoSamlProviderKept' }),
      ])
      .nullable(),
    domains: z.array(z.string()),
    enforced: z.boolean(),
    exempt: z.array(z.string()),
    rules: rulesSchema,
    places: z
      .strictObject({
        redirectUri: z.string(),
        backChannelLogoutUri: z.string(),
        keysUri: z.string(),
        entityId: z.string(),
        acsUrl: z.string(),
        logoutUrl: z.string(),
      })
      .describe('What the provider’s administrator must be told'),
    startUrl: z.string().describe('A link that begins a sign-in here'),
    createdAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
  })
  .meta({ id: 'SsoConnection' });

export const trySchema = z
  .strictObject({
    result: z
      .strictObject({
        outcome: z.enum(['let-in', 'refused']),
        reason: z.string().nullable(),
        subject: z.string().nullable(),
        claims: z.array(z.strictObject({ name: z.string(), values: z.array(z.string()) })),
        methods: z.array(z.string()),
        roles: z.array(z.string()),
        groups: z.array(z.string()),
      })
      .nullable(),
  })
  .meta({ id: 'SsoTry' });

/** A connection as it is shown: no secret, no key. */
export function viewOf(
  { addresses }: Pick<SignOnNeeds, 'addresses'>,
  { row, settings, domains }: Connection,
) {
  const base = addresses.console;
  return {
    ...{ id: row.id, kind: row.kind, name: row.name, live: row.live },
    provider: providerView(settings),
    domains: domains.map((one) => one.domain),
    enforced: domains.some((one) => one.enforced),
    exempt: [...new Set(domains.flatMap((one) => one.exempt))],
    rules: row.rules,
    places: placesOf(base, row.id),
    startUrl: `${base}/sso/${row.id}/start`,
    createdAt: row.created_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
  };
}

function providerView(settings: Connection['settings']) {
  if (settings.provider === null) return null;
  if (settings.kind === 'saml') {
    const { certificates, ...rest } = settings.provider;
    return { kind: 'saml' as const, ...rest, certificates: certificates.map(certificateView) };
  }
  const { secret, ...rest } = settings.provider;
  return { kind: 'oidc' as const, ...rest, secretKept: secret !== null };
}

/** Certificates come as PEM or bare base64 and are kept as PEM. Refusal `invalid` for what is none. */
export function changeOf(body: z.output<typeof changeSchema>): ConnectionChange {
  const { provider } = body;
  if (provider === null || provider.kind === 'oidc') return { ...body, provider };
  const certificates = provider.certificates.map((text, index) => {
    const pem = readCertificate(text);
    if (pem === null) throw invalid(`provider.certificates.${index}`, 'no-certificate');
    return pem;
  });
  return { ...body, provider: { ...provider, certificates } };
}
