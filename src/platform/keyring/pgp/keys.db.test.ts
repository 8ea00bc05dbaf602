import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeys, revokeKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '#core/actor';
import { type Address, addressText } from '#core/address';
import type { ApiKeyId } from '#core/ids';
import { isUuid, type OrganisationId } from '#core/ids';
import { type Clock, newId, systemClock } from '#platform/runtime';
import { createKeyFile, createVault, type Vault } from '#platform/vault';
import { type FreshDatabase, freshDatabase } from '../../../../test/support/database.ts';
import type { LookedUp } from './look-up-key.ts';
import { makePgpKey, type PrivateKey, revokePgpKey } from './make-key.ts';
import { decryptAndVerify } from './open-octets.ts';
import type { OwnKeyAct, OwnKeyPorts } from './own-key.ts';
import { createOwnKeys, type OwnKeys } from './own-keys.ts';
import { judgeKey, type PublicPgpKey, readPublicKey } from './public-key.ts';
import { createRecipientKeys, type RecipientKeys } from './recipient-keys.ts';
import { signAndEncrypt } from './seal-octets.ts';

const DAY = 86_400_000;
let fresh: FreshDatabase;
let vault: Vault;
let home: string;
/** Days by which the clock of a test is ahead. */
let ahead = 0;
const clock: Clock = {
  now: () => new Date(Date.now() + ahead * DAY),
  monotonic: () => systemClock.monotonic() + ahead * DAY,
};

beforeAll(async () => {
  fresh = await freshDatabase();
  home = mkdtempSync(join(tmpdir(), 'sealpost-pgp-keys-'));
  const keysDirectory = join(home, 'keys');
  const rootKey = createKeyFile({
    path: join(keysDirectory, 'root.key'),
    dataDirectory: join(home, 'data'),
    clock: systemClock,
  });
  vault = await createVault({ keysDirectory, rootKey, clock: systemClock });
});
afterAll(async () => {
  await fresh.close();
  rmSync(home, { recursive: true, force: true });
});

const isOrganisation = (id: string): id is OrganisationId => isUuid(id);

function callerOf(): Caller {
  const organisation = newId();
  if (!isOrganisation(organisation)) throw new TypeError('not an id');
  return {
    organisation,
    actor: { kind: 'api-key', apiKey: newId() as ApiKeyId },
    origin: { address: null, channel: 'api' },
    permissions: new Set(),
    request: 'test',
  };
}

interface Ours {
  readonly keys: OwnKeys;
  readonly acts: string[];
}

function ours(over: Partial<OwnKeyPorts> = {}): Ours {
  const acts: string[] = [];
  const keys = createOwnKeys({
    database: fresh.database,
    vault,
    clock,
    domain: async () => 'clinic.test',
    record: async (_tx, { act }: OwnKeyAct) => void acts.push(act),
    ...over,
  });
  return { keys, acts };
}

async function publicOf(octets: Uint8Array): Promise<PublicPgpKey> {
  const key = await readPublicKey(octets);
  if (typeof key === 'string') throw new Error(key);
  return key;
}

/** What somebody writes who holds this copy of our key. */
async function writeTo(octets: Buffer): Promise<Uint8Array> {
  const recipient = await publicOf(octets);
  const verdict = await judgeKey(recipient, clock.now());
  if (verdict.kind !== 'usable') throw new Error(verdict.reason);
  const signer = await makePgpKey('Anna', 'anna@example.org', clock.now());
  return (await signAndEncrypt(Buffer.from('x'), { recipient, verdict, signer, now: clock.now() })).octets;
}

