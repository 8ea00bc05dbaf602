import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeyShredded } from './errors.ts';
import { CLINIC, collect, inPieces, PRACTICE, SUBJECT, type TestHome, testHome } from './vault-fixture.ts';

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.remove());

describe('shredding a group', () => {
  test('makes its content unreadable also after yesterday’s database has come back', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'portal');
    const row = {
      objectKey: Buffer.from(key.wrapped),
      subject: vault.seal(key, SUBJECT, 'results'),
      body: await collect(vault.sealStream(key, SUBJECT, inPieces(Buffer.alloc(200_000), [70_000]))),
      value: await vault.sealValue('portal', SUBJECT, 'value'),
    };
    const yesterday = structuredClone(row); // the backup of the database: it has everything but the keys
    home.clock.set(new Date('2027-01-05T03:00:00Z'));
    const shredded = await vault.shred(CLINIC, 'portal', '202611');
    expect(shredded).toEqual([{ purpose: 'portal', month: '202611', generation: 0, state: 'shredded' }]);

    for (const one of [vault, await home.open()]) {
      await expect(one.openObjectKey(CLINIC, Buffer.from(yesterday.objectKey))).rejects.toThrow(KeyShredded);
      await expect(one.openValue(SUBJECT, Buffer.from(yesterday.value))).rejects.toThrow(KeyShredded);
      expect(one.tryOpenObjectKey(CLINIC, Buffer.from(yesterday.objectKey))).toBeNull();
    }
    const left = readdirSync(join(home.keys, 'organisations', CLINIC, 'groups'));
    expect(left).toEqual(['portal-202611-0.shredded']);
  });

  test('leaves other months, purposes and organisations alone', async () => {
    const vault = await home.open();
    const kept = [
      { organisation: CLINIC, key: await vault.newObjectKey(CLINIC, 'message') },
      { organisation: PRACTICE, key: await vault.newObjectKey(PRACTICE, 'portal') },
    ];
    await vault.newObjectKey(CLINIC, 'portal');
    home.clock.set(new Date('2026-12-01T00:00:00Z'));
    kept.push({ organisation: CLINIC, key: await vault.newObjectKey(CLINIC, 'portal') });
    await vault.shred(CLINIC, 'portal', '202611');
    for (const { organisation, key } of kept) await vault.openObjectKey(organisation, key.wrapped);
    expect(await vault.shred(CLINIC, 'archive', '202611')).toEqual([]);
  });

  test('ends the use of keys that are open already: at once here, within the cache time elsewhere', async () => {
    const [here, there] = [await home.open(), await home.open()];
    const key = await here.newObjectKey(CLINIC, 'portal');
    const sealed = here.seal(key, SUBJECT, 'content');
    const heldThere = await there.openObjectKey(CLINIC, key.wrapped);
    await here.shred(CLINIC, 'portal', '202611');
    expect(() => here.open(key, SUBJECT, sealed)).toThrow(KeyShredded);
    expect(() => here.seal(key, SUBJECT, 'more')).toThrow(KeyShredded);
    home.clock.pass(31);
    expect(() => there.open(heldThere, SUBJECT, sealed)).toThrow(KeyShredded);
    expect(there.tryOpenObjectKey(CLINIC, key.wrapped)).toBeNull();
    await expect(there.openObjectKey(CLINIC, key.wrapped)).rejects.toThrow(KeyShredded);
  });

  test('never gives its id to another key: the month goes on in a new generation', async () => {
    const vault = await home.open();
    const first = await vault.newObjectKey(CLINIC, 'message');
    await vault.shred(CLINIC, 'message', '202611');
    const second = await vault.newObjectKey(CLINIC, 'message');
    expect(second.wrapped.subarray(0, 6)).not.toEqual(first.wrapped.subarray(0, 6));
    expect(await vault.groups(CLINIC)).toEqual([
      { purpose: 'message', month: '202611', generation: 0, state: 'shredded' },
      { purpose: 'message', month: '202611', generation: 1, state: 'usable' },
    ]);
    await (await home.open()).openObjectKey(CLINIC, second.wrapped);
    expect((await vault.shred(CLINIC, 'message', '202611')).length).toBe(2); // again: all generations, harmless
    await expect(vault.openObjectKey(CLINIC, second.wrapped)).rejects.toThrow(KeyShredded);
  });

  test('holds even where a key file lies beside the tombstone, and maintenance removes that file', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'portal');
    const groups = join(home.keys, 'organisations', CLINIC, 'groups');
    // As after a crash between the tombstone and the removal of the key.
    writeFileSync(join(groups, 'portal-202611-0.shredded'), '', { mode: 0o600 });
    const other = await home.open();
    await expect(other.openObjectKey(CLINIC, key.wrapped)).rejects.toThrow(KeyShredded);
    expect(existsSync(join(groups, 'portal-202611-0.key'))).toBe(true);
    await other.dropUnusedKeys();
    expect(existsSync(join(groups, 'portal-202611-0.key'))).toBe(false);
  });

  test('is not undone by a rotation', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'portal');
    await Promise.all([vault.rotateOrganisation(CLINIC), vault.shred(CLINIC, 'portal', '202611')]);
    await vault.rotateOrganisation(CLINIC);
    await expect((await home.open()).openObjectKey(CLINIC, key.wrapped)).rejects.toThrow(KeyShredded);
    expect(readdirSync(join(home.keys, 'organisations', CLINIC, 'groups'))).toEqual([
      'portal-202611-0.shredded',
    ]);
  });

  test('takes a real month only', async () => {
    const vault = await home.open();
    for (const month of ['2026-11', '202613', '', '../../x']) {
      await expect(vault.shred(CLINIC, 'portal', month)).rejects.toThrow(TypeError);
    }
  });
});
