import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#core/ids';
import { newId } from '#platform/runtime';
import { type OidcIdp, startOidcIdp } from '../../../test/support/oidc-idp.ts';
import { arriveAsStaff } from './arrive.ts';
import { createConnections } from './connections.ts';
import { createRoad } from './road.ts';
import { type Change, type Connection, openSignOnStage, type SignOnStage } from './test-kit.ts';

let stage: SignOnStage;
let idp: OidcIdp;
let connection: Connection;
let secondIdp: OidcIdp;

const change = (more: Partial<Change> = {}, rules: Partial<Change['rules']> = {}): Change => ({
  name: 'Clinic',
  live: true,
  provider: {
    ...{ kind: 'oidc', issuer: idp.issuer, clientId: idp.client.id, method: 'client_secret_basic' },
    ...{ secret: idp.client.secret, scopes: ['email', 'profile', 'groups'], userInfo: true },
  },
  domains: ['c1.test'],
  enforced: false,
  exempt: [],
  ...more,
  rules: {
    ...connection.rules,
    jit: true,
    mapping: [{ value: 'nurses', roles: ['nurse'], group: true }],
    ...rules,
  },
});
const put = async (more: Partial<Change> = {}, rules: Partial<Change['rules']> = {}) =>
  stage.api<Connection & { parameters?: { reason: string } }>(
    'PUT',
    `/v1/sso-connections/${connection.id}`,
    change(more, rules),
  );
const start = () => `/sso/${connection.id}/start`;

const person = (sub: string, more: Record<string, unknown> = {}) => ({
  sub,
  claims: { email: `${sub}@c1.test`, email_verified: true, name: sub, groups: ['nurses'], ...more },
});

/** The whole road, in one browser. */
async function signOn(sub: string, more: Record<string, unknown> = {}, to = '') {
  idp.person = person(sub, more);
  const browser = stage.browser();
  const left = await browser.get(`${start()}${to}`);
  const back = await browser.get(await freshVisit(left.location));
  return { browser, location: back.location };
}

/** Each person with a browser of their own at the provider too. */
async function freshVisit(url: string): Promise<string> {
  const { visit } = idp;
  idp.forget();
  return visit(url);
}

beforeAll(async () => {
  stage = await openSignOnStage();
  const made = await stage.api<Connection>('POST', '/v1/sso-connections', { kind: 'oidc', name: 'Clinic' });
  expect(made.status).toBe(201);
  connection = made.body;
  const more = {
    backchannel_logout_uri: connection.places.backChannelLogoutUri,
    post_logout_redirect_uris: ['http://127.0.0.1/sign-in'],
  };
  idp = await startOidcIdp(() => [connection.places.redirectUri], more);
  secondIdp = await startOidcIdp(() => [connection.places.redirectUri]);
});
afterAll(async () => {
  await Promise.all([idp.close(), secondIdp.close()]);
  await stage.close();
});
beforeEach(async () => {
  expect((await put()).status).toBe(200);
});