describe('the organisation’s own key', () => {
  it('is made once, also when two processes and two jobs want it at once', async () => {
    const { organisation } = callerOf();
    const [one, two] = [ours(), ours()];
    const made = await Promise.all([
      one.keys.current(organisation),
      two.keys.current(organisation),
      one.keys.maintain(organisation),
      two.keys.maintain(organisation),
    ]);
    expect(made[0]?.fingerprint).toBe(made[1]?.fingerprint);
    expect(await one.keys.list(organisation)).toHaveLength(1);
    expect([...one.acts, ...two.acts]).toEqual(['made']);
  });

  it('is not made for an organisation without a domain', async () => {
    const { organisation } = callerOf();
    const { keys } = ours({ domain: async () => null });
    expect(await keys.current(organisation)).toBeNull();
    await keys.maintain(organisation);
    expect(await keys.published(organisation)).toEqual([]);
  });

  it('has an end, which is put off half a year before it, once, by whichever worker comes first', async () => {
    const { organisation } = callerOf();
    const [one, two] = [ours(), ours()];
    const before = await one.keys.current(organisation);
    const verdict = await judgeKey(await publicOf(before?.octets ?? Buffer.alloc(0)), clock.now());
    expect(verdict.kind === 'usable' && verdict.expiresAt?.getTime()).toBeCloseTo(Date.now() + 730 * DAY, -4);
    ahead = 500;
    await one.keys.maintain(organisation);
    expect(one.acts).toEqual(['made']);
    ahead = 600;
    await Promise.all([one.keys.maintain(organisation), two.keys.maintain(organisation)]);
    expect([...one.acts, ...two.acts]).toEqual(['made', 'extended']);
    const after = await one.keys.current(organisation);
    ahead = 1_000;
    expect(after?.fingerprint).toBe(before?.fingerprint);
    // Who has met the old copy: it has expired; who fetches the new one goes on.
    const judge = async (octets: Buffer) => (await judgeKey(await publicOf(octets), clock.now())).kind;
    expect(await judge(before?.octets ?? Buffer.alloc(0))).toBe('unusable');
    expect(await judge(after?.octets ?? Buffer.alloc(0))).toBe('usable');
    ahead = 0;
  });

  it('does not sign once it has expired: the one who needs it puts the end off', async () => {
    const { organisation } = callerOf();
    const { keys, acts } = ours();
    const before = await keys.current(organisation);
    ahead = 800;
    const after = await keys.current(organisation);
    expect(after?.fingerprint).toBe(before?.fingerprint);
    expect((await judgeKey(await publicOf(after?.octets ?? Buffer.alloc(0)), clock.now())).kind).toBe(
      'usable',
    );
    expect(acts).toEqual(['made', 'extended']);
    ahead = 0;
  });

  it('says so, once, when the end cannot be put off, and says no more when it can again', async () => {
    const { organisation } = callerOf();
    let broken = false;
    const { keys, acts } = ours({
      vault: {
        sealValue: (purpose, binding, plain) => vault.sealValue(purpose, binding, plain),
        openValue: (binding, sealed) =>
          broken ? Promise.reject(new Error('no vault')) : vault.openValue(binding, sealed),
      },
    });
    await keys.current(organisation);
    [ahead, broken] = [600, true];
    await expect(keys.maintain(organisation)).rejects.toThrow('no vault');
    await expect(keys.maintain(organisation)).rejects.toThrow('no vault');
    expect(acts).toEqual(['made', 'extension-failed']);
    expect((await keys.list(organisation))[0]?.extension_failed_at).not.toBeNull();
    broken = false;
    await keys.maintain(organisation);
    expect((await keys.list(organisation))[0]?.extension_failed_at).toBeNull();
    ahead = 0;
  });

  it('gives a key that an earlier release made its first end', async () => {
    const { organisation } = callerOf();
    const { keys } = ours();
    await keys.current(organisation);
    await fresh.database.tenant([organisation], 'app', (tx) =>
      tx.execute({
        text: 'update sealpost.signing_key set expires_at = null where organisation = $1',
        values: [organisation],
      }),
    );
    await keys.maintain(organisation);
    expect((await keys.list(organisation))[0]?.expires_at).not.toBeNull();
  });

  it('is rotated: certified by the one before, both published for a time, the old one still opens', async () => {
    const caller = callerOf();
    const { organisation } = caller;
    const { keys, acts } = ours();
    const old = await keys.current(organisation);
    const letter = await writeTo(old?.octets ?? Buffer.alloc(0));
    await keys.rotate(caller, old?.fingerprint ?? '');
    const made = await keys.current(organisation);
    expect(made?.fingerprint).not.toBe(old?.fingerprint);
    const [certification] = made?.privateKey.toPublic().users[0]?.otherCertifications ?? [];
    expect(certification?.issuerKeyID.toHex()).toBe(old?.privateKey.getKeyID().toHex());
    const user = made?.privateKey.toPublic().users[0];
    if (user === undefined || certification === undefined || old === null) throw new Error('not certified');
    expect(await user.verifyCertificate(certification, [old.privateKey.toPublic()])).toBe(true);

    const published = await keys.published(organisation);
    const both = await readKeys({ binaryKeys: Buffer.concat(published.map(({ octets }) => octets)) });
    expect(both.map((key) => key.getFingerprint())).toEqual([made?.fingerprint, old.fingerprint]);
    const decryptionKeys = await keys.decryptionKeys(organisation);
    const opened = await decryptAndVerify(letter, { decryptionKeys, verificationKeys: [], now: clock.now() });
    expect(opened).toMatchObject({ kind: 'opened', octets: Buffer.from('x') });

    // Who rotates what has been rotated already does not make a third key.
    await expect(keys.rotate(caller, old.fingerprint)).rejects.toThrow('wrong-state');
    expect(await keys.list(organisation)).toMatchObject([{ state: 'current' }, { state: 'retired' }]);
    expect(acts).toEqual(['made', 'rotated']);
    ahead = 91;
    expect(await keys.published(organisation)).toHaveLength(1);
    ahead = 0;
  });

  it('makes one new key when two rotate at once', async () => {
    const caller = callerOf();
    const [one, two] = [ours(), ours()];
    const old = await one.keys.current(caller.organisation);
    const ends = await Promise.allSettled(
      [one, two].map(({ keys }) => keys.rotate(caller, old?.fingerprint ?? '')),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await one.keys.list(caller.organisation)).toHaveLength(2);
  });

  it('is revoked: published so, replaced at once by one that it does not certify, and still opens', async () => {
    const caller = callerOf();
    const { organisation } = caller;
    const { keys } = ours();
    const old = await keys.current(organisation);
    const letter = await writeTo(old?.octets ?? Buffer.alloc(0));
    const [first] = await keys.list(organisation);
    if (first === undefined) throw new Error('no key');
    await keys.revoke(caller, first.id, 'compromised');
    const made = await keys.current(organisation);
    expect(made?.fingerprint).not.toBe(old?.fingerprint);
    expect(made?.privateKey.users[0]?.otherCertifications).toEqual([]);
    const served = await Promise.all(
      (await keys.published(organisation)).map(async ({ octets }) => {
        const verdict = await judgeKey(await publicOf(octets), clock.now());
        return verdict.kind === 'usable' ? 'usable' : verdict.reason;
      }),
    );
    expect(served).toEqual(['usable', 'revoked']);
    expect((await keys.list(organisation))[1]).toMatchObject({
      state: 'revoked',
      revocation_reason: 'compromised',
    });
    const decryptionKeys = await keys.decryptionKeys(organisation);
    expect(
      await decryptAndVerify(letter, { decryptionKeys, verificationKeys: [], now: clock.now() }),
    ).toMatchObject({ kind: 'opened' });
    await expect(keys.revoke(caller, first.id, 'retired')).rejects.toThrow('wrong-state');
    await expect(keys.revoke(callerOf(), first.id, 'retired')).rejects.toThrow('not-found');
  });

  it('has a revocation certificate that revokes it where it is imported, and only for its own organisation', async () => {
    const caller = callerOf();
    const { keys, acts } = ours();
    const own = await keys.current(caller.organisation);
    const [first] = await keys.list(caller.organisation);
    const certificate = await keys.revocationCertificate(caller, first?.id ?? '');
    if (own === null) throw new Error('no key');
    const { publicKey } = await revokeKey({
      key: own.privateKey.toPublic(),
      revocationCertificate: certificate,
      format: 'object',
    });
    expect(await publicKey.isRevoked()).toBe(true);
    // Nothing is revoked by that here.
    expect(await (await keys.current(caller.organisation))?.privateKey.isRevoked()).toBe(false);
    expect(acts).toContain('revocation-exported');
    await expect(keys.revocationCertificate(callerOf(), first?.id ?? '')).rejects.toThrow('not-found');
  });
});

