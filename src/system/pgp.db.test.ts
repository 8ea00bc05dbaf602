import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import type { PortalPersonId } from '#core/ids';
import type { Policy } from '#core/policy';
import { DEFAULT_POLICY } from '#core/policy';
import type { InjectedAnswer } from '#platform/http';
import { makePgpKey, wkdHash } from '#platform/keyring';
import { parseAddress } from '#platform/mail';
import { loadConfig, newId, silentLogger } from '#platform/runtime';
import { keyRoutes } from '#products/keys';
import { type FreshDatabase, freshDatabase } from '../../test/support/database.ts';
import { noSessions, serveForTest } from '../../test/support/http-server.ts';
import { type RoadForTest, startRoadForTest } from '../../test/support/road.ts';
import { makeAuthority, makeCertificate } from '../platform/keyring/certificates/certificate-fixture.ts';
import { portalWishes } from './portal-wishes.ts';

const PAULA = 'paula@pgp.test';
const content = (subject: string) =>
  Buffer.from(
    [
      'From: Staff <staff@clinic.test>',
      `To: ${PAULA}`,
      `Subject: ${subject}`,
      'Date: Sun, 22 Nov 2026 10:00:00 +0000',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      'CANARY-BODY: grüße.',
      '',
    ].join('\r\n'),
  );

let home: string;
let fresh: FreshDatabase;
let road: RoadForTest;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sealpost-pgp-'));
  fresh = await freshDatabase({ poolSize: 10 });
  const config = loadConfig({}, { SEALPOST_HOME: home, DATABASE_URL: fresh.url });
  road = await startRoadForTest(config, silentLogger);
  const { version, ...document }: Policy = { ...DEFAULT_POLICY, methods: ['pgp', 'tls'] };
  await road.parts.policies.save(road.caller, version, document);
});

