import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { exportJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { safeFetch } from '#platform/net';
import { createLogoutTokens } from './logout-token.ts';
import { createOidc, type OidcLeftOut } from './oidc.ts';
import type { OidcPending, OidcSettings } from './oidc-settings.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const others = generateKeyPairSync('rsa', { modulusLength: 2048 });
const edKeys = generateKeyPairSync('ed25519');
const CLIENT = 'client-1';
const REDIRECT = 'https://console.test/sso/1/callback';
const seconds = (): number => Math.floor(Date.now() / 1000);

/** A provider that says whatever a test wants. */
let server: Server;
let issuer = '';
let answer: (asked: URLSearchParams, code: string) => Promise<object> = async () => ({});
let challenge = '';
let offered: readonly string[] = ['RS256', 'EdDSA', 'HS256', 'none'];
let published: readonly object[] = [];
let askedForKeys = 0;

beforeAll(async () => {
  published = [
    { ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'RS256' },
    { ...(await exportJWK(edKeys.publicKey)), kid: 'ed', alg: 'EdDSA' },
  ];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      void (async () => {
        const say = (body: object) =>
          response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
        if (request.url === '/.well-known/openid-configuration') {
          return say({
            issuer,
            authorization_endpoint: `${issuer}/authorize`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/keys`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: offered,
            authorization_response_iss_parameter_supported: true,
          });
        }
        if (request.url === '/keys') {
          askedForKeys += 1;
          return say({ keys: published });
        }
        const asked = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
        return say(await answer(asked, asked.get('code') ?? ''));
      })();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const place = server.address();
  issuer = place !== null && typeof place === 'object' ? `http://127.0.0.1:${place.port}` : '';
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

const resolver = {
  mx: () => Promise.reject(new Error('not asked')),
  addresses: () => Promise.reject(new Error('not asked')),
  txt: () => Promise.reject(new Error('not asked')),
};
const network = { resolver, mayConnect: (address: string) => address === '127.0.0.1', extraRoots: [] };
const ports = {
  fetch: (url: string, options: object) => safeFetch(url, { ...options, network }),
  allowHttp: () => true,
  monotonic: () => performance.now(),
};
let oidc = createOidc(ports);
const settings = (): OidcSettings => ({
  issuer,
  clientId: CLIENT,
  proof: { method: 'client_secret_basic', secret: 'secret' },
  scopes: ['email'],
  userInfo: false,
});

type Claims = Record<string, unknown>;
const claims = (pending: OidcPending, more: Claims = {}): Claims => ({
  iss: issuer,
  aud: CLIENT,
  sub: 'anna',
  nonce: pending.nonce,
  iat: seconds(),
  exp: seconds() + 300,
  ...more,
});
const signed = (
  content: Claims,
  header: { alg: string; kid?: string } = { alg: 'RS256', kid: 'k' },
  key = keys,
) => new SignJWT(content).setProtectedHeader(header).sign(key.privateKey);
const tokens = (id_token: string) => ({ access_token: 'at', token_type: 'Bearer', id_token });

async function begin(fresh = false) {
  const begun = await oidc.begin('k', settings(), { redirectUri: REDIRECT, fresh, loginHint: null });
  if (begun.kind !== 'believed') throw new Error(begun.reason);
  const url = new URL(begun.value.url);
  challenge = url.searchParams.get('code_challenge') ?? '';
  return { url, pending: begun.value.pending };
}

async function finish(pending: OidcPending, query: Record<string, string> = {}, leftOut: OidcLeftOut = {}) {
  const came = new URL(REDIRECT);
  came.search = new URLSearchParams({ code: 'c', state: pending.state, iss: issuer, ...query }).toString();
  const judged = await oidc.finish('k', settings(), came, pending, leftOut);
  return judged.kind === 'believed' ? judged.value.subject : judged.reason;
}

describe('an authorization code of an OpenID provider', () => {
  beforeEach(() => {
    oidc = createOidc(ports);
    offered = ['RS256', 'EdDSA', 'HS256', 'none'];
  });

  it('is asked for with state, nonce and an S256 challenge, and gives the subject', async () => {
    const { url, pending } = await begin();
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      state: pending.state,
      nonce: pending.nonce,
      scope: 'openid email',
    });
    answer = async () => tokens(await signed(claims(pending)));
    expect(await finish(pending)).toBe('anna');
  });

  it('takes EdDSA too', async () => {
    const { pending } = await begin();
    answer = async () =>
      tokens(
        await new SignJWT(claims(pending))
          .setProtectedHeader({ alg: 'EdDSA', kid: 'ed' })
          .sign(edKeys.privateKey),
      );
    expect(await finish(pending)).toBe('anna');
  });

  it('of another browser’s road is refused by its state; without that check it would pass', async () => {
    const { pending } = await begin();
    answer = async () => tokens(await signed(claims(pending)));
    expect(await finish(pending, { state: 'x' })).toBe('state-mismatch');
    expect(await finish(pending, { state: 'x' }, { state: true })).toBe('anna');
  });

  it('that comes with another issuer is refused (mix-up, RFC 9207), and without one where it is promised', async () => {
    const { pending } = await begin();
    answer = async () => tokens(await signed(claims(pending)));
    expect(await finish(pending, { iss: 'https://evil.test' })).toBe('issuer-mismatch');
    const came = new URL(REDIRECT);
    came.search = new URLSearchParams({ code: 'c', state: pending.state }).toString();
    expect(await oidc.finish('k', settings(), came, pending)).toMatchObject({ kind: 'disbelieved' });
  });

  it('that was put in from elsewhere fails at the provider for want of its verifier', async () => {
    const mine = await begin();
    const { pending } = await begin();
    answer = async (asked) => {
      const { createHash } = await import('node:crypto');
      const shown = createHash('sha256')
        .update(asked.get('code_verifier') ?? '')
        .digest('base64url');
      return shown === challenge ? tokens(await signed(claims(pending))) : {};
    };
    // The code belongs to the second road; the browser of the first brings it.
    expect(await finish({ ...pending, verifier: mine.pending.verifier })).not.toBe('anna');
    expect(await finish(pending, {}, { verifier: true })).not.toBe('anna');
    expect(await finish(pending)).toBe('anna');
  });

  it('with the nonce of another road is refused; without that check it would pass', async () => {
    const { pending } = await begin();
    answer = async () => tokens(await signed(claims(pending, { nonce: 'another' })));
    expect(await finish(pending)).toBe('nonce-mismatch');
    // The library refuses any nonce that was not asked for, too: only a token without one shows the difference.
    answer = async () => tokens(await signed(claims(pending, { nonce: undefined })));
    expect(await finish(pending)).not.toBe('anna');
    expect(await finish(pending, {}, { nonce: true })).toBe('anna');
  });

  it('is refused with alg none, and with HS256 under the public key, whatever the provider offers', async () => {
    const { pending } = await begin();
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    answer = async () => tokens(`${part({ alg: 'none' })}.${part(claims(pending))}.`);
    expect(await finish(pending)).toBe('algorithm-refused');
    const pem = keys.publicKey.export({ type: 'spki', format: 'pem' });
    const head = `${part({ alg: 'HS256', kid: 'k' })}.${part(claims(pending))}`;
    answer = async () => tokens(`${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`);
    expect(await finish(pending)).toBe('algorithm-refused');
  });

  it.each([
    ['expired', { exp: 1, iat: 0 }, 'expired'],
    ['for another client', { aud: 'client-2' }, 'audience-mismatch'],
    [
      'for another client too, by another party',
      { aud: [CLIENT, 'client-2'], azp: 'client-2' },
      'audience-mismatch',
    ],
    ['of another issuer', { iss: 'https://evil.test' }, 'issuer-mismatch'],
    ['with the hash of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'signature-invalid'],
  ])('is refused when the ID token is %s', async (_name, more: Claims, reason) => {
    const { pending } = await begin();
    answer = async () => tokens(await signed(claims(pending, more)));
    expect(await finish(pending)).toBe(reason);
  });

  it('is refused when another key signed', async () => {
    const { pending } = await begin();
    answer = async () => tokens(await signed(claims(pending), { alg: 'RS256', kid: 'k' }, others));
    expect(await finish(pending)).toBe('signature-invalid');
  });

  it('asks for a fresh sign-in where one is needed, and refuses an old one', async () => {
    const { url, pending } = await begin(true);
    expect(url.searchParams.get('prompt')).toBe('login');
    expect(url.searchParams.get('max_age')).toBe('0');
    answer = async () => tokens(await signed(claims(pending, { auth_time: seconds() - 3_600 })));
    expect(await finish(pending)).toBe('stale-authentication');
    answer = async () => tokens(await signed(claims(pending)));
    expect(await finish(pending)).not.toBe('anna');
    answer = async () => tokens(await signed(claims(pending, { auth_time: seconds() })));
    expect(await finish(pending)).toBe('anna');
  });

  it('is not asked for where the provider must not be reached', async () => {
    const elsewhere = { ...settings(), issuer: 'http://127.0.0.2:9' };
    const wish = { redirectUri: REDIRECT, fresh: false, loginHint: null };
    expect(await oidc.begin('e', elsewhere, wish)).toEqual({
      kind: 'disbelieved',
      reason: 'provider-unreachable',
    });
  });
});

describe('a logout token', () => {
  const EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const content = (more: Claims = {}): Claims => ({
    ...{
      iss: issuer,
      aud: CLIENT,
      iat: seconds(),
      exp: seconds() + 120,
      jti: 'j',
      sub: 'anna',
      events: EVENT,
    },
    ...more,
  });
  const judge = async (token: string, one = createLogoutTokens(ports)) => {
    const judged = await one.judge(token, { issuer, clientId: CLIENT, keysUrl: `${issuer}/keys` });
    return judged.kind === 'believed' ? judged.value.subject : judged.reason;
  };

  it('names whose sessions end', async () => {
    expect(await judge(await signed(content()))).toBe('anna');
  });

  it.each([
    ['has a nonce: it is an ID token', { nonce: 'n' }, 'malformed'],
    ['names no event', { events: {} }, 'malformed'],
    ['names nobody', { sub: undefined }, 'malformed'],
    ['has no id', { jti: undefined }, 'malformed'],
    ['is for another client', { aud: 'other' }, 'audience-mismatch'],
    ['is of another issuer', { iss: 'https://evil.test' }, 'issuer-mismatch'],
    ['is old', { iat: seconds() - 4_000, exp: seconds() - 3_000 }, 'expired'],
  ])('is refused when it %s', async (_name, more: Claims, reason) => {
    expect(await judge(await signed(content(more)))).toBe(reason);
  });

  it('by an unknown key makes us ask for keys again, but not each time', async () => {
    const one = createLogoutTokens(ports);
    expect(await judge(await signed(content()), one)).toBe('anna');
    const before = askedForKeys;
    const forged = await signed(content(), { alg: 'RS256', kid: 'new' }, others);
    expect(await judge(forged, one)).toBe('signature-invalid');
    expect(await judge(forged, one)).toBe('signature-invalid');
    expect(askedForKeys - before).toBeLessThanOrEqual(1);
  });
});