// ---------------------------------------------------------------- recipients

const ANNA = { local: 'anna', domain: 'example.org' };

interface Theirs {
  readonly keys: RecipientKeys;
  readonly acts: string[];
  /** What the network answers. */
  looked: LookedUp;
}

function theirs(): Theirs {
  const acts: string[] = [];
  const world: Theirs = {
    acts,
    looked: { kind: 'none' },
    keys: createRecipientKeys({
      database: fresh.database,
      vault,
      clock,
      record: async (_tx, { act }) => void acts.push(act),
      lookUp: async () => world.looked,
      addressIndex: (organisation, address) =>
        vault.blindIndex(organisation, 'pgp-address/1', addressText(address)),
    }),
  };
  return world;
}

const keyOf = async (key: PrivateKey) => publicOf(Buffer.from(key.toPublic().write()));
const anna = (name = 'Anna', from: Address = ANNA) => makePgpKey(name, addressText(from), new Date(0));
const fieldOf = (key: PrivateKey, addr = 'anna@example.org') =>
  `addr=${addr}; keydata=${Buffer.from(key.toPublic().write()).toString('base64')}`;

describe('a directory that answers with several keys', () => {
  it('is taken at its usable, newest word; the change from one to the next waits for a person', async () => {
    const { organisation } = callerOf();
    const world = theirs();
    const [old, next] = [await anna(), await makePgpKey('Anna', 'anna@example.org', new Date())];
    world.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(old)] };
    expect(await world.keys.find(organisation, ANNA)).toMatchObject({ kind: 'key' });
    // While the pinned one works, the other one beside it changes nothing.
    world.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(next), await keyOf(old)] };
    ahead = 2;
    const still = await world.keys.find(organisation, ANNA);
    expect(still).toMatchObject({ kind: 'key', key: { fingerprint: old.getFingerprint() } });
    // Then the directory tells that the old one is revoked.
    const { octets } = await revokePgpKey(old, 'superseded', clock.now());
    world.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(next), await publicOf(octets)] };
    ahead = 4;
    expect(await world.keys.find(organisation, ANNA)).toMatchObject({ code: 'key-change-unconfirmed' });
    expect(world.acts).toEqual(['pinned', 'renewed', 'change-held']);
    ahead = 0;
  });
});

