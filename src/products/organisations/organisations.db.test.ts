import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Access, createAccess } from '#platform/access';
import {
  createHttpServer,
  csrfToken,
  type HttpServer,
  type InjectedAnswer,
  type InjectedRequest,
} from '#platform/http';
import { silentLogger } from '#platform/runtime';
import { accessForTest } from '../../../test/support/access.ts';
import { makeProver, type Prover } from '../../../test/support/prover.ts';
import {
  bootstrapOrganisation,
  ORGANISATION_PERMISSIONS,
  type OrganisationPorts,
  organisationRoutes,
} from './index.ts';
import { sessionSchema } from './schemas.ts';

type World = Awaited<ReturnType<typeof accessForTest>>;
let world: World;
let access: Access;
let ports: OrganisationPorts;
let server: HttpServer;
// One browser for all people of these tests: its key belongs to it, not to them.
let prover: Prover;
const prepared: string[] = [];
const modes: string[] = [];

beforeAll(async () => {
  world = await accessForTest();
  prover = makeProver(() => world.clock.now().getTime());
  access = createAccess(world.ports);
  ports = {
    access,
    database: world.ports.database,
    audit: world.audit,
    clock: world.clock,
    version: '0.1.0',
    prepare: (_tx, _organisation, domain) => Promise.resolve(void prepared.push(domain)),
    domainRecords: (_tx, _organisation, domain) =>
      Promise.resolve([{ name: `sp1._domainkey.${domain}`, type: 'TXT', value: 'v=DKIM1' }]),
    recoveryKit: () => Promise.resolve({ text: 'kit', code: 'CODE' }),
    installationChanged: ({ mode }) => Promise.resolve(void modes.push(mode)),
    fetchKeySet: () => Promise.resolve(null),
    addresses: () => ({ console: 'http://localhost:1', portal: null }),
    submission: () => ({ host: 'localhost', startTlsPort: 2587, implicitTlsPort: null }),
    signInRule: () => ({ first: ['mailed-code'], question: 'high', wrongAnswers: 5 }),
    sandboxDomain: 'clinic.test',
  };
  server = await createHttpServer({
    channel: 'api',
    routes: organisationRoutes(ports),
    authenticator: { apiKey: access.authenticateApiKey, sessions: access.sessions },
    idempotency: { database: world.ports.database, vault: world.ports.vault },
    clock: world.clock,
    logger: silentLogger,
    version: '0',
    publicUrl: () => undefined,
    trustedProxies: [],
    tls: undefined,
    ready: () => Promise.resolve({ ready: true, checks: {} }),
    publicRate: { burst: 1000, perSecond: 100 },
  });
});
afterAll(async () => {
  await server.close(100);
  await world.close();
});

/** A browser: its cookie and CSRF value. */
interface Browser {
  readonly cookie: string;
  readonly csrf: string;
}

function send(method: InjectedRequest['method'], path: string, body?: object, as?: Browser | string) {
  const headers: Record<string, string> = {};
  if (typeof as === 'string') headers.authorization = `Bearer ${as}`;
  else {
    if (as !== undefined) Object.assign(headers, { cookie: as.cookie, 'x-sealpost-csrf': as.csrf });
    Object.assign(headers, prover.headers(method, path, as?.csrf ?? ''));
  }
  return server.inject({ method, path, headers, ...(body === undefined ? {} : { body }) });
}

