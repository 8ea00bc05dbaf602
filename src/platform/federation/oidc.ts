import { createHash, type JsonWebKey, type webcrypto } from 'node:crypto';
import * as client from 'openid-client';
import { disbeliefOf } from './oidc-faults.ts';
import { ID_TOKEN_ALGORITHMS, type OidcPending, type OidcSettings } from './oidc-settings.ts';
import { type Believed, believe, claimsOf, type Disbelief, disbelieve, type Vouched } from './outcome.ts';
import { type ProviderFetch, webFetch } from './provider-fetch.ts';

/** How far the clocks of provider and installation may be apart, seconds. */
const SKEW_SECONDS = 60;
/** How long what a provider says of itself is kept. Its keys are fetched anew when a signature names an unknown one. */
const KEPT_MS = 10 * 60_000;
const KEPT_MOST = 1_000;

export interface OidcPorts {
  readonly fetch: ProviderFetch;
  /** `http:` providers: on loopback in the sandbox and in tests only. */
  readonly allowHttp: () => boolean;
  readonly monotonic: () => number;
}

/** What makes a check weaker, for tests that show what it is for. Nothing in production. */
export interface OidcLeftOut {
  readonly nonce?: true;
  readonly verifier?: true;
  readonly state?: true;
}

/** Relying party of OpenID Connect Core 1.0: authorization code with PKCE (RFC 7636, S256). */
export interface Oidc {
  /** Where to send the browser, and what to remember. */
  begin(
    key: string,
    settings: OidcSettings,
    wish: { readonly redirectUri: string; readonly fresh: boolean; readonly loginHint: string | null },
  ): Promise<Believed<{ readonly url: string; readonly pending: OidcPending }>>;
  /**
   * Judges what the browser brought back to `redirectUri`: state, issuer (RFC 9207), code with its verifier, and of the ID token
   * signature, algorithm, issuer, audience, times, nonce, at_hash; auth_time where freshness was asked for.
   */
  finish(
    key: string,
    settings: OidcSettings,
    came: URL,
    pending: OidcPending,
    leftOut?: OidcLeftOut,
  ): Promise<Believed<Vouched>>;
  /** Where to sign out at the provider (RP-Initiated Logout 1.0); null where it offers none. */
  signOutUrl(
    key: string,
    settings: OidcSettings,
    hint: string | null,
    returnTo: string,
  ): Promise<string | null>;
  /** The address of the provider's keys. */
  keysUrl(key: string, settings: OidcSettings): Promise<Believed<string>>;
}

interface Kept {
  readonly configuration: client.Configuration;
  readonly until: number;
}

export function createOidc({ fetch, allowHttp, monotonic }: OidcPorts): Oidc {
  const kept = new Map<string, Kept>();
  const ask = () => webFetch(fetch, allowHttp());

  async function discover(settings: OidcSettings): Promise<client.Configuration> {
    const proof = await clientProof(settings);
    const metadata = { [client.clockTolerance]: SKEW_SECONDS };
    const insecure = allowHttp() ? [client.allowInsecureRequests] : [];
    const found = await client.discovery(new URL(settings.issuer), settings.clientId, metadata, proof, {
      [client.customFetch]: ask(),
      execute: insecure,
    });
    const server = found.serverMetadata();
    const offered = server.id_token_signing_alg_values_supported ?? ['RS256'];
    const algorithms = offered.filter((algorithm) => ID_TOKEN_ALGORITHMS.includes(algorithm));
    const { supportsPKCE: _method, ...document } = server;
    const narrowed = { ...document, id_token_signing_alg_values_supported: algorithms };
    const configuration = new client.Configuration(narrowed, settings.clientId, metadata, proof);
    configuration[client.customFetch] = ask();
    for (const step of insecure) step(configuration);
    // The ID token came over TLS from the provider itself; its signature is looked at all the same.
    client.enableNonRepudiationChecks(configuration);
    return configuration;
  }

  /** `key` names one state of one connection, so that a change of settings is never answered from before. */
  async function configured(key: string, settings: OidcSettings): Promise<client.Configuration> {
    const known = kept.get(key);
    if (known !== undefined && known.until > monotonic()) return known.configuration;
    const configuration = await discover(settings);
    if (kept.size >= KEPT_MOST) kept.clear();
    kept.set(key, { configuration, until: monotonic() + KEPT_MS });
    return configuration;
  }

  async function judged<T>(work: () => Promise<Believed<T>>): Promise<Believed<T>> {
    try {
      return await work();
    } catch (error) {
      const reason = disbeliefOf(error);
      if (reason === null) throw error;
      return disbelieve(reason);
    }
  }

  return {
    begin: (key, settings, wish) =>
      judged(async () => {
        const configuration = await configured(key, settings);
        const pending: OidcPending = {
          state: client.randomState(),
          nonce: client.randomNonce(),
          verifier: client.randomPKCECodeVerifier(),
          maxAge: wish.fresh ? 0 : null,
        };
        const url = client.buildAuthorizationUrl(configuration, {
          redirect_uri: wish.redirectUri,
          scope: ['openid', ...settings.scopes].join(' '),
          state: pending.state,
          nonce: pending.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
          code_challenge_method: 'S256',
          ...(wish.fresh ? { prompt: 'login', max_age: '0' } : {}),
          ...(wish.loginHint === null ? {} : { login_hint: wish.loginHint }),
        });
        return believe({ url: url.href, pending });
      }),

    finish: (key, settings, came, pending, leftOut = {}) =>
      judged(async () => {
        const configuration = await configured(key, settings);
        const tokens = await client.authorizationCodeGrant(
          configuration,
          came,
          checksOf(came, pending, leftOut),
        );
        const claims = tokens.claims();
        if (claims === undefined || tokens.id_token === undefined) return disbelieve('malformed');
        const wrong = judgeIdToken(tokens.id_token, tokens.access_token, claims, pending);
        if (wrong !== null) return disbelieve(wrong);
        const asks = settings.userInfo && configuration.serverMetadata().userinfo_endpoint !== undefined;
        const more = asks ? await client.fetchUserInfo(configuration, tokens.access_token, claims.sub) : {};
        // What is signed counts before what is not.
        return believe(vouchedBy({ ...more, ...claims }, tokens.id_token));
      }),

    async signOutUrl(key, settings, hint, returnTo) {
      const configuration = await configured(key, settings);
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
      const url = client.buildEndSessionUrl(configuration, {
        post_logout_redirect_uri: returnTo,
        ...(hint === null ? {} : { id_token_hint: hint }),
      });
      return url.href;
    },

    keysUrl: (key, settings) =>
      judged(async () => {
        const { jwks_uri } = (await configured(key, settings)).serverMetadata();
        return jwks_uri === undefined ? disbelieve('provider-unfit') : believe(jwks_uri);
      }),
  };
}

