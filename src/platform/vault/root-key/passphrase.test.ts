import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RootKeyWrong } from '../errors.ts';
import { CLINIC, SUBJECT, type TestHome, testHome } from '../vault-fixture.ts';
import { createPassphraseKey } from './passphrase.ts';

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.remove());

const PASSPHRASE = 'correct horse battery staple';
const provider = (passphrase: string) =>
  createPassphraseKey({
    passphrase,
    keysDirectory: home.keys,
    clock: home.clock,
    cost: { memory: 8192, passes: 1, parallelism: 1 }, // the least: tests need not be slow
  });
const file = () => join(home.keys, 'root.passphrase.json');

describe('the root passphrase', () => {
  test('opens what it sealed, with salt and parameters kept beside the keys', async () => {
    const vault = await home.open({ rootKey: provider(PASSPHRASE) });
    const key = await vault.newObjectKey(CLINIC, 'message');
    const sealed = vault.seal(key, SUBJECT, 'content');
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file(), 'utf8')).not.toContain(PASSPHRASE);
    const again = await home.open({ rootKey: provider(PASSPHRASE) });
    expect(again.openText(await again.openObjectKey(CLINIC, key.wrapped), SUBJECT, sealed)).toBe('content');
  });

  test('is compared after Unicode normalisation', async () => {
    await home.open({ rootKey: provider('ein geläufiges Kennwort') });
    await home.open({ rootKey: provider('ein geläufiges Kennwort'.normalize('NFD')) });
  });

  test('wrong stops the start', async () => {
    await home.open({ rootKey: provider(PASSPHRASE) });
    const before = readFileSync(file());
    await expect(home.open({ rootKey: provider(`${PASSPHRASE}!`) })).rejects.toMatchObject({
      code: 'root-key-does-not-fit',
    });
    expect(readFileSync(file())).toEqual(before);
  });

  test('without its salt file, or with a changed one, stops the start', async () => {
    await (await home.open({ rootKey: provider(PASSPHRASE) })).newObjectKey(CLINIC, 'message');
    const whole = readFileSync(file(), 'utf8');
    for (const bad of [
      whole.replace('8192', '64'),
      whole.replace('8192', '99999999'),
      '{}',
      'x',
      whole.slice(0, -20),
    ]) {
      writeFileSync(file(), bad);
      await expect(home.open({ rootKey: provider(PASSPHRASE) })).rejects.toThrow(RootKeyWrong);
    }
    rmSync(file());
    await expect(home.open({ rootKey: provider(PASSPHRASE) })).rejects.toMatchObject({
      code: 'root-key-missing',
    });
  });

  test('must be long enough', () => {
    expect(() => provider('short')).toThrow(RootKeyWrong);
  });

  test('costs what RFC 9106 recommends by default', async () => {
    const rootKey = createPassphraseKey({
      passphrase: PASSPHRASE,
      keysDirectory: home.keys,
      clock: home.clock,
    });
    await home.open({ rootKey });
    const { keys } = JSON.parse(readFileSync(file(), 'utf8'));
    expect(keys[0]).toMatchObject({ algorithm: 'argon2id', memoryKiB: 65_536, passes: 3, parallelism: 4 });
  });
});
