import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { OidcSettings } from './oidc-settings.ts';

const keySchema = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())]));

/** How a client of one provider is kept, sealed by whoever owns it. */
export const oidcClientSchema = z.strictObject({
  /** Our key for private_key_jwt: made with the client, so that its public part can be published at once. */
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

export type OidcClient = z.output<typeof oidcClientSchema>;
/** As it is given; without a secret the one that is kept stays. */
export type OidcProviderGiven = Omit<NonNullable<OidcClient['provider']>, 'secret'> & {
  readonly secret?: string | undefined;
};

/** A client with a key of its own and no provider yet. */
export function newOidcClient(): OidcClient {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomBytes(12).toString('base64url');
  const plain = (key: JsonWebKey) => keySchema.parse(JSON.parse(JSON.stringify(key)));
  return {
    own: {
      key: plain(privateKey.export({ format: 'jwk' })),
      publicKey: plain(publicKey.export({ format: 'jwk' })),
      kid,
    },
    provider: null,
  };
}

/** As the protocol wants it; null while the provider is not described or its secret is missing. */
export function oidcClientSettings({ own, provider }: OidcClient): OidcSettings | null {
  if (provider === null) return null;
  const { issuer, clientId, scopes, userInfo, method, secret } = provider;
  const common = { issuer, clientId, scopes, userInfo };
  if (method === 'private_key_jwt')
    return { ...common, proof: { method, key: { ...own.key }, kid: own.kid } };
  return secret === null ? null : { ...common, proof: { method, secret } };
}

/** A secret belongs to the issuer and client that it was made for: it is not sent to another one. */
export function keepSecret(
  before: OidcClient['provider'],
  { secret, ...rest }: OidcProviderGiven,
): NonNullable<OidcClient['provider']> {
  const same = before?.issuer === rest.issuer && before.clientId === rest.clientId;
  return { ...rest, secret: secret ?? (same ? before.secret : null) };
}

/** The public key as a JWK set (RFC 7517), for the provider to fetch. */
export function publishedKeys({ own }: Pick<OidcClient, 'own'>): string {
  const key = { ...own.publicKey, kid: own.kid, use: 'sig', alg: 'ES256' };
  return JSON.stringify({ keys: [key] });
}
