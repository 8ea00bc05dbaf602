import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keySetSchema } from '#platform/access';
import { createHttpServer, type HttpServer } from '#platform/http';
import { silentLogger } from '#platform/runtime';
import {
  type AccessStage,
  callerOf,
  type Enrolled,
  openAccessStage,
} from '../../platform/access/test-kit.ts';
import { type OrganisationPorts, organisationRoutes } from './index.ts';

let stage: AccessStage;
let server: HttpServer;
let person: Enrolled;
let served: unknown = null;
let fetches = 0;
let meanwhile = (): Promise<void> => Promise.resolve();
const ISSUER = 'https://mail.clinic.test';
const ENDPOINT = `${ISSUER}/oauth/token`;

const ec = (namedCurve: 'P-256' | 'P-384') => generateKeyPairSync('ec', { namedCurve });
const pair = ec('P-384');
const stranger = ec('P-384');

function jwkOf(key: KeyObject, kid: string) {
  return { ...key.export({ format: 'jwk' }), kid, alg: 'ES384', use: 'sig' };
}
const setOf = (...keys: object[]) => keySetSchema.parse({ keys });

beforeAll(async () => {
  stage = await openAccessStage();
  const { world, access } = stage;
  person = await stage.enrol();
  const ports = {
    access,
    database: world.ports.database,
    audit: world.audit,
    clock: world.clock,
    addresses: () => ({ console: ISSUER, portal: null }),
    fetchKeySet: async () => {
      fetches += 1;
      await meanwhile();
      return served;
    },
  } as Partial<OrganisationPorts> as OrganisationPorts;
  server = await createHttpServer({
    channel: 'api',
    routes: organisationRoutes(ports),
    authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
    idempotency: { database: world.ports.database, vault: world.ports.vault },
    clock: world.clock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => ISSUER,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
    publicRate: { burst: 1000, perSecond: 100 },
  });
});
afterAll(async () => {
  await server.close(100);
  await stage.world.close();
});

async function register(
  options: {
    readonly source?: Parameters<typeof stage.access.oauth.register>[1]['keySource'];
    readonly permissions?: readonly ['messages:send'] | readonly ['messages:send', 'organisation:read'];
    readonly by?: Enrolled;
    readonly bind?: boolean;
  } = {},
) {
  const caller = callerOf(options.by ?? person);
  const permissions = options.permissions ?? (['messages:send', 'organisation:read'] as const);
  const account = await stage.access.serviceAccounts.create(caller, {
    ...{ name: `ehr ${randomUUID()}`, permissions },
    owner: (options.by ?? person).identity,
  });
  const key = await stage.access.oauth.register(caller, {
    ...{ label: 'ehr', permissions, networks: [], expiresAt: null, serviceAccount: account },
    keySource: options.source ?? { jwks: setOf(jwkOf(pair.publicKey, 'one')) },
    ...{ tokenSeconds: 300, bindCertificate: options.bind ?? false },
  });
  return { ...key, account, caller };
}

interface Wish {
  readonly claims?: Partial<JWTPayload>;
  readonly header?: { readonly alg?: string; readonly kid?: string };
  readonly key?: KeyObject | Uint8Array;
}

function assertion(client: string, { claims = {}, header = {}, key = pair.privateKey }: Wish = {}) {
  const now = Math.floor(stage.world.clock.now().getTime() / 1000);
  const payload = { iss: client, sub: client, aud: ENDPOINT, jti: randomUUID(), exp: now + 240, ...claims };
  const given = Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== undefined));
  return new SignJWT(given).setProtectedHeader({ alg: 'ES384', kid: 'one', ...header }).sign(key);
}