describe('a sign-in at the organisation’s provider', () => {
  it('makes a member with the roles of their groups, and a session that says how it came', async () => {
    const { browser, location } = await signOn('nora', {}, '?to=/messages');
    expect(location).toBe('/messages');
    const live = await stage.live(browser.session());
    expect(live?.organisation).toBe(stage.admin.organisation);
    expect(live?.session.factors).toEqual(['oidc']);
    expect(live?.permissions.has('messages:read-content')).toBe(true);
    expect(live?.permissions.has('policies:write')).toBe(false);
    const actions = stage.world.entries.map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(['member.added', 'sso.linked', 'sso.roles-synced', 'session.started']),
    );
    // No address and no name stands in what is recorded.
    expect(JSON.stringify(stage.world.entries)).not.toMatch(/nora/);
  });

  it('puts the methods on record only where the connection trusts the provider to know them', async () => {
    await put({}, { trustMethods: true });
    const { browser } = await signOn('ursula');
    expect((await stage.live(browser.session()))?.session.factors).toEqual([
      'oidc',
      'pwd',
      'hwk',
      'phishing-resistant',
    ]);
  });

  it('takes away what the provider no longer says, at once also in the sessions that stand', async () => {
    const first = await signOn('otto');
    const before = await stage.live(first.browser.session());
    expect(before?.permissions.has('messages:send')).toBe(true);
    await signOn('otto', { groups: [] });
    const after = await stage.live(first.browser.session());
    expect(after?.permissions.has('messages:send')).toBe(false);
    expect(await stage.rolesOf(before?.session.identity ?? (newId() as never))).toEqual([]);
  });

  it('ends the membership of somebody who left the required group, and takes them in again when they are back', async () => {
    await put({}, { requiredGroup: 'nurses', endsMembership: true });
    const { browser } = await signOn('ida');
    const identity = (await stage.live(browser.session()))?.session.identity;
    const out = await signOn('ida', { groups: ['others'] });
    expect(out.location).toBe('/sign-in?refused=not-allowed');
    expect(await stage.live(browser.session())).toBeNull();
    expect(await stage.access.members.organisationsOf(identity ?? (newId() as never))).toEqual([]);
    expect((await signOn('ida')).location).toBe('/');
  });

  it('takes nobody for the person whom another provider calls by the same subject', async () => {
    const of = async ({ browser }: Awaited<ReturnType<typeof signOn>>) =>
      (await stage.live(browser.session()))?.session.identity;
    const first = await of(await signOn('sybil'));
    const moved = {
      ...change().provider,
      ...{ issuer: secondIdp.issuer, clientId: secondIdp.client.id, secret: secondIdp.client.secret },
    };
    stage.world.clock.advance(1);
    expect((await put({ provider: moved as never })).status).toBe(200);
    const claims = { ...person('sybil').claims, email: 'somebody.else@c1.test' };
    secondIdp.person = { sub: 'sybil', claims };
    const browser = stage.browser();
    const left = await browser.get(start());
    const { location } = await browser.get(await secondIdp.visit(left.location));
    expect(location).toBe('/');
    expect(first).toBeDefined();
    expect(await of({ browser, location })).not.toBe(first);
    // Whom the new one names by their address is found as at a first time.
    stage.world.clock.advance(1);
    await put();
    expect(await of(await signOn('sybil'))).toBe(first);
  });

  it('does not end the last administrator because they left the required group', async () => {
    const { browser } = await signOn('ada');
    const identity = (await stage.live(browser.session()))?.session.identity ?? (newId() as never);
    const { organisation, identity: founder } = stage.admin;
    const give = (who: string, role: string) =>
      stage.world.ports.database.tenant([organisation], 'app', (tx) =>
        tx.execute({
          text: 'update sealpost.membership set roles = $3::text[] where organisation = $1 and identity = $2',
          values: [organisation, who, role === '' ? [] : [role]],
        }),
      );
    await put({}, { requiredGroup: 'nurses', endsMembership: true });
    await give(identity, 'administrator');
    await give(founder, '');
    try {
      const out = await signOn('ada', { groups: [] });
      expect([out.location, stage.refusals().at(-1)]).toEqual([
        '/sign-in?refused=not-allowed',
        'group-missing',
      ]);
      expect(await stage.access.members.organisationsOf(identity)).toEqual([organisation]);
    } finally {
      await give(founder, 'administrator');
    }
    // With another one there the rule holds for them too.
    await signOn('ada', { groups: [] });
    expect(await stage.access.members.organisationsOf(identity)).toEqual([]);
  });

  it('knows a person by the subject, whatever address the provider names later', async () => {
    const first = await signOn('vera');
    const second = await signOn('vera', { email: 'admin@clinic.test' });
    const ids = await Promise.all(
      [first, second].map(async ({ browser }) => (await stage.live(browser.session()))?.session.identity),
    );
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
  });

  it.each([
    ['/messages?state=held', '/messages?state=held'],
    ['https://evil.test/', '/'],
    ['//evil.test', '/'],
    ['/\\evil.test', '/'],
    ['/%09/evil.test', '/%09/evil.test'],
  ])('leads on to %s as %s', async (wanted, location) => {
    expect((await signOn('paul', {}, `?to=${encodeURIComponent(wanted)}`)).location).toBe(location);
  });
});

