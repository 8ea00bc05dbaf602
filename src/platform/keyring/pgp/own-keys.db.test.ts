import { readKeys, revokeKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anyCaller, DAY, type KeysWorld, openKeysWorld, publicOf } from './keys-fixture.ts';
import { makePgpKey } from './make-key.ts';
import { decryptAndVerify } from './open-octets.ts';
import type { OwnKeyAct, OwnKeyPorts } from './own-key.ts';
import { createOwnKeys, type OwnKeys } from './own-keys.ts';
import { judgeKey } from './public-key.ts';
import { signAndEncrypt } from './seal-octets.ts';

let world: KeysWorld;
beforeAll(async () => {
  world = await openKeysWorld();
});
afterAll(() => world.close());

interface Ours {
  readonly keys: OwnKeys;
  readonly acts: string[];
}

function ours(over: Partial<OwnKeyPorts> = {}): Ours {
  const acts: string[] = [];
  const keys = createOwnKeys({
    database: world.fresh.database,
    vault: world.vault,
    clock: world.clock,
    domain: async () => 'clinic.test',
    record: async (_tx, { act }: OwnKeyAct) => void acts.push(act),
    ...over,
  });
  return { keys, acts };
}

/** What somebody writes who holds this copy of our key. */
async function writeTo(octets: Buffer): Promise<Uint8Array> {
  const recipient = await publicOf(octets);
  const verdict = await judgeKey(recipient, world.clock.now());
  if (verdict.kind !== 'usable') throw new Error(verdict.reason);
  const signer = await makePgpKey('Anna', 'anna@example.org', world.clock.now());
  return (await signAndEncrypt(Buffer.from('x'), { recipient, verdict, signer, now: world.clock.now() }))
    .octets;
}

describe('the organisation’s own key', () => {
  it('is made once, also when two processes and two jobs want it at once', async () => {
    const { organisation } = anyCaller();
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
    const { organisation } = anyCaller();
    const { keys } = ours({ domain: async () => null });
    expect(await keys.current(organisation)).toBeNull();
    await keys.maintain(organisation);
    expect(await keys.published(organisation)).toEqual([]);
  });

  it('has an end, which is put off half a year before it, once, by whichever worker comes first', async () => {
    const { organisation } = anyCaller();
    const [one, two] = [ours(), ours()];
    const before = await one.keys.current(organisation);
    const verdict = await judgeKey(await publicOf(before?.octets ?? Buffer.alloc(0)), world.clock.now());
    expect(verdict.kind === 'usable' && verdict.expiresAt?.getTime()).toBeCloseTo(Date.now() + 730 * DAY, -4);
    world.ahead = 500;
    await one.keys.maintain(organisation);
    expect(one.acts).toEqual(['made']);
    world.ahead = 600;
    await Promise.all([one.keys.maintain(organisation), two.keys.maintain(organisation)]);
    expect([...one.acts, ...two.acts]).toEqual(['made', 'extended']);
    const after = await one.keys.current(organisation);
    world.ahead = 1_000;
    expect(after?.fingerprint).toBe(before?.fingerprint);
    // Who has met the old copy: it has expired; who fetches the new one goes on.
    const judge = async (octets: Buffer) => (await judgeKey(await publicOf(octets), world.clock.now())).kind;
    expect(await judge(before?.octets ?? Buffer.alloc(0))).toBe('unusable');
    expect(await judge(after?.octets ?? Buffer.alloc(0))).toBe('usable');
    world.ahead = 0;
  });

  it('does not sign once it has expired: the one who needs it puts the end off', async () => {
    const { organisation } = anyCaller();
    const { keys, acts } = ours();
    const before = await keys.current(organisation);
    world.ahead = 800;
    const after = await keys.current(organisation);
    expect(after?.fingerprint).toBe(before?.fingerprint);
    expect((await judgeKey(await publicOf(after?.octets ?? Buffer.alloc(0)), world.clock.now())).kind).toBe(
      'usable',
    );
    expect(acts).toEqual(['made', 'extended']);
    world.ahead = 0;
  });

  it('says so, once, when the end cannot be put off, and says no more when it can again', async () => {
    const { organisation } = anyCaller();
    let broken = false;
    const { keys, acts } = ours({
      vault: {
        sealValue: (purpose, binding, plain) => world.vault.sealValue(purpose, binding, plain),
        openValue: (binding, sealed) =>
          broken ? Promise.reject(new Error('no vault')) : world.vault.openValue(binding, sealed),
      },
    });
    await keys.current(organisation);
    [world.ahead, broken] = [600, true];
    await expect(keys.maintain(organisation)).rejects.toThrow('no vault');
    await expect(keys.maintain(organisation)).rejects.toThrow('no vault');
    expect(acts).toEqual(['made', 'extension-failed']);
    expect((await keys.list(organisation))[0]?.extension_failed_at).not.toBeNull();
    broken = false;
    await keys.maintain(organisation);
    expect((await keys.list(organisation))[0]?.extension_failed_at).toBeNull();
    world.ahead = 0;
  });

  it('gives a key that an earlier release made its first end', async () => {
    const { organisation } = anyCaller();
    const { keys } = ours();
    await keys.current(organisation);
    await world.fresh.database.tenant([organisation], 'app', (tx) =>
      tx.execute({
        text: 'update sealpost.signing_key set expires_at = null where organisation = $1',
        values: [organisation],
      }),
    );
    await keys.maintain(organisation);
    expect((await keys.list(organisation))[0]?.expires_at).not.toBeNull();
  });

  it('is rotated: certified by the one before, both published for a time, the old one still opens', async () => {
    const caller = anyCaller();
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
    const opened = await decryptAndVerify(letter, {
      decryptionKeys,
      verificationKeys: [],
      now: world.clock.now(),
    });
    expect(opened).toMatchObject({ kind: 'opened', octets: Buffer.from('x') });

    // Who rotates what has been rotated already does not make a third key.
    await expect(keys.rotate(caller, old.fingerprint)).rejects.toThrow('wrong-state');
    expect(await keys.list(organisation)).toMatchObject([{ state: 'current' }, { state: 'retired' }]);
    expect(acts).toEqual(['made', 'rotated']);
    world.ahead = 91;
    expect(await keys.published(organisation)).toHaveLength(1);
    world.ahead = 0;
  });

  it('makes one new key when two rotate at once', async () => {
    const caller = anyCaller();
    const [one, two] = [ours(), ours()];
    const old = await one.keys.current(caller.organisation);
    const ends = await Promise.allSettled(
      [one, two].map(({ keys }) => keys.rotate(caller, old?.fingerprint ?? '')),
    );
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await one.keys.list(caller.organisation)).toHaveLength(2);
  });

  it('is revoked: published so, replaced at once by one that it does not certify, and still opens', async () => {
    const caller = anyCaller();
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
        const verdict = await judgeKey(await publicOf(octets), world.clock.now());
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
      await decryptAndVerify(letter, { decryptionKeys, verificationKeys: [], now: world.clock.now() }),
    ).toMatchObject({ kind: 'opened' });
    await expect(keys.revoke(caller, first.id, 'retired')).rejects.toThrow('wrong-state');
    await expect(keys.revoke(anyCaller(), first.id, 'retired')).rejects.toThrow('not-found');
  });

  it('has a revocation certificate that revokes it where it is imported, and only for its own organisation', async () => {
    const caller = anyCaller();
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
    await expect(keys.revocationCertificate(anyCaller(), first?.id ?? '')).rejects.toThrow('not-found');
  });
});
