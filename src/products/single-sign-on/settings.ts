import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import {
  newOidcClient,
  type OidcSettings,
  oidcClientSchema,
  oidcClientSettings,
  type SamlSettings,
} from '#platform/federation';
import type { Vault } from '#platform/vault';
import type { ConnectionRow } from './connection.store.ts';

const oidcSchema = oidcClientSchema.extend({ kind: z.literal('oidc') });

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
  return { kind: 'oidc', ...newOidcClient() };
}

export function newSaml(pair: { readonly key: string; readonly cert: string }): SamlKept {
  return { kind: 'saml', own: { key: pair.key, certificate: pair.cert }, provider: null };
}

/** As the protocol wants it; null while the provider is not described. */
export function oidcSettings({ own, provider }: OidcKept): OidcSettings | null {
  return oidcClientSettings({ own, provider });
}

export function samlSettings({ own, provider }: SamlKept): SamlSettings | null {
  return provider === null ? null : { ...provider, ...own };
}
