// Ways in over HTTP that end elsewhere than in a session at once: a passkey alone, a factor that is due, a recovery.
import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { IdentityId, OrganisationId } from '#core/ids';
import { type Access, createAccess, type SignInRule } from '#platform/access';
import { createHttpServer, type HttpServer } from '#platform/http';
import { describeClient, OID } from '#platform/keyring';
import { silentLogger } from '#platform/runtime';
import { accessForTest } from '../../../test/support/access.ts';
import { Authenticator } from '../../../test/support/authenticator.ts';
import { makeProver } from '../../../test/support/prover.ts';
import { makeAuthority, makeCertificate } from '../../platform/keyring/certificates/certificate-fixture.ts';
import { bootstrapOrganisation, type OrganisationPorts, organisationRoutes } from './index.ts';

const ORIGIN = 'http://localhost';
const PASSPHRASE = 'mallard orbit thimble';

const authority = makeAuthority('Clinic CA');
let world: Awaited<ReturnType<typeof accessForTest>>;
let access: Access;
let server: HttpServer;
let organisation: OrganisationId;
let administrator: IdentityId;

beforeAll(async () => {
  world = await accessForTest();
  access = createAccess(world.ports);
  const ports: OrganisationPorts = {
    ...{ access, database: world.ports.database, audit: world.audit, clock: world.clock, version: '0' },
    prepare: () => Promise.resolve(),
    domainRecords: () => Promise.resolve([]),
    recoveryKit: () => Promise.resolve(null),
    installationChanged: () => Promise.resolve(),
    fetchKeySet: () => Promise.resolve(null),
    addresses: () => ({ console: ORIGIN, portal: null }),
    submission: () => ({ host: 'localhost', startTlsPort: null, implicitTlsPort: null }),
    signInRule: () => ({ first: ['mailed-code'], question: 'high', wrongAnswers: 5 }),
    sandboxDomain: 'clinic.test',
  };
  server = await createHttpServer({
    ...{ channel: 'api', routes: organisationRoutes(ports), clock: world.clock, logger: silentLogger },
    authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
    idempotency: { database: world.ports.database, vault: world.ports.vault },
    ...{ version: '0', publicUrl: () => undefined, trustedProxies: [], tls: undefined },
    ready: () => Promise.resolve({ ready: true, checks: {} }),
    clientCertificates: { authorities: [authority.certificate], proxies: ['127.0.0.1'] },
    publicRate: { burst: 1000, perSecond: 100 },
  });
  const made = await bootstrapOrganisation(ports, {
    ...{ name: 'Clinic', slug: 'clinic', domain: 'clinic.test', passphrase: PASSPHRASE, operator: true },
    administrator: { address: 'ann@clinic.test', displayName: 'Ann' },
    apiKey: { label: 'k', permissions: ['organisation:read'] },
  });
  ({ organisation, administrator } = made);
});
afterAll(async () => {
  await server.close(100);
  await world.close();
});

interface As {
  readonly cookie: string;
  readonly csrf: string;
}

/** The one browser of these tests: what starts a session binds it to its key. */
const prover = makeProver(() => world.clock.now().getTime());

async function post(
  path: string,
  body: object,
  as?: As,
  more: Readonly<Record<string, string>> = {},
  remoteAddress = '127.0.0.1',
) {
  const answer = await server.inject({
    ...{ method: 'POST', path, body, remoteAddress },
    headers: {
      host: 'localhost',
      origin: ORIGIN,
      ...(as && { cookie: as.cookie, 'x-sealpost-csrf': as.csrf }),
      ...prover.headers('POST', path, as?.csrf ?? ''),
      ...more,
    },
  });
  const parsed: unknown = answer.text === '' ? null : answer.json();
  const cookie = String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';
  return { status: answer.status, cookie, body: z.record(z.string(), z.unknown()).nullable().parse(parsed) };
}

const challengeOf = (body: unknown) =>
  z.object({ options: z.object({ challenge: z.string(), rpId: z.string().optional() }) }).parse(body).options;

function mailedCode(): string {
  const body = world.notices.findLast((one) => one.body.kind === 'sign-in-code')?.body;
  return body?.kind === 'sign-in-code' ? body.code : '';
}

async function enrolPasskey(
  ceremony: unknown,
  path: string,
  synced = false,
): Promise<{ key: Authenticator; as: As; status: number }> {
  const { challenge } = challengeOf((await post(`${path}/options`, { ceremony })).body);
  const key = new Authenticator();
  key.synced = synced;
  const response = key.register(challenge, ORIGIN, 'localhost');
  const done = await post(path, { ceremony, response, label: 'Key' });
  const session = z.object({ csrf: z.string() }).safeParse(done.body?.session ?? done.body);
  return { key, status: done.status, as: { cookie: done.cookie, csrf: session.data?.csrf ?? '' } };
}

