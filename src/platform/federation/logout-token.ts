import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import { ID_TOKEN_ALGORITHMS } from './oidc-settings.ts';
import { type Believed, believe, type Disbelief, disbelieve } from './outcome.ts';
import type { ProviderFetch } from './provider-fetch.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const SKEW_SECONDS = 60;
/** A token without `exp` of its own, or with a far one, is good for this long after it was made. */
const MOST_AGE_SECONDS = 300;
const KEPT_MS = 5 * 60_000;
/** A token that names an unknown key makes us ask for keys again, but not more often than this. */
const AGAIN_MS = 10_000;

/** Whose sessions end: one session of the provider, or all of a person. */
export interface LogoutWish {
  readonly subject: string | null;
  readonly sid: string | null;
  readonly jti: string;
  /** Until when the same token would be taken, so that long it must be remembered. */
  readonly until: Date;
}

export interface LogoutTokens {
  /** Judges a logout token by OpenID Connect Back-Channel Logout 1.0, section 2.6. Replay is the caller's to find. */
  judge(
    token: string,
    expected: { readonly issuer: string; readonly clientId: string; readonly keysUrl: string },
  ): Promise<Believed<LogoutWish>>;
}

export function createLogoutTokens(ports: {
  readonly fetch: ProviderFetch;
  readonly allowHttp: () => boolean;
  readonly monotonic: () => number;
}): LogoutTokens {
  const kept = new Map<string, { readonly keys: JSONWebKeySet; readonly at: number }>();

  async function keysAt(url: string, againAfter: number): Promise<JSONWebKeySet | null> {
    const known = kept.get(url);
    if (known !== undefined && ports.monotonic() - known.at < againAfter) return known.keys;
    const fetched = await ports.fetch(url, {
      timeoutMs: 10_000,
      maxBytes: 512 * 1024,
      allowHttp: ports.allowHttp(),
    });
    if (fetched.kind === 'failed' || fetched.status !== 200) return null;
    const keys = readKeys(fetched.body);
    if (keys === null) return null;
    if (kept.size >= 1_000) kept.clear();
    kept.set(url, { keys, at: ports.monotonic() });
    return keys;
  }

  return {
    async judge(token, expected) {
      const verify = async (againAfter: number): Promise<Believed<JWTPayload>> => {
        const keys = await keysAt(expected.keysUrl, againAfter);
        return keys === null ? disbelieve('provider-unreachable') : verified(token, keys, expected);
      };
      const first = await verify(KEPT_MS);
      const rotated = first.kind === 'disbelieved' && first.reason === 'signature-invalid';
      const judged = rotated ? await verify(AGAIN_MS) : first;
      return judged.kind === 'disbelieved' ? judged : wishOf(judged.value);
    },
  };
}

function readKeys(body: Buffer): JSONWebKeySet | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (parsed === null || typeof parsed !== 'object' || !('keys' in parsed) || !Array.isArray(parsed.keys))
      return null;
    return { keys: parsed.keys };
  } catch {
    // Not JSON: no keys.
    return null;
  }
}

async function verified(
  token: string,
  keys: JSONWebKeySet,
  expected: { readonly issuer: string; readonly clientId: string },
): Promise<Believed<JWTPayload>> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), {
      algorithms: [...ID_TOKEN_ALGORITHMS],
      issuer: expected.issuer,
      audience: expected.clientId,
      clockTolerance: SKEW_SECONDS,
      maxTokenAge: MOST_AGE_SECONDS,
      requiredClaims: ['iat', 'jti', 'events'],
    });
    // An ID token must not be taken for a logout token; the type is recommended, not required.
    const { typ } = protectedHeader;
    if (typ !== undefined && !/^(?:application\/)?(?:logout\+jwt|jwt)$/i.test(typ))
      return disbelieve('malformed');
    return believe(payload);
  } catch (error) {
    const reason = disbeliefOf(error);
    if (reason === null) throw error;
    return disbelieve(reason);
  }
}

function disbeliefOf(error: unknown): Disbelief | null {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'iss') return 'issuer-mismatch';
    if (error.claim === 'aud') return 'audience-mismatch';
    return error.claim === 'iat' || error.claim === 'exp' || error.claim === 'nbf' ? 'expired' : 'malformed';
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'algorithm-refused';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed)
    return 'signature-invalid';
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'signature-invalid';
  return error instanceof errors.JOSEError ? 'malformed' : null;
}

function wishOf(payload: JWTPayload): Believed<LogoutWish> {
  const { sub, sid, jti, iat, exp, events, nonce } = payload;
  // A nonce makes it an ID token (section 2.4): such a one is never a logout token.
  if (nonce !== undefined || typeof jti !== 'string' || iat === undefined) return disbelieve('malformed');
  const named = events !== null && typeof events === 'object' && EVENT in events;
  if (!named) return disbelieve('malformed');
  const [subject, session] = [sub ?? null, typeof sid === 'string' ? sid : null];
  if (subject === null && session === null) return disbelieve('malformed');
  const last = Math.min(exp ?? Number.POSITIVE_INFINITY, iat + MOST_AGE_SECONDS) + SKEW_SECONDS;
  return believe({ subject, sid: session, jti, until: new Date(last * 1000) });
}