describe('who is not let in', () => {
  const lastRefusal = () => stage.refusals().at(-1);

  it('somebody of a domain that the connection does not cover', async () => {
    expect((await signOn('mallory', { email: 'mallory@elsewhere.test' })).location).toBe(
      '/sign-in?refused=not-known',
    );
    expect(lastRefusal()).toBe('domain-not-covered');
  });

  it('the address of somebody who exists, named by a second subject', async () => {
    await signOn('quinn');
    idp.person = { sub: 'quinn-2', claims: person('quinn').claims };
    const browser = stage.browser();
    const { location } = await browser.get(await freshVisit((await browser.get(start())).location));
    expect([location, lastRefusal()]).toEqual(['/sign-in?refused=not-known', 'already-linked']);
  });

  it('an address that the provider itself calls unverified', async () => {
    await signOn('rita', { email_verified: false });
    expect(lastRefusal()).toBe('address-unverified');
  });

  it('a newcomer where the connection makes no members', async () => {
    await put({}, { jit: false });
    await signOn('stella');
    expect(lastRefusal()).toBe('not-known-here');
  });

  it('somebody whom people have removed', async () => {
    const { browser } = await signOn('tom');
    const identity = (await stage.live(browser.session()))?.session.identity;
    await stage.access.members.remove(stage.caller(), identity ?? (newId() as never));
    expect((await signOn('tom')).location).toBe('/sign-in?refused=not-allowed');
    expect(lastRefusal()).toBe('membership-ended');
  });

  it('somebody whom people have removed, although they left the required group and came back to it', async () => {
    await put({}, { requiredGroup: 'nurses', endsMembership: true });
    const { browser } = await signOn('tilda');
    const identity = (await stage.live(browser.session()))?.session.identity ?? (newId() as never);
    await stage.access.members.remove(stage.caller(), identity);
    await signOn('tilda', { groups: [] });
    expect((await signOn('tilda')).location).toBe('/sign-in?refused=not-allowed');
    expect(lastRefusal()).toBe('membership-ended');
  });

  it('somebody whom people took in again after the group rule, and then removed', async () => {
    await put({}, { requiredGroup: 'nurses', endsMembership: true });
    const { browser } = await signOn('tessa');
    const identity = (await stage.live(browser.session()))?.session.identity ?? (newId() as never);
    await signOn('tessa', { groups: [] });
    const { organisation } = stage.admin;
    const again = { address: { local: 'tessa', domain: 'c1.test' }, displayName: 'Tessa', roles: [] };
    const { database } = stage.world.ports;
    const from = { origin: { address: null, channel: 'api' }, request: null } as const;
    await database.tenant([organisation], 'app', (tx) =>
      stage.access.members.add(tx, organisation, again, null, from),
    );
    stage.world.clock.advance(60);
    await stage.access.members.remove(stage.caller(), identity);
    expect((await signOn('tessa')).location).toBe('/sign-in?refused=not-allowed');
    expect(lastRefusal()).toBe('membership-ended');
  });

  it('somebody who belongs to another organisation too', async () => {
    const { browser } = await signOn('walter');
    const identity = (await stage.live(browser.session()))?.session.identity;
    const other = await stage.enrol();
    await stage.world.ports.database.tenant([other.organisation as OrganisationId], 'app', (tx) =>
      tx.execute({
        text: "insert into sealpost.membership (organisation, identity, roles) values ($1, $2, '{sender}')",
        values: [other.organisation, identity ?? ''],
      }),
    );
    expect((await signOn('walter')).location).toBe('/sign-in?refused=elsewhere');
  });

  /** As in an organisation that asks its administrators for no more than two factors. */
  const allowAnyFactor = async () => {
    const { rule } = await stage.access.signInRules.read(stage.caller());
    await stage.access.signInRules.change(stage.caller(), { ...rule, administrators: 'any' });
  };

  it('an administrator, by a connection that somebody with less set up', async () => {
    const { connections } = rooms();
    const { browser } = await signOn('xenia');
    const identity = (await stage.live(browser.session()))?.session.identity;
    await stage.world.ports.database.tenant([stage.admin.organisation], 'app', (tx) =>
      tx.execute({
        text: "update sealpost.membership set roles = '{administrator}' where identity = $1",
        values: [identity ?? ''],
      }),
    );
    // The provider says nothing of a key that cannot be fished for.
    expect((await signOn('xenia')).location).toBe('/sign-in?refused=stronger');
    expect(lastRefusal()).toBe('factor-demanded');
    await allowAnyFactor();
    expect((await signOn('xenia')).location).toBe('/');
    // Another issuer, by a caller who may set up sign-in and little else.
    const less = stage.caller(new Set(['sign-in:read', 'sign-in:write']));
    await expect(connections.change(less, connection.id, change() as never)).rejects.toMatchObject({
      code: 'not-permitted',
    });
    const bare = change({}, { mapping: [], claims: { ...connection.rules.claims, name: 'nickname' } });
    await connections.change(less, connection.id, bare as never);
    expect((await signOn('xenia')).location).toBe('/sign-in?refused=not-allowed');
    expect(lastRefusal()).toBe('above-ceiling');
  });
});

