import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import type { OidcSettings, SamlSettings } from '#platform/federation';
import type { Vault } from '#platform/vault';
import type { ConnectionRow } from './connection.store.ts';

const keySchema = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())]));

const oidcSchema = z.strictObject({
  kind: z.literal('oidc'),
  /** Our key for private_key_jwt: made with the connection, so that its public part can be published at once. */
  own: z.strictObject({ key: keySchema, publicKey: keySchema, kid: z.string() }),
  provider: z
    .strictObject({
      issuer: z.string(),
      clientId: z.string(),
      method: z.enum(['client_secret_basic', 'private_key_jwt']),
      secret: z.string().nullable(),
      scopes: z.array(z.string()),
      userInfo: z.boolean(),
    })
    .nullable(),
});

const samlSchema = z.strictObject({
  kind: z.literal('saml'),
  own: z.strictObject({ key: z.string(), certificate: z.string() }),
  provider: z
    .strictObject({
      entityId: z.string(),
      signInUrl: z.string(),
      signOutUrl: z.string().nullable(),
      certificates: z.array(z.string()),
    })
    .nullable(),
});

const settingsSchema = z.discriminatedUnion('kind', [oidcSchema, samlSchema]);

/** What is sealed of a connection. */
export type Settings = z.output<typeof settingsSchema>;
export type OidcKept = Extract<Settings, { kind: 'oidc' }>;
export type SamlKept = Extract<Settings, { kind: 'saml' }>;

type SettingsVault = Pick<Vault, 'sealValue' | 'openValue'>;

const binding = (organisation: OrganisationId, id: string) => ({
  organisation,
  field: 'sso-connection.settings',
  row: id,
});

export function sealSettings(
  vault: SettingsVault,
  organisation: OrganisationId,
  id: string,
  settings: Settings,
): Promise<Buffer> {
  return vault.sealValue('configuration', binding(organisation, id), JSON.stringify(settings));
}

export async function openSettings(
  vault: SettingsVault,
  organisation: OrganisationId,
  row: Pick<ConnectionRow, 'id' | 'settings'>,
): Promise<Settings> {
  const opened = await vault.openValue(binding(organisation, row.id), row.settings);
  return settingsSchema.parse(JSON.parse(opened.toString('utf8')));
}

/** A connection of OpenID Connect with a key of its own and no provider yet. */
export function newOidc(): OidcKept {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(12).toString('base64url');
  const plain = (key: JsonWebKey) => keySchema.parse(JSON.parse(JSON.stringify(key)));
  return {
    kind: 'oidc',
    own: {
      key: plain(privateKey.export({ format: 'jwk' })),
      publicKey: plain(publicKey.export({ format: 'jwk' })),
      kid,
    },
    provider: null,
  };
}

export function newSaml(pair: { readonly key: string; readonly cert: string }): SamlKept {
  return { kind: 'saml', own: { key: pair.key, certificate: pair.cert }, provider: null };
}

/** As the protocol wants it; null while the provider is not described. */
export function oidcSettings({ own, provider }: OidcKept): OidcSettings | null {
  if (provider === null) return null;
  const { issuer, clientId, scopes, userInfo, method, secret } = provider;
  const common = { issuer, clientId, scopes, userInfo };
  if (method === 'private_key_jwt')
    return { ...common, proof: { method, key: { ...own.key }, kid: own.kid } };
  return secret === null ? null : { ...common, proof: { method, secret } };
}

export function samlSettings({ own, provider }: SamlKept): SamlSettings | null {
  return provider === null ? null : { ...provider, ...own };
}
