import { createPublicKey } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, errors, type JWK, jwtVerify } from 'jose';
import { z } from 'zod';

/** What a client may sign with: SMART asks for RS384 and ES384; nothing symmetric, and no RSA with SHA-1 or MD5. */
export const ASSERTION_ALGORITHMS = [
  'RS384',
  'ES384',
  'ES256',
  'PS256',
  'PS384',
  'EdDSA',
  'Ed25519',
] as const;

/** How long an assertion may live (SMART Backend Services: five minutes). */
export const ASSERTION_MS = 5 * 60_000;
const SKEW_SECONDS = 10;

const text = z.string().min(1).max(20_000);
const described = {
  kid: z.string().min(1).max(200),
  use: z.literal('sig').optional(),
  alg: z.string().max(20).optional(),
  key_ops: z.array(z.string().max(20)).max(10).optional(),
  x5c: z.array(text).max(10).optional(),
  x5t: z.string().max(200).optional(),
  'x5t#S256': z.string().max(200).optional(),
  x5u: z.string().max(1000).optional(),
};

/** A public key to check signatures with. Strict: a private or a shared key has members that are not here. */
const publicJwkSchema = z.discriminatedUnion('kty', [
  z.strictObject({ kty: z.literal('RSA'), n: text, e: text, ...described }),
  z.strictObject({ kty: z.literal('EC'), crv: z.enum(['P-256', 'P-384']), x: text, y: text, ...described }),
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: text, ...described }),
]);

/** A set as it is registered by value: one to ten keys, each with a name of its own. */
export const keySetSchema = z
  .strictObject({ keys: z.array(publicJwkSchema).min(1).max(10) })
  .refine(({ keys }) => new Set(keys.map(({ kid }) => kid)).size === keys.length, {
    path: ['keys'],
    params: { code: 'same-kid' },
  })
  .refine(({ keys }) => keys.every(isUsable), { path: ['keys'], params: { code: 'unusable-key' } });

export type KeySet = z.output<typeof keySetSchema>;

/** The usable keys of a set that somebody else serves; what is not for signatures or not of our kinds is passed over. */
export function readKeySet(document: unknown): KeySet | null {
  const outer = z.looseObject({ keys: z.array(z.unknown()).max(50) }).safeParse(document);
  if (!outer.success) return null;
  const keys = outer.data.keys
    .map((key) => publicJwkSchema.safeParse(key))
    .flatMap(({ data }) => (data === undefined ? [] : [data]));
  const set = keySetSchema.safeParse({ keys: keys.slice(0, 10) });
  return set.success ? set.data : null;
}

function isUsable(jwk: z.output<typeof publicJwkSchema>): boolean {
  try {
    const key = createPublicKey({ format: 'jwk', key: { ...jwk } });
    return jwk.kty !== 'RSA' || (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  } catch {
    // Not a key: the answer is no, whatever the library says of it.
    return false;
  }
}

export type Judged =
  | { readonly kind: 'good'; readonly jti: string; readonly expiresAt: Date }
  | { readonly kind: 'unknown-key' }
  | {
      readonly kind: 'bad';
      readonly reason: 'signature' | 'algorithm' | 'claims' | 'expired' | 'audience' | 'too-long';
    };

/** Who an assertion says it is from, before anything of it is believed; null when it cannot be read. */
export function claimedClient(assertion: string): string | null {
  try {
    const { iss, sub } = decodeJwt(assertion);
    return typeof iss === 'string' && iss === sub ? iss : null;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

/**
 * Judges a client's assertion (RFC 7523 section 3): its signature by one of the client's own keys, who it is from and about,
 * that it is meant for us alone, and that it is fresh. Whether it was used before is the caller's to ask.
 */
export async function judgeAssertion(
  assertion: string,
  {
    client,
    keys,
    audiences,
    now,
  }: {
    readonly client: string;
    readonly keys: KeySet;
    readonly audiences: readonly string[];
    readonly now: Date;
  },
): Promise<Judged> {
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet({ keys: keys.keys.map(plainJwk) }), {
      algorithms: [...ASSERTION_ALGORITHMS],
      issuer: client,
      subject: client,
      audience: [...audiences],
      clockTolerance: SKEW_SECONDS,
      currentDate: now,
      requiredClaims: ['exp', 'jti'],
    });
    const { aud, jti, exp, iat } = payload;
    // One audience alone: what is meant for others too could be carried here by one of them.
    if (typeof aud !== 'string') return { kind: 'bad', reason: 'audience' };
    if (typeof jti !== 'string' || jti.length < 1 || jti.length > 255 || exp === undefined)
      return { kind: 'bad', reason: 'claims' };
    const seconds = Math.floor(now.getTime() / 1000);
    if (exp - seconds > ASSERTION_MS / 1000 + SKEW_SECONDS) return { kind: 'bad', reason: 'too-long' };
    if (iat !== undefined && iat > seconds + SKEW_SECONDS) return { kind: 'bad', reason: 'claims' };
    return { kind: 'good', jti, expiresAt: new Date((exp + SKEW_SECONDS) * 1000) };
  } catch (error) {
    return failureOf(error);
  }
}

/** Without what only describes it: a wrong `x5u` or `key_ops` must not decide. */
function plainJwk(jwk: KeySet['keys'][number]): JWK {
  const { key_ops: _ops, x5c: _chain, x5t: _sha1, 'x5t#S256': _sha256, x5u: _url, ...plain } = jwk;
  return Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
}

function failureOf(error: unknown): Judged {
  if (error instanceof errors.JWKSNoMatchingKey) return { kind: 'unknown-key' };
  if (error instanceof errors.JWTExpired) return { kind: 'bad', reason: 'expired' };
  if (error instanceof errors.JWTClaimValidationFailed)
    return { kind: 'bad', reason: error.claim === 'aud' ? 'audience' : 'claims' };
  if (error instanceof errors.JOSEAlgNotAllowed) return { kind: 'bad', reason: 'algorithm' };
  if (error instanceof errors.JOSEError) return { kind: 'bad', reason: 'signature' };
  throw error;
}