const USUAL: SignInRule = {
  ...{ everyone: 'any', administrators: 'phishing-resistant', roles: [], totp: true, mailedCode: false },
  ...{ textedCode: false, certificate: 'off', graceDays: 0, newPeopleGraceDays: 0 },
  passphrase: { minimum: 15, mixture: false, maxAgeDays: null },
};

const CLI = { origin: { address: null, channel: 'cli' }, request: 'r' } as const;
const TEST = { kind: 'system', component: 'test' } as const;

async function invite(): Promise<string> {
  return world.ports.database.tenant([organisation], 'app', async (tx) => {
    const address = { local: 'tom', domain: 'clinic.test' };
    const member = { address, displayName: 'Tom', roles: ['administrator'] } as const;
    const { identity } = await access.members.add(tx, organisation, member, null, CLI);
    return (await access.invitations.issue(tx, identity, organisation)).ceremony;
  });
}

describe('ways in over HTTP', () => {
  let tom: Authenticator;
  let as: As;

  it('offer a new administrator nothing but a passkey, and take nothing else', async () => {
    const token = await invite();
    const begun = await post('/v1/invitations/accept', { token, passphrase: 'copper lantern parade' });
    expect(begun).toMatchObject({ status: 200, body: { factors: ['passkey'] } });
    const ceremony = begun.body?.ceremony;
    const secret = String((await post('/v1/setup/totp/options', { ceremony })).body?.secret);
    const code = generateSync({ secret, epoch: Math.floor(world.clock.now().getTime() / 1000) });
    const around = await post('/v1/setup/totp', { ceremony, code });
    expect(around).toMatchObject({ status: 409, body: { parameters: { reason: 'factor-demanded' } } });
    const enrolled = await enrolPasskey(ceremony, '/v1/setup/passkey', true);
    expect(enrolled.status).toBe(200);
    ({ key: tom, as } = enrolled);
  });

  it('let a passkey in alone, and answer every other one alike', async () => {
    const enter = async (key: Authenticator) => {
      const begun = await post('/v1/sign-in/passkey-alone/options', {});
      const { challenge } = challengeOf(begun.body);
      const response = key.answer(challenge, ORIGIN, 'localhost');
      return post('/v1/sign-in/passkey-alone', { ceremony: begun.body?.ceremony, response });
    };
    expect(await enter(tom)).toMatchObject({ status: 200, body: { identity: { displayName: 'Tom' } } });
    tom.verifies = false;
    const [careless, unknown] = [await enter(tom), await enter(new Authenticator())];
    tom.verifies = true;
    const bare = ({ status, body }: typeof careless) => ({ status, ...body, request: '' });
    expect(careless.status).toBe(401);
    expect(bare(careless)).toEqual(bare(unknown));
  });

  it('restore access by a link and a mailed code, and end the session of whoever was in', async () => {
    const lost = await post(`/v1/members/${administrator}/recovery`, {}, as);
    expect(lost).toMatchObject({ status: 403 });
    const live = await access.sessions.authenticate(as.cookie.split('=')[1] ?? '');
    const permissions = new Set([...(live?.permissions ?? []), 'installation:operate' as const]);
    const operator = { ...CLI, organisation, actor: TEST, permissions };
    const { ceremony: token } = await access.recovery.start(operator, administrator);
    expect(await post('/v1/recovery/code', { token: 'x'.repeat(43) })).toMatchObject({ status: 410 });
    expect(await post('/v1/recovery/code', { token })).toMatchObject({ status: 204 });
    const choose = (code: string) =>
      post('/v1/recovery/confirm', { token, code, passphrase: 'harbour nine winter gulls' });
    expect(await choose(mailedCode() === '000000' ? '111111' : '000000')).toMatchObject({ status: 401 });
    const confirmed = await choose(mailedCode());
    expect(confirmed).toMatchObject({ status: 200, body: { factors: ['passkey', 'totp'] } });
    const old = await post('/v1/sign-in', {
      address: 'ann@clinic.test',
      passphrase: 'harbour nine winter gulls',
    });
    expect(old.status).toBe(401);
    expect((await enrolPasskey(confirmed.body?.ceremony, '/v1/setup/passkey')).status).toBe(200);
    const now = await post('/v1/sign-in', {
      address: 'ann@clinic.test',
      passphrase: 'harbour nine winter gulls',
    });
    expect(now).toMatchObject({ status: 200, body: { factors: ['passkey', 'recovery-code'] } });
    expect(await choose(mailedCode())).toMatchObject({ status: 410 });
  });

  it('lead from a provider to a session that the page binds before it knows anything of it', async () => {
    const begin = () =>
      world.ports.database.tenant([organisation], 'app', (tx) => {
        const came = { factors: ['oidc', 'phishing-resistant'], agent: undefined, signOn: 'connection' };
        return access.sessions.start(tx, { identity: administrator, organisation, ...came }, CLI);
      });
    const cookieOf = async () => ({ cookie: `sealpost=${(await begin()).token}` });
    const landed = await cookieOf();
    const bind = (cookie: string, more: Readonly<Record<string, string>> = {}) =>
      server.inject({
        ...{ method: 'POST', path: '/v1/session/key' },
        headers: {
          host: 'localhost',
          origin: ORIGIN,
          cookie,
          ...prover.headers('POST', '/v1/session/key', ''),
          ...more,
        },
      });
    const read = (cookie: string) =>
      server.inject({
        ...{ method: 'GET', path: '/v1/session' },
        headers: { host: 'localhost', cookie, ...prover.headers('GET', '/v1/session', '') },
      });
    expect((await read(landed.cookie)).json()).toMatchObject({ parameters: { reason: 'proof-unbound' } });
    // Not by a page elsewhere, and not without the key's own proof.
    expect((await bind(landed.cookie, { origin: 'https://evil.test' })).status).toBe(403);
    expect((await bind(landed.cookie, { 'sealpost-proof': 'x' })).status).toBe(401);
    expect((await bind(landed.cookie, { 'x-sealpost-csrf': 'x' })).status).toBe(403);
    expect((await bind(landed.cookie)).status).toBe(204);
    expect((await read(landed.cookie)).json()).toMatchObject({ csrf: expect.any(String) });
    // Once, and within a minute.
    expect((await bind(landed.cookie)).status).toBe(403);
    const late = await cookieOf();
    world.clock.advance(61);
    expect((await bind(late.cookie)).status).toBe(409);
  });

  it('take a card that a trusted proxy saw, and answer every other one alike', async () => {
    const issue = (issuer: typeof authority, to?: Date) =>
      makeCertificate({
        ...{ name: 'Tom', issuer, usage: ['digitalSignature'], purposes: [OID.clientAuthentication] },
        ...(to && { from: new Date(to.getTime() - 1000), to }),
      }).certificate;
    const own = issue(authority);
    const live = await access.sessions.authenticate(as.cookie.split('=')[1] ?? '');
    if (live === null) throw new Error('no session');
    const { identity, id } = live.session;
    const caller = { ...CLI, organisation, actor: TEST, permissions: new Set(['sign-in:write'] as const) };
    await access.signInRules.change(caller, { ...USUAL, certificate: 'phishing-resistant' });
    const owner = { caller: { ...caller, actor: live.actor }, identity, session: id };
    await access.account.addCertificate(owner, describeClient(own, true), 'Card');
    const enter = async (one: typeof own | null, remoteAddress = '127.0.0.1') => {
      const address = 'tom@clinic.test';
      const begun = await post('/v1/sign-in', { address, passphrase: 'copper lantern parade' });
      expect(begun.body?.factors).toContain('certificate');
      const header = one === null ? {} : { 'client-cert': `:${one.raw.toString('base64')}:` };
      const { ceremony } = begun.body ?? {};
      return post('/v1/sign-in/certificate', { ceremony }, undefined, header, remoteAddress);
    };
    expect(await enter(own)).toMatchObject({ status: 200, body: { identity: { displayName: 'Tom' } } });
    const past = new Date(Date.now() - 60_000);
    const refused = [
      ...[await enter(null), await enter(issue(authority)), await enter(issue(makeAuthority('Clinic CA')))],
      ...[await enter(issue(authority, past)), await enter(own, '192.0.2.7')],
    ];
    const bare = ({ status, body }: (typeof refused)[0]) => ({ status, ...body, request: '' });
    expect(bare(refused[0] ?? (await enter(null)))).toMatchObject({ status: 401 });
    expect(new Set(refused.map((one) => JSON.stringify(bare(one)))).size).toBe(1);
    // What was refused has slowed the next ones down, no more.
    world.clock.advance(16 * 60);
    expect(await enter(own)).toMatchObject({ status: 200 });
  });

  it('answer 202 with what is due in place of a session', async () => {
    await access.signInRules.change(
      { ...CLI, organisation, actor: TEST, permissions: new Set(['sign-in:write'] as const) },
      { ...USUAL, administrators: 'device-bound' },
    );
    const begun = await post('/v1/sign-in', {
      address: 'tom@clinic.test',
      passphrase: 'copper lantern parade',
    });
    const { ceremony } = begun.body ?? {};
    const { challenge } = challengeOf((await post('/v1/sign-in/passkey/options', { ceremony })).body);
    const response = tom.answer(challenge, ORIGIN, 'localhost');
    const outcome = await post('/v1/sign-in/passkey', { ceremony, response });
    expect(outcome).toMatchObject({ status: 202, cookie: '', body: { demanded: 'device-bound' } });
    const added = await enrolPasskey(outcome.body?.ceremony, '/v1/sign-in/enrolment/passkey');
    expect(added.status).toBe(200);
    expect(added.as.csrf).not.toBe('');
  });
});
