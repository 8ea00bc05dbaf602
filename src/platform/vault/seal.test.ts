import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonical } from './associated-data.ts';
import { SealBroken } from './errors.ts';
import type { Vault } from './vault.ts';
import { CLINIC, organisationId, PRACTICE, SUBJECT, testHome } from './vault-fixture.ts';

const home = testHome();
let vault: Vault;
beforeAll(async () => {
  vault = await home.open();
});
afterAll(() => home.remove());

const octets = fc.uint8Array({ maxLength: 3000 });
const idText = fc.string({ maxLength: 40 });

describe('sealing a field', () => {
  test('gives back any octets and any text', async () => {
    const key = await vault.newObjectKey(CLINIC, 'message');
    fc.assert(
      fc.property(octets, fc.string({ unit: 'grapheme' }), idText, idText, (plain, text, field, row) => {
        const binding = { organisation: CLINIC, field, row };
        const sealed = vault.seal(key, binding, plain);
        expect(sealed.length).toBe(plain.length + 29);
        expect(vault.open(key, binding, sealed).equals(plain)).toBe(true);
        expect(vault.openText(key, binding, vault.seal(key, binding, text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test('never makes the same octets twice', async () => {
    const key = await vault.newObjectKey(CLINIC, 'message');
    const seen = new Set(
      Array.from({ length: 2000 }, () => vault.seal(key, SUBJECT, 'same').toString('hex')),
    );
    expect(seen.size).toBe(2000);
  });

  test('does not open under any other field, row or organisation', async () => {
    const key = await vault.newObjectKey(CLINIC, 'message');
    const organisation = fc.uuid().map((text) => organisationId(text.toLowerCase()));
    fc.assert(
      fc.property(idText, idText, idText, idText, organisation, (field, row, otherField, otherRow, other) => {
        fc.pre(field !== otherField || row !== otherRow);
        const sealed = vault.seal(key, { organisation: CLINIC, field, row }, 'plain');
        const moved = { organisation: CLINIC, field: otherField, row: otherRow };
        expect(() => vault.open(key, moved, sealed)).toThrow(SealBroken);
        expect(() => vault.open(key, { organisation: other, field, row }, sealed)).toThrow(SealBroken);
      }),
      { numRuns: 300 },
    );
  });

  test('does not open after any change of any octet, cut or extension', async () => {
    const key = await vault.newObjectKey(CLINIC, 'message');
    const sealed = vault.seal(key, SUBJECT, 'plain');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect(() => vault.open(key, SUBJECT, changed)).toThrow(SealBroken);
      expect(() => vault.open(key, SUBJECT, sealed.subarray(0, at))).toThrow(SealBroken);
    }
    expect(() => vault.open(key, SUBJECT, Buffer.concat([sealed, Buffer.alloc(1)]))).toThrow(SealBroken);
  });

  test('refuses to seal under another organisation’s key', async () => {
    const key = await vault.newObjectKey(PRACTICE, 'message');
    expect(() => vault.seal(key, SUBJECT, 'plain')).toThrow(TypeError);
  });
});

describe('object keys', () => {
  test('open again from their wrapped form, in another process too', async () => {
    const other = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'portal');
    const sealed = vault.seal(key, SUBJECT, 'content');
    for (const one of [vault, other]) {
      const again = await one.openObjectKey(CLINIC, key.wrapped);
      expect(one.openText(again, SUBJECT, sealed)).toBe('content');
    }
  });

  test('do not open for another organisation, or changed, or cut', async () => {
    const key = await vault.newObjectKey(CLINIC, 'message');
    await vault.newObjectKey(PRACTICE, 'message');
    await expect(vault.openObjectKey(PRACTICE, key.wrapped)).rejects.toThrow(SealBroken);
    for (const at of [0, 1, 6, 20, 50, 65]) {
      const changed = Buffer.from(key.wrapped);
      changed[at] = (changed[at] ?? 0) ^ 0x80;
      await expect(vault.openObjectKey(CLINIC, changed)).rejects.toThrow(SealBroken);
    }
    await expect(vault.openObjectKey(CLINIC, key.wrapped.subarray(1))).rejects.toThrow(SealBroken);
    await expect(vault.openObjectKey(CLINIC, Buffer.alloc(0))).rejects.toThrow(SealBroken);
  });

  test('open without waiting only while their group is warm', async () => {
    const key = await vault.newObjectKey(CLINIC, 'record');
    const cold = await home.open();
    expect(cold.tryOpenObjectKey(CLINIC, key.wrapped)).toBeNull();
    expect(cold.tryNewObjectKey(CLINIC, 'record')).toBeNull();
    await cold.openObjectKey(CLINIC, key.wrapped);
    expect(cold.tryOpenObjectKey(CLINIC, key.wrapped)).not.toBeNull();
    await cold.newObjectKey(CLINIC, 'record');
    expect(cold.tryNewObjectKey(CLINIC, 'record')).not.toBeNull();
    home.clock.pass(31);
    expect(cold.tryOpenObjectKey(CLINIC, key.wrapped)).toBeNull();
    expect(cold.tryNewObjectKey(CLINIC, 'record')).toBeNull();
  });

  test('show nothing of the key when printed', async () => {
    const key = await vault.newObjectKey(CLINIC, 'message');
    expect(Object.keys(key)).toEqual(['wrapped']);
    expect(inspect(key, { depth: 10, showHidden: true })).not.toContain('KeyObject');
  });

  test('organisations that could leave the keys directory are refused', async () => {
    const outside = '../../../etc' as typeof CLINIC;
    await expect(vault.newObjectKey(outside, 'message')).rejects.toThrow(TypeError);
  });
});

describe('self-contained values', () => {
  test('round trip, bound to their place', async () => {
    await fc.assert(
      fc.asyncProperty(octets, async (plain) => {
        const sealed = await vault.sealValue('configuration', SUBJECT, plain);
        expect(sealed.length).toBe(plain.length + 96);
        expect((await vault.openValue(SUBJECT, sealed)).equals(plain)).toBe(true);
        await expect(vault.openValue({ ...SUBJECT, row: 'other' }, sealed)).rejects.toThrow(SealBroken);
        await expect(vault.openValue({ ...SUBJECT, organisation: PRACTICE }, sealed)).rejects.toThrow();
      }),
      { numRuns: 50 },
    );
  });

  test('a field is not taken for a value, nor a value for a field', async () => {
    const key = await vault.newObjectKey(CLINIC, 'message');
    await expect(vault.openValue(SUBJECT, vault.seal(key, SUBJECT, 'x'))).rejects.toThrow(SealBroken);
    expect(() => vault.open(key, SUBJECT, Buffer.alloc(0))).toThrow(SealBroken);
    const value = await vault.sealValue('message', SUBJECT, 'x');
    expect(() => vault.open(key, SUBJECT, value)).toThrow(SealBroken);
  });
});

describe('associated data', () => {
  test('different lists never have the same encoding', () => {
    const list = fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 5 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        expect(canonical(a).equals(canonical(b))).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    expect(canonical(['ab', 'c']).equals(canonical(['a', 'bc']))).toBe(false);
  });

  test('text that has no UTF-8 form is refused rather than mapped to something else', () => {
    expect(() => canonical(['\ud800'])).toThrow(TypeError);
  });
});

describe('keyed hashes', () => {
  test('depend on organisation, use and text, and are stable over processes', async () => {
    const other = await home.open();
    const index = await vault.blindIndex(CLINIC, 'address/1', 'anna@good-tls.test');
    expect(index.length).toBe(16);
    expect(await other.blindIndex(CLINIC, 'address/1', 'anna@good-tls.test')).toEqual(index);
    expect(await vault.blindIndex(PRACTICE, 'address/1', 'anna@good-tls.test')).not.toEqual(index);
    expect(await vault.blindIndex(CLINIC, 'domain/1', 'anna@good-tls.test')).not.toEqual(index);
    expect(await vault.blindIndex(CLINIC, 'address/1', 'ben@good-tls.test')).not.toEqual(index);
    const mac = await vault.mac(CLINIC, 'address/1', 'anna@good-tls.test');
    expect(mac.length).toBe(32);
    expect(mac.subarray(0, 16)).not.toEqual(index);
    expect(await vault.mac(CLINIC, 'address/1', Buffer.from('anna@good-tls.test'))).toEqual(mac);
  });

  test('of words are positive 63-bit integers, one per word in order', async () => {
    const words = Array.from({ length: 500 }, (_, index) => `word${index % 250}`);
    const terms = await vault.blindTerms(CLINIC, words);
    expect(terms.length).toBe(500);
    expect(terms.slice(250)).toEqual(terms.slice(0, 250));
    expect(new Set(terms).size).toBe(250);
    expect(terms.every((term) => term >= 0n && term < 2n ** 63n)).toBe(true);
  });

  test('have versions: a new one is made beside, and used when it is named or configured', async () => {
    const first = await vault.blindIndex(CLINIC, 'address/1', 'a@b.test');
    expect(await vault.indexVersion(CLINIC)).toBe(1);
    expect(await vault.addIndexVersion(CLINIC)).toBe(2);
    expect(await vault.blindIndex(CLINIC, 'address/1', 'a@b.test')).toEqual(first);
    const second = await vault.blindIndex(CLINIC, 'address/1', 'a@b.test', 2);
    expect(second).not.toEqual(first);
    const switched = await home.open({ indexVersion: async () => 2 });
    expect(await switched.blindIndex(CLINIC, 'address/1', 'a@b.test')).toEqual(second);
    expect(await switched.blindIndex(CLINIC, 'address/1', 'a@b.test', 1)).toEqual(first);
  });
});