describe('keys that nobody vouched for', () => {
  it('carry mail or wait, as the organisation’s rules say of their source, also after a change of the rules', async () => {
    const caller = callerOf();
    const world = theirs();
    const key = await anna();
    world.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(key)] };
    expect(await world.keys.find(caller.organisation, ANNA)).toMatchObject({ kind: 'key' });
    const vouched = { wkd: 'vouched', hkps: 'vouched', portal: 'vouched', autocrypt: 'vouched' } as const;
    await world.keys.setSettings(caller, vouched);
    expect(await world.keys.settings(caller.organisation)).toEqual(vouched);
    expect(await world.keys.find(caller.organisation, ANNA)).toEqual({
      kind: 'none',
      code: 'key-untrusted',
      parameters: { source: 'wkd' },
    });
    const [listed] = await world.keys.list(caller, null, 10);
    expect(listed).toMatchObject({ state: 'trusted', accepted: false });
    const confirmed = await world.keys.confirm(caller, listed?.id ?? '');
    expect(confirmed).toMatchObject({ state: 'trusted', accepted: true, vouched_by: caller.actor });
    expect(await world.keys.find(caller.organisation, ANNA)).toMatchObject({ kind: 'key' });
    await expect(world.keys.confirm(caller, confirmed.id)).rejects.toThrow('wrong-state');
    expect(world.acts).toContain('settings-changed');
    // Another organisation's rules are its own.
    expect((await world.keys.settings(callerOf().organisation)).wkd).toBe('first-use');
  });
});