function checksOf(
  came: URL,
  pending: OidcPending,
  leftOut: OidcLeftOut,
): client.AuthorizationCodeGrantChecks {
  return {
    expectedState:
      leftOut.state === true ? (came.searchParams.get('state') ?? client.skipStateCheck) : pending.state,
    idTokenExpected: true,
    ...(leftOut.nonce === true ? {} : { expectedNonce: pending.nonce }),
    ...(leftOut.verifier === true ? {} : { pkceCodeVerifier: pending.verifier }),
    // With max_age the provider must say when the person signed in; whether that is new is judged below.
    ...(pending.maxAge === null ? {} : { maxAge: Math.max(pending.maxAge, SKEW_SECONDS) }),
  };
}

/** What the library leaves to its caller: the algorithm once more, and the access token's hash (Core, section 3.1.3.6). */
function judgeIdToken(
  idToken: string,
  accessToken: string,
  claims: client.IDToken,
  pending: OidcPending,
): Disbelief | null {
  const algorithm = headerOf(idToken).alg;
  if (typeof algorithm !== 'string' || !ID_TOKEN_ALGORITHMS.includes(algorithm)) return 'algorithm-refused';
  if (claims.at_hash !== undefined && claims.at_hash !== leftHalf(algorithm, accessToken))
    return 'signature-invalid';
  if (pending.maxAge !== null && typeof claims.auth_time !== 'number') return 'stale-authentication';
  return null;
}

function headerOf(token: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
  return parsed !== null && typeof parsed === 'object' ? { ...parsed } : {};
}

function leftHalf(algorithm: string, token: string): string {
  const hash = createHash(algorithm.startsWith('Ed') ? 'sha512' : 'sha256')
    .update(token, 'ascii')
    .digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}

function vouchedBy(claims: Readonly<Record<string, unknown>>, idToken: string): Vouched {
  const { sub, iss, sid, amr, acr } = claims;
  const methods = [...(Array.isArray(amr) ? amr : []), acr].flatMap((one: unknown) =>
    typeof one === 'string' && /^[\w:./-]{1,100}$/.test(one) ? [one] : [],
  );
  return {
    subject: String(sub),
    issuer: String(iss),
    claims: claimsOf(claims),
    sid: typeof sid === 'string' ? sid : null,
    methods,
    once: null,
    hint: idToken,
  };
}

async function clientProof({ proof }: OidcSettings): Promise<client.ClientAuth> {
  if (proof.method === 'client_secret_basic') return client.ClientSecretBasic(proof.secret);
  return client.PrivateKeyJwt({ key: await signingKey(proof.key), kid: proof.kid });
}

function signingKey(key: JsonWebKey): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('jwk', { ...key }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}
