import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formsOf } from '../../../../test/support/page-browser.ts';
import type { Placed } from '../../../../test/support/portal.ts';
import {
  ATTEMPT,
  BASE,
  type Change,
  type DelegationStage,
  type House,
  openDelegationStage,
  SESSION,
} from './test-kit.ts';

let kit: DelegationStage;
let clinic: House;
let hospital: House;
let count = 0;

beforeAll(async () => {
  kit = await openDelegationStage();
  clinic = await kit.house('Riverside Clinic');
  hospital = await kit.house('General Hospital');
});
afterAll(() => kit.close());
beforeEach(async () => {
  await kit.set(clinic);
  await kit.set(hospital, { name: 'Hospital Portal' });
});

const someone = (): string => {
  count += 1;
  return `patient${count}@x.test`;
};
const place = (at: House, to: string, more: object = {}): Promise<Placed> =>
  kit.stage.place({ organisation: at.organisation, to, ...more });

describe('signing in by an organisation’s own patient portal', () => {
  it('is offered behind the link, and ends at the message, by either of its ids', async () => {
    const to = someone();
    const placed = await place(clinic, to);
    const reader = kit.browser();
    await reader.get(`/m/${placed.linkToken}`);
    const href = `/portal/${clinic.id}/start?message=${placed.item}`;
    expect(reader.page).toContain(`href="${href}"`);
    expect(reader.page).toContain('Sign in with MyChart');
    kit.person(clinic, to);
    await reader.get(await kit.there(reader, clinic, href));
    expect(reader.path).toBe(`/messages/${placed.item}`);
    expect(reader.page).toContain('All is well.');
    expect(reader.cookies.has(ATTEMPT)).toBe(false);
    await reader.get(`/messages/${placed.item}/reply`);
    await reader.pressMultipart(
      `/messages/${placed.item}/reply`,
      { ...formsOf(reader.page).find(({ action }) => action.endsWith('/reply'))?.fields, text: 'Thank you.' },
      [],
    );
    expect(kit.stage.replies.at(-1)).toMatchObject({
      ...{ organisation: clinic.organisation, person: placed.person, text: 'Thank you.' },
    });
    const byMessage = await kit.signIn(clinic, to.toUpperCase(), placed.message);
    expect(byMessage.path).toBe(`/messages/${placed.item}`);
    const all = await kit.entries(clinic.organisation);
    expect(all.filter(({ action }) => action === 'portal.signed-in').at(-1)).toMatchObject({
      details: { by: 'organisation-portal' },
    });
  });

  it('without a message ends at the list, and is offered in this browser from then on', async () => {
    const to = someone();
    await place(clinic, to);
    const reader = await kit.signIn(clinic, to);
    expect(reader.path).toBe('/messages');
    reader.cookies.delete(SESSION);
    await reader.get('/sign-in');
    expect(reader.page).toContain(`/portal/${clinic.id}/start`);
    const stranger = kit.browser();
    await stranger.get('/sign-in');
    expect(stranger.page).not.toContain('/portal/');
    await stranger.get(`/portal/${clinic.id}`);
    expect(stranger.page).toContain('Sign in with MyChart');
    expect(formsOf(stranger.page).map(({ action }) => action)).toContain('/sign-in');
  });

  it('speaks Spanish, and works without script', async () => {
    const placed = await place(clinic, someone());
    const reader = kit.browser();
    await reader.get(`/m/${placed.linkToken}`, { 'accept-language': 'es' });
    expect(reader.page).toContain('Iniciar sesión con MyChart');
  });

  it('begins without writing anything, so that whoever follows links changes nothing', async () => {
    const placed = await place(clinic, someone());
    const rows = () =>
      kit.stage.database.tenant([clinic.organisation], 'app', (tx) =>
        tx.one({
          text: `select (select count(*) from sealpost.portal_session) as sessions, (select count(*) from sealpost.audit_entry) as entries,
                   (select count(*) from sealpost.portal_limit) as limits, (select count(*) from sealpost.portal_access) as acts`,
        }),
      );
    const before = await rows();
    const robot = kit.browser();
    for (const path of [
      `/portal/${clinic.id}`,
      `/portal/${clinic.id}/start?message=${placed.item}`,
      `/portal/${clinic.id}/initiate?iss=${encodeURIComponent(clinic.idp.issuer)}`,
      `/portal/${clinic.id}/keys`,
    ])
      expect((await robot.once(path)).status).toBeLessThan(400);
    expect(await rows()).toEqual(before);
    expect(kit.stage.read).not.toContain(placed.delivery);
  });

  it('finds somebody by their account there, where staff have said whose it is', async () => {
    const to = someone();
    const placed = await place(clinic, to);
    await kit.set(clinic, { rules: { claim: 'sub', names: 'account' } });
    const account = `account of ${to}`;
    const stranger = await kit.signIn(clinic, to, placed.item);
    expect([stranger.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, 'not-known']);
    const { delegations } = kit.stage.portal;
    await delegations.accounts(clinic.caller, [{ account, address: to }]);
    expect((await kit.signIn(clinic, to, placed.item)).path).toBe(`/messages/${placed.item}`);
    // Whose account it is at another organisation says nothing here.
    await kit.set(hospital, { rules: { claim: 'sub', names: 'account' } });
    await place(hospital, to);
    expect((await kit.signIn(hospital, to)).cookies.has(SESSION)).toBe(false);
    expect(await delegations.accounts(clinic.caller, [{ account, address: null }])).toEqual({
      ...{ set: 0, forgotten: 1 },
    });
    expect((await kit.signIn(clinic, to)).cookies.has(SESSION)).toBe(false);
  });

  it.each([
    ['of another portal', { provider: { issuer: 'https://other.test' } }],
    ['by another claim', { rules: { claim: 'number', names: 'account' } }],
  ] as const)('takes an account %s for nobody, until staff say anew whose it is', async (_what, other) => {
    const to = someone();
    const placed = await place(clinic, to);
    const byAccount = { rules: { claim: 'sub', names: 'account' } } as const;
    const set = await kit.set(clinic, byAccount);
    const account = `account of ${to}`;
    await kit.stage.portal.delegations.accounts(clinic.caller, [{ account, address: to }]);
    await kit.set(clinic, { ...byAccount, name: 'Only the name' });
    expect((await kit.signIn(clinic, to, placed.item)).path).toBe(`/messages/${placed.item}`);
    const provider = { ...set.client.provider, ...('provider' in other ? other.provider : {}), secret: 'x' };
    await kit.set(clinic, { ...byAccount, ...other, provider: provider as never });
    await kit.set(clinic, byAccount);
    const stranger = await kit.signIn(clinic, to, placed.item);
    expect([stranger.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, 'not-known']);
  });

  it('ends what came by an account that stands for somebody else now, and nothing of others', async () => {
    const [wrong, right, other] = [someone(), someone(), someone()];
    for (const to of [wrong, right, other]) await place(clinic, to);
    await kit.set(clinic, { rules: { claim: 'sub', names: 'account' } });
    const { delegations } = kit.stage.portal;
    const say = (of: string, address: string | null) =>
      delegations.accounts(clinic.caller, [{ account: `account of ${of}`, address }]);
    await say(right, wrong);
    await say(other, other);
    const [mistaken, stays] = [await kit.signIn(clinic, right), await kit.signIn(clinic, other)];
    expect([mistaken.path, stays.path]).toEqual(['/messages', '/messages']);
    await say(right, right);
    await say(other, other);
    for (const reader of [mistaken, stays]) await reader.get('/messages');
    expect([mistaken.path, stays.path]).toEqual(['/sign-in', '/messages']);
    const set = (await kit.entries(clinic.organisation)).filter(
      ({ action }) => action === 'organisation.portal-accounts-set',
    );
    expect(set.slice(-2).map(({ details }) => details.endedSessions)).toEqual([1, 0]);
    await say(other, null);
    await stays.get('/messages');
    expect(stays.path).toBe('/sign-in');

    // Who is on the way in while it is set right is looked up again.
    await say(other, other);
    const { database } = kit.stage;
    const arriving = await database.tenant([clinic.organisation], 'app', async (tx) => {
      await tx.execute({ text: 'select from sealpost.portal_delegation for update' });
      const coming = kit.signIn(clinic, other);
      await new Promise((resolve) => setTimeout(resolve, 800));
      await tx.execute({ text: 'delete from sealpost.portal_account' });
      return { coming };
    });
    expect((await arriving.coming).cookies.has(SESSION)).toBe(false);
    expect(['changed-meanwhile', 'not-known']).toContain(await kit.lastRefusal(clinic));
  });
});