describe('Autocrypt', () => {
  const mail = (key: PrivateKey, over = {}) => ({
    from: ANNA,
    fields: [fieldOf(key)],
    date: new Date(Date.now() - DAY),
    authenticated: true,
    ...over,
  });
  const ignored = (reason: string) => ({ kind: 'ignored', reason });

  it('keeps the key of a proven sender, and uses it once somebody has vouched for it', async () => {
    const caller = callerOf();
    const { keys, acts } = theirs();
    const key = await anna();
    expect(await keys.learnAutocrypt(caller.organisation, mail(key))).toEqual({ kind: 'kept', offer: 'pin' });
    expect(await keys.find(caller.organisation, ANNA)).toMatchObject({ code: 'key-untrusted' });
    const [listed] = await keys.list(caller, null, 10);
    expect(listed).toMatchObject({ source: 'autocrypt', accepted: false, vouched_by: null });
    await keys.confirm(caller, listed?.id ?? '');
    expect(await keys.find(caller.organisation, ANNA)).toMatchObject({ kind: 'key' });
    expect(acts).toEqual(['pinned', 'viewed', 'confirmed']);
  });

  it('does not replace a key that carries mail: another one is held, and the newest of those counts', async () => {
    const caller = callerOf();
    const { keys, acts } = theirs();
    const [trusted, second, third] = [await anna(), await anna('Second'), await anna('Third')];
    await keys.put(caller, ANNA, trusted.toPublic().armor());
    const at = (days: number) => new Date(Date.now() - days * DAY);
    const learn = (key: PrivateKey, days: number) =>
      keys.learnAutocrypt(caller.organisation, mail(key, { date: at(days) }));
    expect(await learn(second, 9)).toEqual({ kind: 'kept', offer: 'hold' });
    expect(await keys.find(caller.organisation, ANNA)).toMatchObject({ code: 'key-change-unconfirmed' });
    expect(await learn(third, 8)).toEqual({ kind: 'kept', offer: 'hold' });
    expect(await learn(second, 9)).toEqual(ignored('older'));
    const listed = await keys.list(caller, null, 10);
    expect(listed.map(({ state, key }) => [state, key.fingerprint]).sort()).toEqual([
      ['pending', third.getFingerprint()],
      ['trusted', trusted.getFingerprint()],
    ]);
    const pending = listed.find(({ state }) => state === 'pending');
    await keys.reject(caller, pending?.id ?? '');
    expect(await learn(third, 7)).toEqual({ kind: 'kept', offer: 'refused' });
    expect(await keys.find(caller.organisation, ANNA)).toMatchObject({
      key: { fingerprint: trusted.getFingerprint() },
    });
    expect(acts).toContain('superseded');
  });

  it('gives way to a newer one as long as nobody has decided anything, so that one waits at most', async () => {
    const caller = callerOf();
    const { keys } = theirs();
    for (const days of [5, 4, 3])
      await keys.learnAutocrypt(
        caller.organisation,
        mail(await anna(`Key ${days}`), { date: new Date(Date.now() - days * DAY) }),
      );
    expect(await keys.list(caller, null, 10)).toHaveLength(1);
  });

  it('counts for what the domain itself publishes, when that is the same key', async () => {
    const caller = callerOf();
    const world = theirs();
    const key = await anna();
    await world.keys.learnAutocrypt(caller.organisation, mail(key));
    world.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(key)] };
    expect(await world.keys.find(caller.organisation, ANNA)).toMatchObject({ kind: 'key' });
    expect(await world.keys.list(caller, null, 10)).toMatchObject([{ source: 'wkd', accepted: true }]);
  });

  it('takes a date that lies ahead for now, so that it does not shut out later mail', async () => {
    const { organisation } = callerOf();
    const { keys } = theirs();
    const later = new Date(Date.now() + 900 * DAY);
    await keys.learnAutocrypt(organisation, mail(await anna(), { date: later }));
    ahead = 1;
    const next = mail(await anna('Next'), { date: clock.now() });
    expect(await keys.learnAutocrypt(organisation, next)).toMatchObject({ kind: 'kept' });
    ahead = 0;
  });

  it.each<[string, (key: PrivateKey) => object | Promise<object>, string]>([
    ['of a sender who is not proven', () => ({ authenticated: false }), 'not-authenticated'],
    ['without a field', () => ({ fields: [] }), 'no-valid-field'],
    [
      'for another address than From',
      (key) => ({ fields: [fieldOf(key, 'eve@example.org')] }),
      'no-valid-field',
    ],
    ['with two valid fields', (key) => ({ fields: [fieldOf(key), fieldOf(key)] }), 'several-valid-fields'],
    [
      'whose key names somebody else',
      async () => ({ fields: [fieldOf(await anna('Eve', { local: 'eve', domain: 'example.org' }))] }),
      'bad-key',
    ],
    [
      'whose key is no key',
      () => ({ fields: [`addr=anna@example.org; keydata=${Buffer.from('hello').toString('base64')}`] }),
      'bad-key',
    ],
    [
      'whose key has expired',
      async () => ({
        fields: [fieldOf(await makePgpKey('Anna', 'anna@example.org', new Date(0), new Date(DAY)))],
      }),
      'unusable-key',
    ],
  ])('takes nothing from a mail %s', async (_what, over, reason) => {
    const { organisation } = callerOf();
    const { keys, acts } = theirs();
    const key = await anna();
    expect(await keys.learnAutocrypt(organisation, mail(key, await over(key)))).toEqual(ignored(reason));
    expect(acts).toEqual([]);
  });
});