const rooms = () => {
  const connections = createConnections(stage.needs);
  return { connections, road: createRoad(stage.needs, connections) };
};

describe('what comes back by another way', () => {
  it('in another browser is refused (login CSRF); without that check it would pass', async () => {
    idp.person = person('nora');
    const back = await freshVisit((await stage.browser().get(start())).location);
    const victim = stage.browser();
    expect((await victim.get(back)).location).toBe('/sign-in?refused=try-again');
    expect(victim.session()).toBeUndefined();
    expect(stage.refusals().at(-1)).toBe('other-browser');

    const open = createRoad(stage.needs, rooms().connections, { browser: true });
    const from = { origin: { address: null, channel: 'console' }, request: null } as const;
    const again = await freshVisit((await stage.browser().get(start())).location);
    const query = Object.fromEntries(new URL(again).searchParams);
    expect((await open.cameBack(connection.id, query, undefined, from)).kind).toBe('arrived');
  });

  it('a second time is refused', async () => {
    idp.person = person('nora');
    const browser = stage.browser();
    const back = await freshVisit((await browser.get(start())).location);
    expect((await browser.get(back)).location).toBe('/');
    expect((await browser.get(back)).location).toBe('/sign-in?refused=try-again');
    expect(stage.refusals().at(-1)).toBe('unknown-attempt');
  });

  it('while the connection is turned off, after it was believed, makes no session', async () => {
    idp.person = person('nora');
    const { road } = rooms();
    const from = { origin: { address: null, channel: 'console' }, request: null } as const;
    const wish = { purpose: 'sign-in', browser: 'b', returnTo: '/', fresh: false, loginHint: null } as const;
    const begun = await road.begin(connection.id, wish, from);
    const back = await freshVisit(begun.kind === 'leave' ? begun.url : '');
    const query = Object.fromEntries(new URL(back).searchParams);
    const arrived = await road.cameBack(connection.id, query, 'b', from);
    expect(arrived.kind).toBe('arrived');
    stage.world.clock.advance(1);
    expect((await put({ live: false })).status).toBe(200);
    expect(await arriveAsStaff(stage.needs, road, arrived, undefined, from)).toEqual({
      ...{ kind: 'ended', reason: 'changed-meanwhile' },
    });
    expect(stage.refusals().at(-1)).toBe('changed-meanwhile');
  });

  it('after the connection was changed in between is refused', async () => {
    idp.person = person('nora');
    const browser = stage.browser();
    const back = await freshVisit((await browser.get(start())).location);
    stage.world.clock.advance(1);
    await put({ name: 'Renamed' });
    expect((await browser.get(back)).location).toBe('/sign-in?refused=unavailable');
    expect(stage.refusals().at(-1)).toBe('changed-meanwhile');
  });

  it('with parameters twice, or to a connection that is off, is refused', async () => {
    const browser = stage.browser();
    expect((await browser.get(`/sso/${connection.id}/callback?state=a&state=b`)).status).toBe(422);
    await put({ live: false });
    expect((await browser.get(start())).location).toBe('/sign-in?refused=unavailable');
  });
});