afterAll(async () => {
  await road.close();
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

async function send(subject: string) {
  const accepted = await road.submit('staff@clinic.test', [PAULA], content(subject));
  return (await road.waitForEnds(accepted.id, 20_000))[PAULA];
}

const address = (text: string) => {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error('not an address');
  return parsed;
};
/** Why methods before the one that was taken could not protect, as it stands with the newest delivery. */
const lastFailures = async () => {
  const [row] = await road.parts.foundation.database.tenant([road.organisation], 'app', (tx) =>
    tx.query<{ failures: unknown }>({
      text: 'select failures from sealpost.delivery where organisation = $1 order by id desc limit 1',
      values: [road.organisation],
    }),
  );
  return row?.failures;
};
const find = () => road.parts.pgp.keys.find(road.organisation, address(PAULA));
const listed = () => road.parts.pgp.keys.list(road.caller, null, 50);
const audited = async (action: string) =>
  road.parts.foundation.database.tenant([road.organisation], 'app', (tx) =>
    road.parts.foundation.audit.list(tx, road.organisation, { cursor: null, limit: 50, action }),
  );

type Call = (method: 'GET' | 'POST', path: string, secret?: string, body?: object) => Promise<InjectedAnswer>;

/** The life of the organisation's key by the API, and what its directory says of it. */
async function ownKeyByApi(call: Call, open: (path: string) => Promise<InjectedAnswer>): Promise<void> {
  const { pgp } = road.parts;
  const own = await pgp.ownKey(road.organisation);
  const first = (await call('GET', '/v1/openpgp-key')).json();
  expect(first).toMatchObject({ extensionFailedAt: null, earlier: [] });
  const replaces = { replaces: own?.fingerprint };
  expect((await call('POST', '/v1/openpgp-key/rotate', 'sp_reader', replaces)).status).toBe(403);
  const rotated = await call('POST', '/v1/openpgp-key/rotate', 'sp_all', replaces);
  expect(rotated.json()).toMatchObject({
    earlier: [{ fingerprint: own?.fingerprint, state: 'retired', revokedAt: null }],
  });
  expect((await call('POST', '/v1/openpgp-key/rotate', 'sp_all', replaces)).status).toBe(409);
  const id = own === null ? '' : ((await pgp.ownKeys.list(road.organisation))[1]?.id ?? '');
  const certificate = await call('POST', `/v1/openpgp-key/${id}/revocation-certificate`);
  expect(certificate.text).toContain('BEGIN PGP PUBLIC KEY BLOCK');
  const revoked = await call('POST', `/v1/openpgp-key/${id}/revoke`, 'sp_all', { reason: 'superseded' });
  expect(revoked.json()).toMatchObject({ earlier: [{ state: 'revoked', revocationReason: 'superseded' }] });
  const served = await open(`/.well-known/openpgpkey/clinic.test/hu/${wkdHash('office')}`);
  const published = await pgp.published('clinic.test');
  expect(published).toHaveLength(2);
  expect(Number(served.headers['content-length'])).toBe(
    published.reduce((sum, { octets }) => sum + octets.length, 0),
  );
  for (const act of ['made', 'rotated', 'revocation-exported', 'revoked'])
    expect((await audited(`organisation-key.${act}`))?.lines, act).toHaveLength(1);
}

describe('OpenPGP on the road', () => {
  it('finds the key where the domain publishes it, pins it, and delivers what only she can read', async () => {
    expect(await send('CANARY-SUBJECT one')).toEqual({ state: 'delivered', method: 'pgp' });
    const [mail] = await road.sandbox().mailboxes.waitFor(PAULA, 1);
    const text = mail?.bytes.toString('latin1') ?? '';
    expect(text).toContain('Subject: [...]');
    expect(text).toContain('DKIM-Signature:');
    expect(text).not.toMatch(/CANARY/);
    const own = await road.parts.pgp.ownKey(road.organisation);
    const opened = await road
      .sandbox()
      .pgpUser(PAULA)
      ?.open(mail?.bytes ?? Buffer.alloc(0), own?.armoured ?? null);
    if (opened?.kind !== 'opened') throw new Error(opened?.kind);
    expect(opened.signature).toBe('good');
    expect(opened.hidden).toEqual(['subject']);
    expect(opened.message.toString()).toContain('Subject: CANARY-SUBJECT one\r\n');
    expect(opened.message.toString()).toContain('CANARY-BODY: grüße.\r\n');
    expect(await listed()).toMatchObject([
      { state: 'trusted', source: 'wkd', vouched_by: null, address: PAULA },
    ]);
    expect((await audited('recipient-key.pinned'))?.lines).toHaveLength(1);
  }, 40_000);

  it('keeps neither address, fingerprint nor user id in clear', async () => {
    const rows = await road.parts.foundation.database.tenant([road.organisation], 'app', (tx) =>
      tx.query<{ row: string }>({ text: 'select pgp_key::text as row from sealpost.pgp_key' }),
    );
    const [key] = await listed();
    const octets = rows[0]?.row ?? '';
    const hidden = [PAULA, 'Paula Gray', key?.key.fingerprint ?? 'none'];
    for (const text of hidden) {
      expect(octets).not.toContain(text);
      expect(octets).not.toContain(Buffer.from(text).toString('hex'));
    }
    expect(octets).not.toContain(Buffer.from(key?.key.fingerprint ?? '', 'hex').toString('hex'));
  });

  it('holds a different key from an automatic source, delivers by the next method, and asks a person', async () => {
    const { database } = road.parts.foundation;
    const [before] = await listed();
    if (before === undefined) throw new Error('no key');
    // As if the domain had published another key before: today's is then a change.
    const other = await makePgpKey('Paula Gray', PAULA, new Date());
    await road.parts.pgp.keys.put(road.caller, address(PAULA), other.toPublic().armor());
    await database.tenant([road.organisation], 'app', async (tx) => {
      await tx.execute({
        text: `update sealpost.pgp_key set vouched_by = null, source = 'wkd' where state = 'trusted'`,
      });
      await tx.execute({ text: `update sealpost.pgp_lookup set looked_at = now() - interval '2 days'` });
    });
    expect(await send('CANARY-SUBJECT two')).toEqual({ state: 'delivered', method: 'tls' });
    expect(await lastFailures()).toEqual([{ method: 'pgp', code: 'key-change-unconfirmed', parameters: {} }]);
    expect(await find()).toMatchObject({ kind: 'none', code: 'key-change-unconfirmed' });
    expect((await audited('recipient-key.change-held'))?.lines).toHaveLength(1);
    const pending = (await listed()).find((one) => one.state === 'pending');
    expect(pending?.id).toBe(before.id);

    const rejected = await road.parts.pgp.keys.reject(road.caller, before.id);
    expect(rejected.state).toBe('rejected');
    expect(await find()).toMatchObject({ kind: 'key', key: { fingerprint: other.getFingerprint() } });
    await expect(road.parts.pgp.keys.confirm(road.caller, before.id)).rejects.toThrow('wrong-state');
  }, 40_000);

  it('takes a key that a person vouches for, names who it was, and can be told never to use it again', async () => {
    const mine = await makePgpKey('Paula', PAULA, new Date());
    const put = await road.parts.pgp.keys.put(road.caller, address(PAULA), mine.toPublic().armor());
    expect(put).toMatchObject({ state: 'trusted', vouched_by: road.caller.actor });
    expect(await find()).toMatchObject({ kind: 'key', id: put.id });
    await road.parts.pgp.keys.revoke(road.caller, put.id);
    expect(await find()).toMatchObject({ kind: 'none', code: 'key-revoked' });
    await road.parts.pgp.keys.remove(road.caller, put.id);
    expect((await listed()).some((one) => one.id === put.id)).toBe(false);
    await expect(road.parts.pgp.keys.remove(road.caller, put.id)).rejects.toThrow('not-found');
  });

  it.each([
    ['a secret key', (key: Awaited<ReturnType<typeof makePgpKey>>) => key.armor(), PAULA, 'private-key'],
    [
      'a key of somebody else',
      (key: Awaited<ReturnType<typeof makePgpKey>>) => key.toPublic().armor(),
      'eve@pgp.test',
      'other-address',
    ],
    ['no key', () => 'hello', PAULA, 'unreadable'],
  ])('refuses %s', async (_what, text, owner, rule) => {
    const key = await makePgpKey('X', owner, new Date());
    await expect(road.parts.pgp.keys.put(road.caller, address(PAULA), text(key))).rejects.toMatchObject({
      code: 'invalid',
      parameters: { reason: rule },
    });
  });

  it('publishes the organisation’s key for its own domain and no other', async () => {
    const own = await road.parts.pgp.ownKey(road.organisation);
    expect(own?.address).toBe('office@clinic.test');
    expect(await road.parts.pgp.published('clinic.test')).toEqual([
      { address: 'office@clinic.test', octets: own?.octets },
    ]);
    expect(await road.parts.pgp.published('elsewhere.test')).toEqual([]);
  });

  it('serves keys by the API, and our own as a Web Key Directory', async () => {
    const { pgp } = road.parts;
    const { actor } = road.caller;
    if (actor.kind !== 'api-key') throw new Error('not a key');
    const routes = keyRoutes({
      ...pgp,
      labelActor: async () => ({ kind: 'api-key', id: actor.apiKey, label: 'Laboratory' }),
    });
    const http = await serveForTest(routes, {
      authenticator: {
        apiKey: async (secret) => ({
          organisation: road.organisation,
          actor,
          permissions: new Set<Permission>(secret === 'sp_reader' ? ['recipient-keys:read'] : PERMISSIONS),
        }),
        sessions: noSessions,
      },
    });
    const call = (
      method: 'GET' | 'POST' | 'PUT' | 'DELETE',
      path: string,
      secret = 'sp_all',
      body?: object,
    ) =>
      http.inject({
        method,
        path,
        headers: { authorization: `Bearer ${secret}` },
        ...(body === undefined ? {} : { body }),
      });
    const key = await makePgpKey('Ben', 'ben@pgp.test', new Date());
    const wanted = { address: 'Ben@pgp.test', key: key.toPublic().armor() };

    expect((await call('POST', '/v1/openpgp-keys', 'sp_reader', wanted)).status).toBe(403);
    const added = await call('POST', '/v1/openpgp-keys', 'sp_all', wanted);
    expect(added.status, added.text).toBe(201);
    expect(added.json()).toMatchObject({
      fingerprint: key.getFingerprint(),
      state: 'trusted',
      usable: true,
      vouchedBy: { label: 'Laboratory' },
    });
    const list = await call('GET', '/v1/openpgp-keys', 'sp_reader');
    expect(list.text).toContain(key.getFingerprint());
    const secret = await call('POST', '/v1/openpgp-keys', 'sp_all', { ...wanted, key: key.armor() });
    expect(secret.status).toBe(422);
    expect(secret.json()).toMatchObject({ parameters: { path: 'key', reason: 'private-key' } });
    const id = /"id":"([0-9a-f-]{36})"/.exec(added.text)?.[1] ?? '';
    expect((await call('POST', `/v1/openpgp-keys/${id}/confirm`)).status).toBe(409);
    expect((await call('POST', `/v1/openpgp-keys/${id}/revoke`)).json()).toMatchObject({ state: 'revoked' });
    expect((await call('DELETE', `/v1/openpgp-keys/${id}`)).status).toBe(204);
    expect((await call('DELETE', `/v1/openpgp-keys/${id}`)).status).toBe(404);

    const own = await pgp.ownKey(road.organisation);
    expect((await call('GET', '/v1/openpgp-key')).json()).toMatchObject({ fingerprint: own?.fingerprint });
    const settings = { wkd: 'vouched', hkps: 'vouched', portal: 'vouched', autocrypt: 'vouched' };
    expect((await call('PUT', '/v1/openpgp-settings', 'sp_reader', settings)).status).toBe(403);
    expect((await call('PUT', '/v1/openpgp-settings', 'sp_all', settings)).status).toBe(200);
    expect((await call('GET', '/v1/openpgp-settings')).json()).toEqual(settings);
    const open = (path: string, host = 'openpgpkey.clinic.test') =>
      http.inject({ method: 'GET', path, headers: { host } });
    const directory = '/.well-known/openpgpkey';
    const found = await open(`${directory}/clinic.test/hu/${wkdHash('office')}?l=office`);
    expect(found.status).toBe(200);
    expect(found.headers['content-type']).toBe('application/octet-stream');
    expect((await open(`${directory}/hu/${wkdHash('office')}?l=office`, 'clinic.test')).status).toBe(200);
    expect((await open(`${directory}/clinic.test/policy`)).text).toBe('');
    await ownKeyByApi(call, open);
    for (const path of [
      `${directory}/clinic.test/hu/${wkdHash('paula')}`,
      `${directory}/elsewhere.test/hu/${wkdHash('office')}`,
      `${directory}/elsewhere.test/policy`,
    ])
      expect((await open(path)).status).toBe(404);
    await http.close(0);
  });
});

describe('a key that its owner hands in at the portal', () => {
  const OWNER = 'owner@keys.test';
  const wishes = () => {
    const { foundation, policies, waivers, pgp, smime } = road.parts;
    return portalWishes({ foundation, policies, waivers, pgp, smime, texts: undefined });
  };
  const owner = (): Caller => ({
    organisation: road.organisation,
    actor: { kind: 'recipient', person: newId() as PortalPersonId },
    origin: { address: null, channel: 'portal' },
    permissions: new Set(),
    request: 'test',
  });
  const handIn = (text: string) => wishes().handInKey(owner(), address(OWNER), text);
  const key = async (to = OWNER) => (await makePgpKey('Owner', to, new Date())).toPublic().armor();

  it('is taken on first use, vouched for by its owner; a change is held, also after it was taken away', async () => {
    const first = await key();
    expect(await handIn(await key('other@keys.test'))).toBe('other-address');
    expect(await handIn((await makePgpKey('Owner', OWNER, new Date())).armor())).toBe('secret');
    expect(await handIn('-----BEGIN PGP PUBLIC KEY BLOCK-----')).toBe('unreadable');
    expect(await handIn(first)).toBe('taken');
    expect(await handIn(first)).toBe('known');
    const stored = (await listed()).find((one) => one.address === OWNER);
    expect(stored).toMatchObject({ state: 'trusted', source: 'portal', vouched_by: { kind: 'recipient' } });
    expect(await handIn(await key())).toBe('held');
    const [mine] = await wishes().keys(road.organisation, address(OWNER));
    expect(mine).toMatchObject({ kind: 'pgp', state: 'used', mine: true });
    expect(await wishes().withdrawKey(owner(), address('other@keys.test'), mine?.id ?? '')).toBe(false);
    expect(await wishes().withdrawKey(owner(), address(OWNER), mine?.id ?? '')).toBe(true);
    expect(await handIn(first)).toBe('held');
    expect(await handIn(await key())).toBe('held');
  });

  it('is not theirs to take away where staff vouched for it', async () => {
    const to = 'vouched@keys.test';
    const kept = await road.parts.pgp.keys.put(road.caller, address(to), await key(to));
    expect(await wishes().withdrawKey(owner(), address(to), kept.id)).toBe(false);
    expect(await wishes().handInKey(owner(), address(to), await key(to))).toBe('held');
  });

  it('is, as a certificate, taken under a trusted root alone, and held where another usable one stands', async () => {
    const authority = makeAuthority();
    const made = () => makeCertificate({ name: 'Owner', issuer: authority, emails: [OWNER] });
    const first = made();
    expect(await handIn(first.pem)).toBe('not-trusted');
    await road.parts.foundation.database.tenant([road.organisation], 'app', (tx) =>
      road.parts.smime.records.addAnchor(tx, road.organisation, authority.certificate),
    );
    road.parts.smime.certificates.forget(road.organisation);
    const strange = makeCertificate({ name: 'X', issuer: authority, emails: ['other@keys.test'] });
    expect(await handIn(strange.pem)).toBe('other-address');
    expect(await handIn(`${first.pem}${first.keyPem}`)).toBe('secret');
    expect(await handIn(first.pem)).toBe('taken');
    expect(await handIn(first.pem)).toBe('known');
    expect(await handIn(made().pem)).toBe('held');
    const mine = (await wishes().keys(road.organisation, address(OWNER))).find(
      ({ kind }) => kind === 'smime',
    );
    expect(mine).toMatchObject({ state: 'used', mine: true });
    expect(await wishes().withdrawKey(owner(), address(OWNER), mine?.id ?? '')).toBe(true);
    expect(await handIn(made().pem)).toBe('taken');
  });
});

describe('texts, by the word of the one who gets them', () => {
  const owner = { local: 'texted', domain: 'keys.test' };
  const person = newId() as PortalPersonId;
  const caller = (actor: Caller['actor']): Caller => ({
    organisation: road.organisation,
    actor,
    origin: { address: null, channel: 'portal' },
    permissions: new Set(),
    request: 'test',
  });

  it('stop and go on, and nobody is reached meanwhile', async () => {
    const { foundation, policies, waivers, pgp, smime, texts, text } = road.parts;
    const wishes = portalWishes({
      ...{ foundation, policies, waivers, pgp, smime },
      texts: texts ?? undefined,
      channel: text,
    });
    const { organisation } = road;
    const recipient = caller({ kind: 'recipient', person });
    expect(await wishes.textConsent(organisation, owner)).toBeNull();
    expect(await wishes.stopTexts(recipient, owner, true)).toBe(false);
    await text.recipients.create(road.caller, 'texted@keys.test', {
      ...{ mobile: '+34600000077', stopped: false, challenge: null, fallback: null },
    });
    const reach = () =>
      foundation.database.tenant([organisation], 'app', (tx) => text.texts.reach(tx, organisation, owner));
    expect(await reach()).not.toBeNull();
    expect(await wishes.stopTexts(recipient, owner, true)).toBe(true);
    expect(await wishes.textConsent(organisation, owner)).toEqual({ masked: '••77', stopped: true });
    expect(await reach()).toBeNull();
    expect(await wishes.stopTexts(recipient, owner, false)).toBe(true);
    expect(await reach()).not.toBeNull();
  });
});
