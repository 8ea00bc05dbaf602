import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Address, addressText } from '#core/address';
import { anyCaller, DAY, type KeysWorld, openKeysWorld, publicOf } from './keys-fixture.ts';
import type { LookedUp } from './look-up-key.ts';
import { makePgpKey, type PrivateKey, revokePgpKey } from './make-key.ts';
import { createRecipientKeys, type RecipientKeys } from './recipient-keys.ts';

let world: KeysWorld;
beforeAll(async () => {
  world = await openKeysWorld();
});
afterAll(() => world.close());

const ANNA = { local: 'anna', domain: 'example.org' };

interface Theirs {
  readonly keys: RecipientKeys;
  readonly acts: string[];
  /** What the network answers. */
  looked: LookedUp;
}

function theirs(): Theirs {
  const acts: string[] = [];
  const hers: Theirs = {
    acts,
    looked: { kind: 'none' },
    keys: createRecipientKeys({
      database: world.fresh.database,
      vault: world.vault,
      clock: world.clock,
      record: async (_tx, { act }) => void acts.push(act),
      lookUp: async () => hers.looked,
      addressIndex: (organisation, address) =>
        world.vault.blindIndex(organisation, 'pgp-address/1', addressText(address)),
    }),
  };
  return hers;
}

const keyOf = async (key: PrivateKey) => publicOf(Buffer.from(key.toPublic().write()));
const anna = (name = 'Anna', from: Address = ANNA) => makePgpKey(name, addressText(from), new Date(0));
const fieldOf = (key: PrivateKey, addr = 'anna@example.org') =>
  `addr=${addr}; keydata=${Buffer.from(key.toPublic().write()).toString('base64')}`;

describe('a directory that answers with several keys', () => {
  it('is taken at its usable, newest word; the change from one to the next waits for a person', async () => {
    const { organisation } = anyCaller();
    const hers = theirs();
    const [old, next] = [await anna(), await makePgpKey('Anna', 'anna@example.org', new Date())];
    hers.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(old)] };
    expect(await hers.keys.find(organisation, ANNA)).toMatchObject({ kind: 'key' });
    // While the pinned one works, the other one beside it changes nothing.
    hers.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(next), await keyOf(old)] };
    world.ahead = 2;
    const still = await hers.keys.find(organisation, ANNA);
    expect(still).toMatchObject({ kind: 'key', key: { fingerprint: old.getFingerprint() } });
    // Then the directory tells that the old one is revoked.
    const { octets } = await revokePgpKey(old, 'superseded', world.clock.now());
    hers.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(next), await publicOf(octets)] };
    world.ahead = 4;
    expect(await hers.keys.find(organisation, ANNA)).toMatchObject({ code: 'key-change-unconfirmed' });
    expect(hers.acts).toEqual(['pinned', 'renewed', 'change-held']);
    world.ahead = 0;
  });
});

describe('keys that nobody vouched for', () => {
  it('carry mail or wait, as the organisation’s rules say of their source, also after a change of the rules', async () => {
    const caller = anyCaller();
    const hers = theirs();
    const key = await anna();
    hers.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(key)] };
    expect(await hers.keys.find(caller.organisation, ANNA)).toMatchObject({ kind: 'key' });
    const vouched = { wkd: 'vouched', hkps: 'vouched', portal: 'vouched', autocrypt: 'vouched' } as const;
    await hers.keys.setSettings(caller, vouched);
    expect(await hers.keys.settings(caller.organisation)).toEqual(vouched);
    expect(await hers.keys.find(caller.organisation, ANNA)).toEqual({
      kind: 'none',
      code: 'key-untrusted',
      parameters: { source: 'wkd' },
    });
    const [listed] = await hers.keys.list(caller, null, 10);
    expect(listed).toMatchObject({ state: 'trusted', accepted: false });
    const confirmed = await hers.keys.confirm(caller, listed?.id ?? '');
    expect(confirmed).toMatchObject({ state: 'trusted', accepted: true, vouched_by: caller.actor });
    expect(await hers.keys.find(caller.organisation, ANNA)).toMatchObject({ kind: 'key' });
    await expect(hers.keys.confirm(caller, confirmed.id)).rejects.toThrow('wrong-state');
    expect(hers.acts).toContain('settings-changed');
    // Another organisation's rules are its own.
    expect((await hers.keys.settings(anyCaller().organisation)).wkd).toBe('first-use');
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
    const caller = anyCaller();
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
    const caller = anyCaller();
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
    const caller = anyCaller();
    const { keys } = theirs();
    for (const days of [5, 4, 3])
      await keys.learnAutocrypt(
        caller.organisation,
        mail(await anna(`Key ${days}`), { date: new Date(Date.now() - days * DAY) }),
      );
    expect(await keys.list(caller, null, 10)).toHaveLength(1);
  });

  it('counts for what the domain itself publishes, when that is the same key', async () => {
    const caller = anyCaller();
    const hers = theirs();
    const key = await anna();
    await hers.keys.learnAutocrypt(caller.organisation, mail(key));
    hers.looked = { kind: 'found', source: 'wkd', keys: [await keyOf(key)] };
    expect(await hers.keys.find(caller.organisation, ANNA)).toMatchObject({ kind: 'key' });
    expect(await hers.keys.list(caller, null, 10)).toMatchObject([{ source: 'wkd', accepted: true }]);
  });

  it('takes a date that lies ahead for now, so that it does not shut out later mail', async () => {
    const { organisation } = anyCaller();
    const { keys } = theirs();
    const later = new Date(Date.now() + 900 * DAY);
    await keys.learnAutocrypt(organisation, mail(await anna(), { date: later }));
    world.ahead = 1;
    const next = mail(await anna('Next'), { date: world.clock.now() });
    expect(await keys.learnAutocrypt(organisation, next)).toMatchObject({ kind: 'kept' });
    world.ahead = 0;
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
    const { organisation } = anyCaller();
    const { keys, acts } = theirs();
    const key = await anna();
    expect(await keys.learnAutocrypt(organisation, mail(key, await over(key)))).toEqual(ignored(reason));
    expect(acts).toEqual([]);
  });
});