describe('what the provider ends', () => {
  it('ends here at once by the back channel', async () => {
    const { browser } = await signOn('yves');
    expect(await stage.live(browser.session())).not.toBeNull();
    const tokens: string[] = [];
    idp.onLogoutToken = (token) => void tokens.push(token);
    await idp.signOutEverywhere();
    expect(tokens).toHaveLength(1);
    const send = (token = '') =>
      stage.server.inject({
        method: 'POST',
        path: `/sso/${connection.id}/back-channel-logout`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ logout_token: token }).toString(),
      });
    expect((await send(tokens[0])).status).toBe(200);
    expect(await stage.live(browser.session())).toBeNull();
    const ended = stage.done('session.ended').at(-1);
    expect(ended?.details).toMatchObject({ sessions: 1, reason: 'provider-sign-out' });
    // The same token again ends nothing.
    expect((await send(tokens[0])).status).toBe(400);
    expect(stage.refusals().at(-1)).toBe('replayed');
    expect((await send('a.b.c')).status).toBe(400);
  });

  it('tells where to sign out there', async () => {
    const { browser } = await signOn('zoe');
    const answer = await stage.provenGet(browser.session() ?? '', '/v1/session/provider');
    const { signOutUrl } = answer.json() as { signOutUrl: string };
    const url = new URL(signOutUrl);
    expect(url.origin).toBe(idp.issuer);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe('http://127.0.0.1/sign-in');
    expect(url.searchParams.get('id_token_hint')).toMatch(/^ey/);
  });
});

