import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { Disbelief } from './outcome.ts';
import { ProviderUnreachable } from './provider-fetch.ts';

/** What an error of the library means; null for a fault of our own. Its texts may hold claims and go nowhere. */
export function disbeliefOf(error: unknown): Disbelief | null {
  if (error instanceof ProviderUnreachable) return 'provider-unreachable';
  if (error instanceof AuthorizationResponseError) return 'provider-refused';
  if (error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError)
    return 'token-refused';
  // The library wraps what `fetch` and its own checks threw, once or more.
  const causes = chain(error);
  if (causes.some((one) => one instanceof ProviderUnreachable)) return 'provider-unreachable';
  if (!causes.some((one) => one instanceof ClientError)) return null;
  // The innermost says most: what stands around it repeats its code without its cause.
  for (const one of causes.toReversed()) {
    const found = byCode(one);
    if (found !== null) return found;
  }
  return 'malformed';
}

function chain(error: unknown): readonly Error[] {
  const found: Error[] = [];
  let next = error;
  while (next instanceof Error && found.length < 5) {
    found.push(next);
    next = next.cause;
  }
  return found;
}

function byCode(error: Error): Disbelief | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return byClaim(error.cause);
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return byTime(error.cause);
    case 'OAUTH_KEY_SELECTION_FAILED':
      return 'signature-invalid';
    case 'OAUTH_UNSUPPORTED_OPERATION':
      return 'algorithm-refused';
    case 'OAUTH_MISSING_SERVER_METADATA':
    case 'OAUTH_INVALID_SERVER_METADATA':
    case 'OAUTH_HTTP_REQUEST_FORBIDDEN':
    case 'OAUTH_REQUEST_PROTOCOL_FORBIDDEN':
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
      return 'provider-unfit';
    case 'OAUTH_INVALID_RESPONSE':
      return byMessage(error.message);
    default:
      return null;
  }
}

function byClaim(cause: unknown): Disbelief {
  const named = cause !== null && typeof cause === 'object' && 'claim' in cause ? cause.claim : undefined;
  const attribute =
    cause !== null && typeof cause === 'object' && 'attribute' in cause ? cause.attribute : undefined;
  switch (named ?? attribute) {
    case 'nonce':
      return 'nonce-mismatch';
    case 'iss':
    case 'issuer':
      return 'issuer-mismatch';
    case 'aud':
    case 'azp':
      return 'audience-mismatch';
    default:
      return 'malformed';
  }
}

function byTime(cause: unknown): Disbelief {
  const claim = cause !== null && typeof cause === 'object' && 'claim' in cause ? cause.claim : undefined;
  return claim === 'auth_time' ? 'stale-authentication' : 'expired';
}

/** One code for many things; the texts are the library's own and hold no value. */
function byMessage(message: string): Disbelief {
  if (/"alg"/.test(message)) return 'algorithm-refused';
  if (/signature/.test(message)) return 'signature-invalid';
  if (/"state"/.test(message)) return 'state-mismatch';
  if (/"iss"|issuer/.test(message)) return 'issuer-mismatch';
  if (/"nonce"/.test(message)) return 'nonce-mismatch';
  return 'malformed';
}
