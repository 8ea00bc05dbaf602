import { enums, generateKey, type PrivateKey, revokeKey } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeKey, keyNamesAddress, mergeKeys, type PublicPgpKey, readPublicKey } from './public-key.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-11-26T12:00:00Z');
const BEFORE = new Date(NOW.getTime() - 400 * DAY);

type Options = Partial<Omit<Parameters<typeof generateKey>[0], 'format'>>;

async function make(over: Options = {}): Promise<PrivateKey> {
  const { privateKey } = await generateKey({
    type: 'ecc',
    curve: 'curve25519Legacy',
    userIDs: [{ name: 'Anna', email: 'anna@clinic.example' }],
    date: BEFORE,
    ...over,
    format: 'object',
  });
  return privateKey;
}

async function read(key: PrivateKey): Promise<PublicPgpKey> {
  const found = await readPublicKey(key.toPublic().armor());
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const judge = async (key: PrivateKey) => {
  const verdict = await judgeKey(await read(key), NOW);
  return verdict.kind === 'usable' ? 'usable' : `${verdict.code} ${verdict.reason}`;
};

let good: PrivateKey;
beforeAll(async () => {
  good = await make();
});

describe('readPublicKey', () => {
  it('reads text and octets alike, and says what the key is', async () => {
    const text = await read(good);
    const octets = await readPublicKey(text.octets);
    expect(octets).toMatchObject({ fingerprint: good.getFingerprint(), createdAt: BEFORE });
    expect(text.algorithm).toMatch(/^eddsa/i);
  });

  it('refuses what is not one public key', async () => {
    const other = await make();
    expect(await readPublicKey('hello')).toBe('unreadable');
    expect(await readPublicKey(Buffer.alloc(0))).toBe('unreadable');
    expect(await readPublicKey(good.armor())).toBe('private-key');
    expect(await readPublicKey(Buffer.concat([good.toPublic().write(), other.toPublic().write()]))).toBe(
      'several-keys',
    );
    expect(await readPublicKey(Buffer.alloc(200_000))).toBe('too-large');
  });

  it('reads no cut key', async () => {
    const octets = (await read(good)).octets;
    for (const end of [1, 10, 50, octets.length - 1])
      expect(await readPublicKey(octets.subarray(0, end))).toBe('unreadable');
  });
});

describe('judgeKey', () => {
  it('takes a key of today, also of version 6 and RSA', async () => {
    expect(await judge(good)).toBe('usable');
    expect(await judge(await make({ type: 'curve25519', config: { v6Keys: true } }))).toBe('usable');
    expect(await judge(await make({ type: 'rsa', rsaBits: 2048 }))).toBe('usable');
  });

  it('refuses what has expired', async () => {
    expect(await judge(await make({ keyExpirationTime: 300 * 86_400 }))).toBe('key-expired expired');
    const later = await make({ keyExpirationTime: 500 * 86_400 });
    const verdict = await judgeKey(await read(later), NOW);
    expect(verdict).toMatchObject({ kind: 'usable', expiresAt: new Date(BEFORE.getTime() + 500 * DAY) });
  });

  it('refuses a key whose only encryption subkey has expired', async () => {
    const key = await make({ subkeys: [{ keyExpirationTime: 300 * 86_400 }] });
    expect(await judge(key)).toBe('key-expired expired');
  });

  it('refuses what was revoked, also from after the moment of use', async () => {
    const { privateKey } = await revokeKey({
      key: good,
      date: new Date(NOW.getTime() - DAY),
      format: 'object',
    });
    expect(await judge(privateKey)).toBe('key-revoked revoked');
  });

  it('refuses what is weak', async () => {
    const weak = { minRSABits: 1024 };
    expect(await judge(await make({ type: 'rsa', rsaBits: 1024, config: weak }))).toBe('key-unusable weak');
  });

  it('refuses a key that only SHA-1 holds together', async () => {
    const sha1 = {
      preferredHashAlgorithm: enums.hash.sha1,
      rejectHashAlgorithms: new Set<enums.hash>(),
      nonDeterministicSignaturesViaNotation: false,
    };
    const key = await make({ type: 'rsa', rsaBits: 2048, config: sha1 });
    expect(key.users[0]?.selfCertifications[0]?.hashAlgorithm).toBe(enums.hash.sha1);
    expect(await judge(key)).toBe('key-unusable not-self-signed');
  });

  it('refuses a key without an encryption subkey', async () => {
    expect(await judge(await make({ subkeys: [{ sign: true }] }))).toBe('key-unusable no-encryption-subkey');
  });

  it('takes the newest of several subkeys', async () => {
    const older = await make();
    const both = await older.addSubkey({ date: new Date(NOW.getTime() - DAY) });
    const verdict = await judgeKey(await read(both), NOW);
    const newest = both.subkeys[1]?.getFingerprint();
    expect(verdict.kind === 'usable' && verdict.subkey.getFingerprint()).toBe(newest);
  });

  it('does not take a subkey that the primary key did not bind', async () => {
    const other = await make();
    const forged = await make({ subkeys: [{ sign: true }] });
    const stolen = other.subkeys[0];
    if (stolen === undefined) throw new Error('no subkey');
    forged.subkeys.push(stolen);
    expect((await judge(forged)).startsWith('key-unusable')).toBe(true);
  });
});

describe('keyNamesAddress', () => {
  it('compares without case, with the user ids that the key certifies itself', async () => {
    const key = await read(good);
    expect(await keyNamesAddress(key, 'Anna@Clinic.example', NOW)).toBe(true);
    expect(await keyNamesAddress(key, 'ben@clinic.example', NOW)).toBe(false);
  });

  it('does not believe a user id that somebody else has put there', async () => {
    const other = await make({ userIDs: [{ email: 'eve@evil.example' }] });
    const [foreign] = (await make()).users;
    if (foreign === undefined) throw new Error('no user');
    other.users.push(foreign);
    const key = await read(other);
    expect(await keyNamesAddress(key, 'anna@clinic.example', NOW)).toBe(false);
    expect(await keyNamesAddress(key, 'eve@evil.example', NOW)).toBe(true);
  });
});

describe('mergeKeys', () => {
  it('brings a revocation to the stored copy', async () => {
    const { privateKey } = await revokeKey({
      key: good,
      date: new Date(NOW.getTime() - DAY),
      format: 'object',
    });
    const merged = await mergeKeys(await read(good), await read(privateKey));
    expect(await judgeKey(merged, NOW)).toMatchObject({ code: 'key-revoked' });
    // And an older copy does not take it away again.
    const back = await mergeKeys(merged, await read(good));
    expect(await judgeKey(back, NOW)).toMatchObject({ code: 'key-revoked' });
  });
});