describe('setting it up', () => {
  it('shows no secret, and keeps it for the same issuer and client only', async () => {
    const got = await stage.api<Connection>('GET', `/v1/sso-connections/${connection.id}`);
    expect(JSON.stringify(got.body)).not.toContain(idp.client.secret);
    expect(got.body.provider).toMatchObject({ secretKept: true });
    const { secret: _secret, ...provider } = change().provider as { secret?: string } & Record<
      string,
      unknown
    >;
    expect((await put({ provider: provider as never })).status).toBe(200);
    const moved = { ...provider, issuer: secondIdp.issuer };
    expect((await put({ provider: moved as never })).body).toMatchObject({
      parameters: { reason: 'needs-secret' },
    });
  });

  it.each([
    ['a domain of somebody else', { domains: ['elsewhere.test'] }, {}, 'not-yours'],
    ['no way in for the day without provider', { enforced: true }, {}, 'needs-exempt'],
    ['a role that there is not', {}, { defaultRoles: ['emperor'] }, 'unknown-role'],
    ['the end of memberships without a group', {}, { endsMembership: true }, 'needs-group'],
  ])('refuses %s', async (_name, more: Partial<Change>, rules, reason) => {
    const answer = await put(more, rules);
    expect([answer.status, answer.body.parameters?.reason]).toEqual([422, reason]);
  });

  it('enforced, closes the passphrase to people of its domains but for those named', async () => {
    const enrolled = await stage.enrol();
    const { database } = stage.world.ports;
    // The access room's people stand on clinic.test, which becomes the first organisation's own here.
    await database.tenant([stage.admin.organisation], 'app', (tx) =>
      tx.execute({
        text: "insert into sealpost.domain (id, organisation, name) values ($1, $2, 'clinic.test') on conflict do nothing",
        values: [newId(), stage.admin.organisation],
      }),
    );
    const exempt = [stage.admin.identity];
    expect((await put({ domains: ['c1.test', 'clinic.test'], enforced: true, exempt })).status).toBe(200);
    await expect(stage.signIn(stage.admin)).resolves.toBeDefined();
    // Another organisation's people are not touched by it.
    await expect(stage.signIn(enrolled)).resolves.toBeDefined();
    await put({ domains: ['c1.test', 'clinic.test'], enforced: true, exempt: [await memberOf('uwe')] });
    await expect(stage.signIn(stage.admin)).rejects.toMatchObject({
      code: 'not-permitted',
      parameters: { reason: 'single-sign-on' },
    });
    expect(stage.done('session.refused').at(-1)?.details).toEqual({ reason: 'single-sign-on' });
    await expect(stage.signIn(enrolled)).resolves.toBeDefined();
  });

  it('shows in a try what the provider says and what would come of it, and leaves nothing behind', async () => {
    await put({ live: false });
    idp.person = person('newcomer');
    idp.forget();
    const { token } = { token: stage.adminToken };
    const begun = await stage.api<{ url: string; try: string }>(
      'POST',
      `/v1/sso-connections/${connection.id}/tries`,
      {},
    );
    expect(begun.status).toBe(201);
    const members = (await stage.access.members.list(stage.caller(), null, 100)).length;
    const back = await idp.visit(begun.body.url);
    const answer = await stage.server.inject({
      method: 'GET',
      path: back.replace('http://127.0.0.1', ''),
      headers: { cookie: `${stage.lastCookie('sealpost-sso')}; sealpost=${token}` },
    });
    expect(answer.headers.location).toBe(
      `/settings/single-sign-on?connection=${connection.id}&try=${begun.body.try}`,
    );
    expect(answer.headers['set-cookie']).not.toMatch(/sealpost=/);
    const shown = await stage.api<{ result: Record<string, unknown> }>(
      'GET',
      `/v1/sso-connections/${connection.id}/tries/${begun.body.try}`,
    );
    expect(shown.body.result).toMatchObject({
      outcome: 'let-in',
      subject: 'newcomer',
      roles: ['nurse'],
      groups: ['nurses'],
    });
    expect((await stage.access.members.list(stage.caller(), null, 100)).length).toBe(members);
  });

  it('says the same of a domain for everybody, and nothing of other domains', async () => {
    const ask = async (address: string) =>
      (await stage.server.inject({ method: 'POST', path: '/v1/sign-in/discover', body: { address } })).json();
    const known = await ask('nora@c1.test');
    expect(known).toEqual({ way: { id: connection.id, name: 'Clinic', startUrl: start() } });
    expect(await ask('nobody-at-all@c1.test')).toEqual(known);
    expect(await ask('nora@elsewhere.test')).toEqual({ way: null });
    const slug = (name: string) =>
      stage.server.inject({ method: 'GET', path: `/v1/sign-in/organisations/${name}` });
    expect((await slug('c1')).json()).toMatchObject({ ways: [{ id: connection.id }] });
    expect((await slug('nowhere')).json()).toEqual({ ways: [] });
  });

  it('removed, ends its sessions and the roles it gave', async () => {
    const { browser } = await signOn('wanda');
    const identity = (await stage.live(browser.session()))?.session.identity;
    expect((await stage.api('DELETE', `/v1/sso-connections/${connection.id}`)).status).toBe(204);
    expect(await stage.live(browser.session())).toBeNull();
    expect(await stage.rolesOf(identity ?? (newId() as never))).toEqual([]);
    const made = await stage.api<Connection>('POST', '/v1/sso-connections', { kind: 'oidc', name: 'Clinic' });
    connection = made.body;
  });
});

async function memberOf(sub: string): Promise<string> {
  const { browser } = await signOn(sub);
  return (await stage.live(browser.session()))?.session.identity ?? '';
}