function browserOf(answer: InjectedAnswer, session: unknown): Browser {
  const set = String(answer.headers['set-cookie']);
  expect(set).toMatch(/^sealpost=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  return { cookie: set.split(';')[0] ?? '', csrf: sessionSchema.parse(session).csrf };
}

/** A browser after an answer that moved its session under a new token. */
function renewed(answer: InjectedAnswer): Browser {
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return { cookie, csrf: csrfToken(cookie.slice(cookie.indexOf('=') + 1)) };
}

const ceremony = z.object({ ceremony: z.string() });
const codeOf = (secret: string) =>
  generateSync({ secret, epoch: Math.floor(world.clock.now().getTime() / 1000) });

/** From a ceremony to a signed-in person with an authenticator app. */
async function enrolTotp(token: string) {
  const options = await send('POST', '/v1/setup/totp/options', { ceremony: token });
  const { secret, uri, svg } = z
    .object({ secret: z.string(), uri: z.string(), svg: z.string() })
    .parse(options.json());
  expect(uri).toMatch(/^otpauth:/);
  expect(svg).toMatch(/^<svg/);
  const wrong = await send('POST', '/v1/setup/totp', { ceremony: token, code: '000000' });
  expect(wrong.status).toBe(401);
  const done = await send('POST', '/v1/setup/totp', { ceremony: token, code: codeOf(secret) });
  expect(done.status).toBe(200);
  const { session, recoveryCodes } = z
    .object({ session: z.unknown(), recoveryCodes: z.array(z.string()) })
    .parse(done.json());
  expect(recoveryCodes).toHaveLength(10);
  return { secret, browser: browserOf(done, session), session: sessionSchema.parse(session) };
}

const setup = {
  organisationName: 'Riverside Clinic',
  displayName: 'Ana Ruiz',
  address: 'ana@clinic.test',
  passphrase: 'mallard orbit thimble',
};
let administrator: Awaited<ReturnType<typeof enrolTotp>>;

describe('set-up', () => {
  it('refuses a wrong token and a poor passphrase, and stores nothing before a second factor works', async () => {
    await access.installation.ensure();
    const token = await access.installation.issueSetupToken();
    expect((await send('GET', '/v1/setup')).json()).toMatchObject({ state: 'open' });
    expect((await send('POST', '/v1/setup/start', { ...setup, token: 'wrong' })).status).toBe(401);
    const poor = await send('POST', '/v1/setup/start', { ...setup, token, passphrase: 'riverside-clinic-1' });
    expect(poor.json()).toMatchObject({ status: 422, parameters: { path: 'passphrase', reason: 'context' } });
    expect(poor.text).not.toContain('riverside-clinic-1');
    const started = await send('POST', '/v1/setup/start', {
      ...setup,
      token,
      portalUrl: 'https://portal.example/x',
    });
    expect(await access.organisations.ids()).toEqual([]);
    administrator = await enrolTotp(ceremony.parse(started.json()).ceremony);
    expect(administrator.session).toMatchObject({
      identity: { displayName: 'Ana Ruiz', address: 'ana@clinic.test' },
      organisation: { slug: 'riverside-clinic' },
      mode: 'sandbox',
    });
    expect(administrator.session.permissions).toContain('installation:operate');
    expect(prepared).toEqual(['clinic.test']);
    expect((await send('POST', '/v1/setup/start', { ...setup, token })).json()).toMatchObject({
      code: 'wrong-state',
    });
    expect((await send('GET', '/v1/setup')).json()).toMatchObject({
      state: 'done',
      portalUrl: 'https://portal.example',
    });
    expect(world.entries.map((entry) => entry.action)).toEqual(
      expect.arrayContaining([
        'member.added',
        'organisation.created',
        'installation.set-up',
        'session.started',
      ]),
    );
  });

  it('offers passkeys only where browsers would take them', async () => {
    const token = (
      await send('POST', '/v1/sign-in', { address: setup.address, passphrase: setup.passphrase })
    ).json();
    const options = (host: string) =>
      server.inject({
        method: 'POST',
        path: '/v1/sign-in/passkey/options',
        headers: { host },
        body: { ceremony: ceremony.parse(token).ceremony },
      });
    expect((await options('127.0.0.1:8480')).json()).toMatchObject({
      parameters: { reason: 'passkeys-need-a-name' },
    });
    expect((await options('localhost:8480')).json()).toMatchObject({ options: { rpId: 'localhost' } });
  });

  it('gives the recovery kit to the operator, and writes it down', async () => {
    const kit = await send('POST', '/v1/setup/recovery-kit', {}, administrator.browser);
    expect(kit.json()).toMatchObject({ content: 'kit', code: 'CODE' });
    expect(world.entries.at(-1)?.action).toBe('recovery-kit.issued');
  });
});

describe('sign-in over HTTP', () => {
  it('takes passphrase and code, shows the session, and signs out', async () => {
    world.clock.advance(60);
    const begun = await send('POST', '/v1/sign-in', {
      address: 'ANA@clinic.test',
      passphrase: setup.passphrase,
    });
    expect(begun.json()).toMatchObject({ factors: ['totp', 'recovery-code'] });
    const code = codeOf(administrator.secret);
    const done = await send('POST', '/v1/sign-in/totp', { ...ceremony.parse(begun.json()), code });
    const browser = browserOf(done, done.json());
    expect((await send('GET', '/v1/session', undefined, browser)).json()).toEqual(done.json());
    expect((await send('GET', '/v1/sessions', undefined, browser)).json()).toMatchObject({
      items: [{ current: true }, { current: false }],
    });
    const left = await send('DELETE', '/v1/session', undefined, browser);
    expect([left.status, String(left.headers['set-cookie'])]).toEqual([
      204,
      expect.stringContaining('sealpost=;'),
    ]);
    expect(left.headers['clear-site-data']).toBe('"cache"');
    expect((await send('GET', '/v1/session', undefined, browser)).status).toBe(401);
  });

  it('answers a wrong passphrase and an unknown address with the same octets, but for the reference', async () => {
    const one = await send('POST', '/v1/sign-in', { address: setup.address, passphrase: 'wrong' });
    const two = await send('POST', '/v1/sign-in', { address: 'no@clinic.test', passphrase: 'wrong' });
    const plain = (answer: InjectedAnswer) => answer.text.replace(/"request":"[^"]+"/, '');
    expect([one.status, plain(one)]).toEqual([401, plain(two)]);
  });
});

describe('members and organisations', () => {
  it('invites a sender, who signs in and may do no more than that', async () => {
    const member = { address: 'leo@clinic.test', displayName: 'Leo', roles: ['sender'] };
    const made = await send('POST', '/v1/members', member, administrator.browser);
    expect(made.status).toBe(201);
    const { token } = z.object({ invitation: z.object({ token: z.string() }) }).parse(made.json()).invitation;
    expect((await send('POST', '/v1/members', member, administrator.browser)).status).toBe(409);
    const accepted = await send('POST', '/v1/invitations/accept', {
      token,
      passphrase: 'copper lantern parade',
    });
    const leo = await enrolTotp(ceremony.parse(accepted.json()).ceremony);
    expect(leo.session.permissions).not.toContain('members:write');
    expect((await send('POST', '/v1/members', member, leo.browser)).status).toBe(403);
    expect((await send('GET', '/v1/api-keys', undefined, leo.browser)).status).toBe(403);
    const again = await send('POST', '/v1/invitations/accept', {
      token,
      passphrase: 'copper lantern parade',
    });
    expect(again.status).toBe(410);
    const list = await send('GET', '/v1/members?limit=1', undefined, administrator.browser);
    const page = z.object({ items: z.array(z.unknown()), next: z.string() }).parse(list.json());
    const rest = await send('GET', `/v1/members?cursor=${page.next}`, undefined, administrator.browser);
    expect(rest.json()).toMatchObject({
      items: [{ identity: { displayName: 'Leo' }, factors: ['totp', 'recovery-code'] }],
      next: null,
    });
  });

  it('finds people by posted words or ids, one of the two', async () => {
    const search = (body: object) => send('POST', '/v1/members/search', body, administrator.browser);
    const answer = await search({ text: ' LEO ' });
    expect(answer.json()).toMatchObject({
      items: [{ identity: { displayName: 'Leo', address: 'leo@clinic.test' }, roles: ['sender'] }],
      more: false,
      whole: true,
    });
    const id = administrator.session.identity.id;
    expect((await search({ ids: [id] })).json()).toMatchObject({
      items: [{ identity: { id } }],
      more: false,
    });
    for (const body of [{}, { text: 'leo', ids: [id] }, { text: '  ' }, { text: 'leo', limit: 51 }])
      expect([body, (await search(body)).status]).toEqual([body, 422]);
  });

  it('makes a second organisation whose people and keys are strangers to the first', async () => {
    const body = {
      name: 'Hillside',
      slug: 'hillside',
      domain: 'hillside.test',
      administrator: { address: 'kim@hillside.test', displayName: 'Kim' },
    };
    const headers = {
      ...{ cookie: administrator.browser.cookie, 'x-sealpost-csrf': administrator.browser.csrf },
      'idempotency-key': 'org',
    };
    const make = () => {
      const proof = prover.headers('POST', '/v1/organisations', administrator.browser.csrf);
      const given = { ...headers, ...proof };
      return server.inject({ method: 'POST', path: '/v1/organisations', headers: given, body });
    };
    const made = await make();
    expect(made.status).toBe(201);
    expect((await make()).text).toBe(made.text);
    const { token } = z.object({ invitation: z.object({ token: z.string() }) }).parse(made.json()).invitation;
    const accepted = await send('POST', '/v1/invitations/accept', {
      token,
      passphrase: 'copper lantern parade',
    });
    const kim = await enrolTotp(ceremony.parse(accepted.json()).ceremony);
    expect(kim.session.organisation.slug).toBe('hillside');
    expect(kim.session.permissions).not.toContain('installation:operate');
    expect((await send('POST', '/v1/organisations', body, kim.browser)).status).toBe(403);
    expect((await send('GET', '/v1/installation', undefined, kim.browser)).status).toBe(200);

    const key = { label: 'k', permissions: ['messages:send'] };
    const issued = await send('POST', '/v1/api-keys', key, kim.browser);
    const { id } = z.object({ key: z.object({ id: z.string() }) }).parse(issued.json()).key;
    expect((await send('DELETE', `/v1/api-keys/${id}`, undefined, administrator.browser)).status).toBe(404);
    expect((await send('POST', `/v1/api-keys/${id}/rotate`, {}, administrator.browser)).status).toBe(404);
    const foreign = { organisation: kim.session.organisation.id };
    expect((await send('PATCH', '/v1/session', foreign, administrator.browser)).status).toBe(404);
    const member = await send(
      'DELETE',
      `/v1/members/${kim.session.identity.id}`,
      undefined,
      administrator.browser,
    );
    expect(member.status).toBe(404);
    const taken = await send('POST', '/v1/organisations', { ...body, slug: 'other' }, administrator.browser);
    expect(taken.json()).toMatchObject({ code: 'already-exists', parameters: { path: 'domain' } });
    const all = await send('GET', '/v1/organisations', undefined, administrator.browser);
    expect(all.json()).toMatchObject({ items: [{ slug: 'riverside-clinic' }, { slug: 'hillside' }] });
  });

  it('lets nobody into a further organisation who has not asked for it', async () => {
    const elsewhere = { code: 'already-exists', parameters: { reason: 'enrolled-elsewhere' } };
    const expectRefused = (answer: InjectedAnswer) => {
      expect([answer.status, answer.json()]).toEqual([409, expect.objectContaining(elsewhere)]);
      expect(answer.text).not.toMatch(/kim|leo|hillside/i);
    };
    const add = (address: string) =>
      send('POST', '/v1/members', { address, displayName: 'x', roles: ['sender'] }, administrator.browser);
    // Enrolled there, and nobody known but on their domain: the same answer.
    expectRefused(await add('Kim@Hillside.TEST'));
    expectRefused(await add('chief@hillside.test'));

    const founding = { name: 'Third', slug: 'third', domain: 'third.test' };
    const found = (address: string) => {
      const body = { ...founding, administrator: { address, displayName: 'x' } };
      return send('POST', '/v1/organisations', body, administrator.browser);
    };
    expectRefused(await found('leo@clinic.test'));
    expectRefused(await found('kim@hillside.test'));
    expectRefused(await found('chief@clinic.test'));
    const own = await found('ANA@clinic.test');
    expect(own.status).toBe(201);
    const { organisation } = z
      .object({ organisation: z.object({ id: z.string() }), invitation: z.null() })
      .parse(own.json());
    const go = async (id: string) => {
      const before = administrator.browser;
      const answer = await send('PATCH', '/v1/session', { organisation: id }, before);
      // The session goes on under a new token; the old cookie is worth nothing.
      administrator = { ...administrator, browser: renewed(answer) };
      expect((await send('GET', '/v1/session', undefined, before)).status).toBe(401);
      return answer;
    };
    expect((await go(organisation.id)).status).toBe(204);
    expect((await go(administrator.session.organisation.id)).status).toBe(204);
  });

  it('changes the organisation, adds domains, and shows what DNS needs', async () => {
    const change = { timeZone: 'Europe/Madrid', locale: 'es', unreadNoticeDays: 0 };
    expect((await send('PATCH', '/v1/organisation', change, administrator.browser)).json()).toMatchObject(
      change,
    );
    expect(world.entries.at(-1)).toMatchObject({
      action: 'organisation.changed',
      details: { changed: 'timeZone locale unreadNoticeDays', unreadNoticeDays: 0 },
    });
    for (const unreadNoticeDays of [-1, 61, 1.5, '3']) {
      const wrong = await send('PATCH', '/v1/organisation', { unreadNoticeDays }, administrator.browser);
      expect(wrong.status, String(unreadNoticeDays)).toBe(422);
    }
    const name = { name: 'Riverside Clinic' };
    expect((await send('PATCH', '/v1/organisation', name, administrator.browser)).json()).toMatchObject({
      ...change, // what is not named stays as it is
      ...name,
    });
    expect(
      (await send('PATCH', '/v1/organisation', { timeZone: 'Mars/Base' }, administrator.browser)).status,
    ).toBe(422);
    const added = await send(
      'POST',
      '/v1/organisation/domains',
      { name: 'riverside.example' },
      administrator.browser,
    );
    expect(added.json()).toMatchObject({ records: [{ name: 'sp1._domainkey.riverside.example' }] });
    expect(prepared).toContain('riverside.example');
    const stolen = await send(
      'POST',
      '/v1/organisation/domains',
      { name: 'hillside.test' },
      administrator.browser,
    );
    expect(stolen.status).toBe(409);
  });

  it('leaves the sandbox once, only with known addresses', async () => {
    const go = (body: object) => send('POST', '/v1/installation/mode', body, administrator.browser);
    expect((await go({ mode: 'live' })).json()).toMatchObject({ parameters: { path: 'consoleUrl' } });
    const live = await go({ mode: 'live', consoleUrl: 'https://console.example' });
    expect(live.json()).toMatchObject({ mode: 'live', consoleUrl: 'https://console.example' });
    expect(modes.at(-1)).toBe('live');
    expect((await go({ mode: 'live' })).status).toBe(409);
  });
});

describe('bootstrap', () => {
  it('takes over nobody who is enrolled', async () => {
    const made = bootstrapOrganisation(ports, {
      name: 'Fourth',
      slug: 'fourth',
      domain: 'fourth.test',
      administrator: { address: setup.address, displayName: 'Ana' },
      passphrase: 'another passphrase',
      apiKey: { label: 'demo', permissions: ORGANISATION_PERMISSIONS },
      operator: false,
    });
    await expect(made).rejects.toMatchObject({ parameters: { reason: 'enrolled-elsewhere' } });
  });

  it('makes an organisation with a key that works at once', async () => {
    const made = await bootstrapOrganisation(ports, {
      name: 'Demo',
      slug: 'demo',
      domain: 'demo.test',
      administrator: { address: 'demo@demo.test', displayName: 'Demo' },
      passphrase: null,
      apiKey: { label: 'demo', permissions: ORGANISATION_PERMISSIONS },
      operator: false,
    });
    const answer = await send('GET', '/v1/organisation', undefined, made.apiKey.secret);
    expect(answer.json()).toMatchObject({ slug: 'demo', domains: [{ name: 'demo.test' }] });
    const api = await send('GET', '/v1/session', undefined, made.apiKey.secret);
    expect(api.json()).toMatchObject({ status: 403, parameters: { reason: 'session-only' } });
  });
});