describe('what the portal says holds for its own organisation alone', () => {
  it('so messages of others under the same address are neither listed, found, opened nor counted', async () => {
    const to = someone();
    const own = await place(clinic, to, { subject: 'From the clinic' });
    const theirs = await place(hospital, to, { subject: 'From the hospital' });
    const reader = await kit.signIn(clinic, to);
    expect(reader.page).toContain('From the clinic');
    expect(reader.page).not.toMatch(/hospital/i);
    for (const path of [
      `/messages/${theirs.item}`,
      `/messages/${theirs.item}/prove`,
      `/messages/${theirs.item}/body`,
      `/messages?from=${hospital.organisation}`,
      '/preferences',
      '/access',
      '/ways',
      '/write',
    ]) {
      await reader.get(path);
      expect([path, /hospital/i.test(reader.page)]).toEqual([path, false]);
    }
    expect(kit.stage.read).not.toContain(theirs.delivery);
    await reader.get(`/m/${theirs.linkToken}`);
    expect(reader.page).not.toContain('Open message');
    await reader.press(/^\/m\//, { act: 'open' });
    expect(reader.path).toBe('/code');
    await reader.get(`/messages/${own.item}`);
    expect(reader.page).toContain('All is well.');
  });

  it('so nothing is added to the person that would reach others: no device, no passkey, whatever is proved on top', async () => {
    const to = someone();
    kit.stage.telephones.set(to, '5550100');
    const high = await place(clinic, to, { class: 'high' });
    const theirs = await place(hospital, to);
    const reader = await kit.signIn(clinic, to, high.item);
    expect(reader.path).toBe(`/messages/${high.item}/prove`);
    await reader.press(/prove$/, {}, 'text');
    await kit.typeCode(reader, 'text', true);
    expect(reader.path).toBe(`/messages/${high.item}`);
    expect(reader.cookies.has('__Host-sealpost-device')).toBe(false);
    await reader.get('/ways');
    expect(reader.page).not.toContain('data-passkey="create"');
    await reader.get('/messages');
    expect(reader.page).not.toMatch(/hospital/i);
    await reader.get(`/messages/${theirs.item}`);
    expect(kit.stage.read).not.toContain(theirs.delivery);
    const [row] = await kit.stage.database.tenant([clinic.organisation], 'app', (tx) =>
      tx.query<{ delegation: string; factors: string[] }>({
        text: 'select delegation, factors from sealpost.portal_session where ended_at is null order by id desc limit 1',
      }),
    );
    expect(row).toEqual({ delegation: clinic.id, factors: ['organisation-portal', 'texted-code'] });
  });

  it('so what the person comes in by elsewhere is neither shown nor removed', async () => {
    const to = someone();
    const placed = await place(clinic, to);
    const own = kit.browser();
    await kit.codeBy(own, placed, true);
    await own.get('/ways');
    const [device] = [...own.page.matchAll(/name="id" value="([^"]+)"/g)].map(([, id]) => id ?? '');
    expect(device).toBeDefined();
    const reader = await kit.signIn(clinic, to);
    await reader.get('/ways');
    expect(reader.page).toContain('are shown when you sign in with a code');
    expect(reader.page).not.toContain(device);
    for (const act of ['remove-device', 'remove-passkey'])
      await reader.press('/ways', { act, id: device ?? '' }).then(() => reader.get('/ways'));
    await own.get('/ways');
    expect(own.page).toContain(device);
    await own.press('/ways', { act: 'remove-device', id: device ?? '' });
    expect(own.page).not.toContain(device);
  });

  it('so signing out everywhere ends nothing at others', async () => {
    const to = someone();
    const theirs = await place(hospital, to);
    await place(clinic, to);
    const elsewhere = kit.browser();
    await kit.codeBy(elsewhere, theirs);
    const reader = await kit.signIn(clinic, to);
    await reader.get('/ways');
    await reader.press('/ways', { act: 'everywhere' });
    expect(reader.path).toBe('/signed-out');
    await elsewhere.get(`/messages/${theirs.item}`);
    expect(elsewhere.page).toContain('All is well.');
  });

  it('so another organisation’s portal that names the same address, or the message, opens nothing', async () => {
    const to = someone();
    const placed = await place(clinic, to);
    const unknown = await kit.signIn(hospital, to, placed.item);
    expect(unknown.page).toContain('No messages for this account');
    expect(await kit.lastRefusal(hospital)).toBe('not-known');
    await place(hospital, to);
    const known = await kit.signIn(hospital, to, placed.item);
    expect(known.page).toContain('This message is not for this account');
    expect([known.cookies.has(SESSION), await kit.lastRefusal(hospital)]).toEqual([false, 'not-theirs']);
    expect(kit.stage.read).not.toContain(placed.delivery);
  });

  it('and the database keeps no session that has the proof without its origin', async () => {
    const { person, organisation } = { ...(await place(clinic, someone())), ...clinic };
    const insert = kit.stage.database.tenant([organisation], 'app', (tx) =>
      tx.execute({
        text: `insert into sealpost.portal_session (id, organisation, person, token_hash, created_at, last_used_at, expires_at, factors)
               values (gen_random_uuid(), $1, $2, '\\x00', now(), now(), now(), array['organisation-portal'])`,
        values: [organisation, person],
      }),
    );
    await expect(insert).rejects.toThrow('portal_session_delegation');
  });
});

describe('nobody comes in', () => {
  it('by the account of another person than the message is for, who is told so and shown another way', async () => {
    const placed = await place(clinic, someone());
    const other = someone();
    await place(clinic, other);
    const reader = await kit.signIn(clinic, other, placed.item);
    expect(reader.page).toContain('This message is not for this account');
    expect(reader.page).toContain('href="/sign-in"');
    expect(reader.page).toContain('See the messages of this account');
    expect(reader.page).not.toMatch(/patient\d|Your results/);
    expect([reader.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, 'not-theirs']);
    expect(kit.stage.read).not.toContain(placed.delivery);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['an address that is not verified', { email_verified: false }, 'address-unverified'],
    ['an address of which nothing is said', { email_verified: undefined }, 'address-unverified'],
    ['a word that looks like yes', { email_verified: 'yes' }, 'address-unverified'],
    ['no address', { email: undefined }, 'no-claim'],
    ['two addresses', { email: ['a@x.test', 'b@x.test'] }, 'no-claim'],
    ['what is no address', { email: 'nobody' }, 'no-claim'],
  ])('with %s', async (_, claims, reason) => {
    const to = someone();
    await place(clinic, to);
    const reader = kit.browser();
    kit.person(clinic, to, claims);
    await reader.get(await kit.there(reader, clinic));
    expect([reader.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, reason]);
  });

  it('but with an unverified address where the organisation has said so', async () => {
    const to = someone();
    await place(clinic, to);
    await kit.set(clinic, { rules: { verified: false } });
    const reader = kit.browser();
    kit.person(clinic, to, { email_verified: false });
    await reader.get(await kit.there(reader, clinic));
    expect(reader.path).toBe('/messages');
  });

  it('in another browser than the one that began (login CSRF)', async () => {
    const to = someone();
    await place(clinic, to);
    const attacker = kit.browser();
    kit.person(clinic, to);
    const answer = await kit.there(attacker, clinic);
    const victim = kit.browser();
    await victim.get(answer);
    expect([victim.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, 'other-browser']);
    // Not with a sign-in of their own under way either: the state is not theirs.
    await kit.there(victim, clinic);
    await victim.get(answer);
    expect([victim.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, 'state-mismatch']);
  });

  it('with a code from another sign-in put into one’s own (PKCE)', async () => {
    const to = someone();
    await place(clinic, to);
    kit.person(clinic, to);
    const stolen = new URL(await kit.there(kit.browser(), clinic), BASE).searchParams.get('code') ?? '';
    const thief = kit.browser();
    kit.person(clinic, 'thief@x.test');
    const own = new URL(await kit.there(thief, clinic), BASE);
    own.searchParams.set('code', stolen);
    await thief.get(`${own.pathname}${own.search}`);
    expect([thief.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, 'token-refused']);
  });

  it('twice with the same answer', async () => {
    const to = someone();
    await place(clinic, to);
    const reader = kit.browser();
    kit.person(clinic, to);
    const answer = await kit.there(reader, clinic);
    const cookie = reader.cookies.get(ATTEMPT) ?? '';
    await reader.get(answer);
    expect(reader.path).toBe('/messages');
    const again = kit.browser();
    again.cookies.set(ATTEMPT, cookie);
    await again.get(answer);
    expect([again.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([false, 'replayed']);
  });

  it('by the answer of one portal at the door of another (mix-up)', async () => {
    const to = someone();
    await place(clinic, to);
    await place(hospital, to);
    const reader = kit.browser();
    kit.person(clinic, to);
    const answer = await kit.there(reader, clinic);
    const cookie = reader.cookies.get(ATTEMPT) ?? '';
    await reader.get(answer.replace(clinic.id, hospital.id));
    expect(await kit.lastRefusal(hospital)).toBe('other-browser');
    const other = kit.browser();
    other.cookies.set(ATTEMPT, cookie);
    const mixed = new URL(answer, BASE);
    mixed.searchParams.set('iss', hospital.idp.issuer);
    await other.get(`${mixed.pathname}${mixed.search}`);
    expect(await kit.lastRefusal(clinic)).toBe('issuer-mismatch');
    expect([reader, other].some(({ cookies }) => cookies.has(SESSION))).toBe(false);
  });

  it('with a cookie that was made up, is over, or of a setting that changed meanwhile', async () => {
    const to = someone();
    await place(clinic, to);
    const forged = kit.browser();
    kit.person(clinic, to);
    const answer = await kit.there(forged, clinic);
    forged.cookies.set(ATTEMPT, Buffer.alloc(300, 7).toString('base64url'));
    await forged.get(answer);
    expect(await kit.lastRefusal(clinic)).toBe('other-browser');
    const late = kit.browser();
    const lateAnswer = await kit.there(late, clinic);
    kit.stage.clock.advance(601_000);
    await late.get(lateAnswer);
    expect(late.cookies.has(SESSION)).toBe(false);
    const changed = kit.browser();
    const changedAnswer = await kit.there(changed, clinic);
    await kit.set(clinic, { name: 'Another name' });
    await changed.get(changedAnswer);
    expect([changed.cookies.has(SESSION), await kit.lastRefusal(clinic)]).toEqual([
      false,
      'changed-meanwhile',
    ]);
  });

  it('at a door that is nobody’s', async () => {
    const nowhere = { ...clinic, id: '01890a5d-ac96-774b-bcce-b302099a8057' };
    const reader = kit.browser();
    for (const path of ['', '/start', '/callback?code=x&state=y', '/initiate?iss=x', '/keys'])
      expect([path, (await reader.once(`/portal/${nowhere.id}${path}`)).status]).toEqual([path, 404]);
    const told = await reader.post(`/portal/${nowhere.id}/back-channel-logout`, { logout_token: 'a.b.c' });
    expect(told.status).toBe(400);
  });

  it('who stops at the portal, and is told how to go on', async () => {
    const reader = kit.browser();
    const left = await reader.once(`/portal/${clinic.id}/start`);
    const state = new URL(String(left.headers.location)).searchParams.get('state') ?? '';
    const iss = encodeURIComponent(clinic.idp.issuer);
    const answer = await reader.get(
      `/portal/${clinic.id}/callback?error=access_denied&state=${state}&iss=${iss}`,
    );
    expect(answer.status).toBe(403);
    expect(reader.page).toContain('was stopped');
    expect(await kit.lastRefusal(clinic)).toBe('provider-refused');
  });
});

describe('a sign-in that the portal begins', () => {
  const initiate = (fields: Record<string, string>) =>
    `/portal/${clinic.id}/initiate?${new URLSearchParams({ iss: clinic.idp.issuer, ...fields })}`;

  it('ends at the message that it names, by GET and by POST from its own pages', async () => {
    const to = someone();
    const placed = await place(clinic, to);
    const target_link_uri = `${BASE}/messages/${placed.message}`;
    const reader = kit.browser();
    kit.person(clinic, to);
    await reader.get(await kit.there(reader, clinic, initiate({ target_link_uri })));
    expect(reader.path).toBe(`/messages/${placed.item}`);
    const posted = kit.browser();
    const left = await posted.post(`/portal/${clinic.id}/initiate`, {
      iss: clinic.idp.issuer,
      target_link_uri,
    });
    await posted.get((await clinic.idp.visit(String(left.headers.location))).replace(BASE, ''));
    expect(posted.path).toBe(`/messages/${placed.item}`);
  });

  it('goes to nobody but its own issuer', async () => {
    const reader = kit.browser();
    for (const iss of [hospital.idp.issuer, `${clinic.idp.issuer}/`, 'https://evil.test']) {
      const answer = await reader.once(initiate({ iss }));
      expect([answer.status, answer.headers.location]).toEqual([404, undefined]);
    }
    expect(reader.cookies.has(ATTEMPT)).toBe(false);
  });

  it('never leads anywhere else afterwards', async () => {
    const to = someone();
    await place(clinic, to);
    for (const target_link_uri of [
      'https://evil.test/messages/01890a5d-ac96-774b-bcce-b302099a8057',
      `${BASE}//evil.test/`,
      `${BASE}@evil.test/messages/01890a5d-ac96-774b-bcce-b302099a8057`,
      `${BASE}/messages/../sign-out`,
      'javascript:alert(1)',
    ]) {
      const reader = kit.browser();
      kit.person(clinic, to);
      const answer = await kit.there(reader, clinic, initiate({ target_link_uri }));
      const back = await reader.once(answer);
      expect([target_link_uri, back.headers.location]).toEqual([target_link_uri, '/messages']);
    }
  });
});

describe('sessions that came by the portal', () => {
  const alive = async (reader: Awaited<ReturnType<typeof kit.signIn>>): Promise<boolean> => {
    await reader.get('/messages');
    return reader.path === '/messages';
  };

  it('end when it is changed in what decides, turned off or removed, and others do not', async () => {
    const to = someone();
    const placed = await place(clinic, to);
    const byCode = kit.browser();
    await kit.codeBy(byCode, placed);
    const changes: Change[] = [
      { rules: { strong: ['hwk'] } },
      { rules: { verified: false } },
      { mode: 'off' },
    ];
    for (const change of changes) {
      await kit.set(clinic);
      const reader = await kit.signIn(clinic, to);
      await kit.set(clinic, { name: 'Only the name' });
      expect(await alive(reader)).toBe(true);
      await kit.set(clinic, change);
      expect([change, await alive(reader)]).toEqual([change, false]);
    }
    expect((await kit.browser().once(`/portal/${clinic.id}/start`)).status).toBe(404);
    const away = await kit.house('Hill Practice');
    await place(away, to);
    const reader = await kit.signIn(away, to);
    expect(await alive(reader)).toBe(true);
    await kit.stage.portal.delegations.remove(away.caller);
    expect(await alive(reader)).toBe(false);
    expect(await kit.stage.portal.delegations.get(away.caller)).toBeNull();
    expect(await alive(byCode)).toBe(true);
  });

  it('end when the portal says so, of that person alone, and its word is taken once', async () => {
    const to = someone();
    const other = someone();
    await place(clinic, to);
    await place(clinic, other);
    const stays = await kit.signIn(clinic, other);
    const ends = await kit.signIn(clinic, to);
    const tokens: string[] = [];
    clinic.idp.onLogoutToken = (token) => void tokens.push(token);
    await clinic.idp.signOutEverywhere();
    const send = (house: House) =>
      kit.browser().post(`/portal/${house.id}/back-channel-logout`, { logout_token: tokens[0] ?? '' });
    expect((await send(hospital)).status).toBe(400);
    expect(await alive(ends)).toBe(true);
    expect((await send(clinic)).status).toBe(200);
    expect([await alive(ends), await alive(stays)]).toEqual([false, true]);
    expect((await send(clinic)).status).toBe(400);
    expect(await kit.lastRefusal(clinic)).toBe('replayed');
  });

  it('open the high class by the portal alone only where it says two factors, as the organisation has named them', async () => {
    const to = someone();
    const high = await place(clinic, to, { class: 'high' });
    for (const [strong, path] of [
      [[], `/messages/${high.item}/prove`],
      [['gold', 'mfa'], `/messages/${high.item}/prove`],
      [['hwk'], `/messages/${high.item}`],
    ] as const) {
      await kit.set(clinic, { rules: { strong: [...strong] } });
      expect((await kit.signIn(clinic, to, high.item)).path).toBe(path);
    }
  });

  it('are the only ones where the organisation has said so: a code opens nothing, and the portal is offered', async () => {
    const to = someone();
    const placed = await place(clinic, to);
    const reader = kit.browser();
    await kit.codeBy(reader, placed, true);
    await kit.set(clinic, { mode: 'only' });
    await reader.get(`/messages/${placed.item}`);
    expect(reader.path).toBe(`/messages/${placed.item}/prove`);
    expect(reader.page).toContain(`/portal/${clinic.id}/start?message=${placed.item}`);
    expect(reader.page).not.toContain('All is well.');
    expect(kit.stage.unproved.map(({ delivery }) => delivery)).not.toContain(placed.delivery);
    const fresh = kit.browser();
    await fresh.get(`/m/${placed.linkToken}`);
    expect(formsOf(fresh.page).some(({ action }) => action.startsWith('/m/'))).toBe(false);
    expect(fresh.page).toContain('Sign in with MyChart');
    await fresh.get(`/portal/${clinic.id}`);
    expect(formsOf(fresh.page).some(({ action }) => action === '/sign-in')).toBe(false);
    expect((await kit.signIn(clinic, to, placed.item)).page).toContain('All is well.');
  });
});

describe('what staff set', () => {
  it('is on record, needs its permission, and shows no secret and no patient in the database', async () => {
    const { delegations } = kit.stage.portal;
    const nobody = { ...clinic.caller, permissions: new Set<never>() };
    for (const act of [
      () => delegations.get(nobody),
      () => delegations.set(nobody, {} as never),
      () => delegations.remove(nobody),
      () => delegations.accounts(nobody, []),
    ])
      await expect(act()).rejects.toMatchObject({ code: 'not-permitted' });
    await expect(kit.set(hospital, { provider: null })).rejects.toMatchObject({
      parameters: { path: 'mode', reason: 'needs-provider' },
    });
    // A secret is not sent to an issuer that it was not given for.
    const moved = kit.set(hospital, {
      provider: {
        ...{ issuer: clinic.idp.issuer, clientId: 'x', method: 'client_secret_basic' },
        ...{ scopes: [], userInfo: false },
      },
    });
    await expect(moved).rejects.toMatchObject({ parameters: { path: 'provider.secret' } });
    const rows = await kit.stage.database.tenant([clinic.organisation], 'app', (tx) =>
      tx.query<{ row: string }>({ text: 'select t::text as row from sealpost.portal_delegation t' }),
    );
    const secret = Buffer.from(clinic.idp.client.secret);
    for (const shape of [secret.toString(), secret.toString('hex')])
      expect(rows.map(({ row }) => row).join()).not.toContain(shape);
    const last = (await kit.entries(clinic.organisation)).findLast(
      ({ action }) => action === 'organisation.portal-delegation-set',
    );
    expect(last).toMatchObject({ details: { mode: 'beside', names: 'address', verified: true, strong: 0 } });
  });

  it('says in the log in which respects recipients come in by less than before', async () => {
    const away = await kit.house('Low Practice');
    const changes: readonly (readonly [Change, string | null])[] = [
      [{ name: 'Only the name' }, null],
      [{ rules: { verified: false, strong: ['mfa'] } }, 'unverified strong'],
      [{ mode: 'only', rules: { claim: 'sub', names: 'account' } }, 'names'],
      [{ mode: 'off' }, 'not-only'],
      [{ mode: 'only' }, 'turned-on'],
    ];
    for (const [change] of changes) await kit.set(away, change);
    await kit.stage.portal.delegations.remove(away.caller);
    const told = (await kit.entries(away.organisation))
      .filter(({ action }) => action.startsWith('organisation.portal-delegation-'))
      .map(({ details }) => details?.loosened);
    expect(told).toEqual([null, 'turned-on', ...changes.map(([, loosened]) => loosened), 'not-only']);
  });
});