async function token(signed: string, more: Readonly<Record<string, string>> = {}) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: signed,
    ...more,
  });
  const answer = await server.inject({
    ...{ method: 'POST', path: '/oauth/token', body: body.toString() },
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const json = answer.json() as { error?: string; access_token: string; scope: string; expires_in: number };
  return { status: answer.status, headers: answer.headers, ...json };
}

const use = (access: string) =>
  server.inject({
    ...{ method: 'GET', path: '/v1/organisation', headers: { authorization: `Bearer ${access}` } },
  });

describe('the token endpoint', () => {
  it('gives a short-lived token that opens what was asked for, and says what it supports', async () => {
    const client = await register();
    const answer = await token(await assertion(client.prefix), { scope: 'organisation:read unknown:thing' });
    expect(answer).toMatchObject({ status: 200, scope: 'organisation:read', expires_in: 300 });
    expect(answer.headers['cache-control']).toContain('no-store');
    expect((await use(answer.access_token)).status).toBe(200);
    const narrow = await token(await assertion(client.prefix), { scope: 'messages:send', extra: 'ignored' });
    expect((await use(narrow.access_token)).status).toBe(403);
    stage.world.clock.advance(301);
    expect((await use(answer.access_token)).status).toBe(401);
    const metadata = await server.inject({ method: 'GET', path: '/.well-known/oauth-authorization-server' });
    expect(metadata.json()).toMatchObject({ issuer: ISSUER, token_endpoint: ENDPOINT });
  });

  it('keeps neither tokens nor anything that leads back to them', async () => {
    const client = await register();
    const { access_token } = await token(await assertion(client.prefix));
    const rows = await stage.world.ports.database.tenant([person.organisation], 'app', (tx) =>
      tx.query({ text: 'select t::text as line from sealpost.oauth_token t' }),
    );
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify([rows, stage.world.entries])).not.toContain(access_token.slice(4));
  });

  it('takes an assertion once', async () => {
    const client = await register();
    const signed = await assertion(client.prefix);
    const answers = await Promise.all([token(signed), token(signed)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect(await token(signed)).toMatchObject({ status: 401, error: 'invalid_client' });
    expect(stage.world.entries.at(-1)).toMatchObject({
      action: 'oauth.token-refused',
      result: 'refused',
      details: { reason: 'replayed' },
    });
  });

  it.each([
    ['another audience', { claims: { aud: 'https://other.test/oauth/token' } }, 'audience'],
    ['several audiences', { claims: { aud: [ENDPOINT, 'https://other.test'] } }, 'audience'],
    ['an end in the past', { claims: { exp: 1_000_000_000 } }, 'expired'],
    ['no end', { claims: { exp: undefined } }, 'claims'],
    ['a far end', { claims: { exp: 9_000_000_000 } }, 'too-long'],
    ['no id', { claims: { jti: undefined } }, 'claims'],
    ['a key of somebody else', { key: stranger.privateKey }, 'signature'],
    ['an unknown key id', { header: { kid: 'two' } }, 'unknown-key'],
    ['a symmetric signature', { header: { alg: 'HS384' }, key: Buffer.from(jwkText()) }, 'algorithm'],
  ] as const)('refuses %s', async (_name, wish, reason) => {
    const client = await register();
    const signed = await assertion(client.prefix, wish as Wish);
    expect(await token(signed)).toMatchObject({ status: 401, error: 'invalid_client' });
    expect(stage.world.entries.at(-1)).toMatchObject({
      action: 'oauth.token-refused',
      details: { reason },
    });
  });

  it('refuses what is not signed, and who speaks for another client', async () => {
    const client = await register();
    const [, payload] = (await assertion(client.prefix)).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: 'one' })).toString('base64url');
    expect(await token(`${header}.${payload}.`)).toMatchObject({ status: 401 });
    const other = await register({
      by: await stage.enrol(),
      source: { jwks: setOf(jwkOf(stranger.publicKey, 'theirs')) },
    });
    // Signed well, by a key of another organisation's client.
    const theirs = await assertion(client.prefix, { key: stranger.privateKey, header: { kid: 'theirs' } });
    expect(await token(theirs)).toMatchObject({ status: 401 });
    const own = await assertion(other.prefix, { key: stranger.privateKey, header: { kid: 'theirs' } });
    expect(await token(own, { client_id: client.prefix })).toMatchObject({ status: 401 });
    const issuers = await assertion(client.prefix, { claims: { sub: other.prefix } });
    expect(await token(issuers)).toMatchObject({ status: 401 });
  });

  it('answers bad requests in the words of RFC 6749', async () => {
    const client = await register();
    const fresh = () => assertion(client.prefix);
    expect(await token(await fresh(), { grant_type: 'password' })).toMatchObject({
      status: 400,
      error: 'unsupported_grant_type',
    });
    expect(await token(await fresh(), { client_assertion_type: 'x' })).toMatchObject({
      status: 400,
      error: 'invalid_request',
    });
    expect(await token(await fresh(), { scope: 'audit:read' })).toMatchObject({
      status: 400,
      error: 'invalid_scope',
    });
    const twice = await server.inject({
      ...{ method: 'POST', path: '/oauth/token', body: 'grant_type=client_credentials&grant_type=x' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([twice.status, twice.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });
});

describe('a token', () => {
  it('ends with its client and with the account, at once', async () => {
    const client = await register();
    const first = await token(await assertion(client.prefix));
    expect((await use(first.access_token)).status).toBe(200);
    await stage.access.apiKeys.revoke(client.caller, client.id);
    expect((await use(first.access_token)).status).toBe(401);
    expect(await token(await assertion(client.prefix))).toMatchObject({ status: 401 });
    const again = await register();
    const second = await token(await assertion(again.prefix));
    expect((await use(second.access_token)).status).toBe(200);
    await stage.access.serviceAccounts.change(again.caller, again.account, {
      ...{ owner: null, permissions: ['messages:send'] },
    });
    expect((await use(second.access_token)).status).toBe(403);
    await stage.access.serviceAccounts.end(again.caller, again.account);
    expect((await use(second.access_token)).status).toBe(401);
  });

  it('ends when its client has other keys, also one that is being fetched with the key of before', async () => {
    const client = await register();
    const first = await token(await assertion(client.prefix));
    expect((await use(first.access_token)).status).toBe(200);
    const other = { jwks: setOf(jwkOf(stranger.publicKey, 'one')) };
    await stage.access.oauth.changeKeys(client.caller, client.id, other);
    expect((await use(first.access_token)).status).toBe(401);
    const second = await token(await assertion(client.prefix, { key: stranger.privateKey }));
    expect((await use(second.access_token)).status).toBe(200);
    const fetching = await register({ source: { url: 'https://ehr.test/while' } });
    served = { keys: [jwkOf(pair.publicKey, 'one')] };
    meanwhile = () => stage.access.oauth.changeKeys(fetching.caller, fetching.id, other);
    expect(await token(await assertion(fetching.prefix))).toMatchObject({ status: 401 });
    meanwhile = () => Promise.resolve();
  });

  it('that was bound to a certificate is nothing without it', async () => {
    const client = await register({ bind: true });
    const shown = {
      ...{ spki: 's', fingerprint: 'A'.repeat(43), issuer: 'i', subject: 's' },
      ...{ names: [], trusted: false, notAfter: new Date('2100-01-01') },
    };
    const asked = {
      ...{ clientId: null, scope: null, audiences: [ENDPOINT], fetchKeySet: () => Promise.resolve(null) },
      certificate: shown,
    };
    const from = { origin: { address: null, channel: 'api' }, request: 'r' } as const;
    const { oauth, authenticateApiKey } = stage.access;
    const bare = { ...asked, certificate: null, assertion: await assertion(client.prefix) };
    expect(await oauth.token(bare, from)).toMatchObject({ error: 'invalid_client' });
    stage.world.revoked.add('C'.repeat(43));
    const revoked = { ...shown, fingerprint: 'C'.repeat(43) };
    const late = { ...asked, certificate: revoked, assertion: await assertion(client.prefix) };
    expect(await oauth.token(late, from)).toMatchObject({ error: 'invalid_client' });
    const answer = await oauth.token({ ...asked, assertion: await assertion(client.prefix) }, from);
    const text = answer.kind === 'issued' ? answer.token : '';
    expect(await authenticateApiKey(text, null, shown)).not.toBeNull();
    expect(await authenticateApiKey(text, null, null)).toBeNull();
    expect(await authenticateApiKey(text, null, { ...shown, fingerprint: 'B'.repeat(43) })).toBeNull();
    expect((await use(text)).status).toBe(401);
  });

  it('is swept when it is over', async () => {
    const client = await register();
    await token(await assertion(client.prefix));
    stage.world.clock.advance(1000);
    expect(await stage.access.oauth.sweep(person.organisation)).toBeGreaterThan(1);
  });
});

describe('keys at an address', () => {
  it('are fetched once, and again for a key that is not among them', async () => {
    const client = await register({ source: { url: 'https://ehr.test/jwks' } });
    served = { keys: [jwkOf(stranger.publicKey, 'old'), { kty: 'oct', k: 'x', kid: 'one' }] };
    expect((await token(await assertion(client.prefix))).status).toBe(401);
    served = { keys: [jwkOf(pair.publicKey, 'one')] };
    fetches = 0;
    stage.world.clock.advance(31);
    expect((await token(await assertion(client.prefix))).status).toBe(200);
    expect((await token(await assertion(client.prefix))).status).toBe(200);
    expect(fetches).toBe(1);
  });

  it('are never private, weak or without a name', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const whole = { ...pair.privateKey.export({ format: 'jwk' }), kid: 'one' };
    const weak = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'one' };
    for (const key of [
      whole,
      weak,
      { kty: 'oct', k: 'AAAA', kid: 'one' },
      pair.publicKey.export({ format: 'jwk' }),
    ])
      expect(keySetSchema.safeParse({ keys: [key] }).success).toBe(false);
    const one = jwkOf(pair.publicKey, 'one');
    expect(keySetSchema.safeParse({ keys: [one, one] }).success).toBe(false);
  });
});

/** The public key as text, which a confused server would take for a shared secret. */
function jwkText(): string {
  return pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
}
