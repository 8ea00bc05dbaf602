import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RootKeyWrong } from './errors.ts';
import { createPassphraseKey } from './root-key/passphrase.ts';
import { rotateKeys } from './rotate-keys.ts';
import type { Vault } from './vault.ts';
import { CLINIC, PRACTICE, SUBJECT, type TestHome, testHome } from './vault-fixture.ts';

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.remove());

const organisationFiles = () =>
  readdirSync(join(home.keys, 'organisations', CLINIC)).filter((name) => name.startsWith('organisation'));
const rootLines = () => readFileSync(home.rootKeyFile, 'latin1').trim().split('\n').slice(1);

describe('rotating an organisation key', () => {
  test('keeps everything readable and destroys the old key after the grace time', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'message');
    const index = await vault.blindIndex(CLINIC, 'n', 't');
    expect(await vault.rotateOrganisation(CLINIC)).toEqual({ version: 2, rewrapped: 2 });
    expect(await vault.dropUnusedKeys()).toEqual({ roots: 0, organisationKeys: 0 }); // still within the grace
    expect(organisationFiles()).toEqual(['organisation.1.key', 'organisation.2.key']);
    home.clock.pass(601);
    expect(await vault.dropUnusedKeys()).toEqual({ roots: 0, organisationKeys: 1 });
    expect(organisationFiles()).toEqual(['organisation.2.key']);
    for (const one of [vault, await home.open()]) {
      await one.openObjectKey(CLINIC, key.wrapped);
      expect(await one.blindIndex(CLINIC, 'n', 't')).toEqual(index);
    }
  });

  test('does not drop a version that another process has used since', async () => {
    const [a, b] = [await home.open(), await home.open()];
    await a.newObjectKey(CLINIC, 'message');
    await b.newObjectKey(CLINIC, 'message'); // b now holds version 1
    await a.rotateOrganisation(CLINIC);
    const late = await b.newObjectKey(CLINIC, 'archive'); // wrapped by version 1, after the rotation
    home.clock.pass(601);
    await a.dropUnusedKeys(); // wraps it anew first
    expect(organisationFiles()).toEqual(['organisation.2.key']);
    await (await home.open()).openObjectKey(CLINIC, late.wrapped);
  });
});

describe('rotating the root key', () => {
  test('of a key file adds a key, wraps all anew, and destroys the old one after the grace time', async () => {
    const [vault, other] = [await home.open(), await home.open()];
    const keys = [await vault.newObjectKey(CLINIC, 'message'), await vault.newObjectKey(PRACTICE, 'message')];
    const [before] = rootLines();
    const report = await rotateKeys(vault, { kind: 'root' });
    expect(report.root?.rewrapped).toBe(2);
    expect(rootLines().length).toBe(2);
    expect(rootLines()[0]?.startsWith(report.root?.root ?? '?')).toBe(true);
    home.clock.pass(601);
    await other.openObjectKey(CLINIC, keys[0]?.wrapped ?? Buffer.alloc(0)); // learns of the new key by itself
    expect(await vault.dropUnusedKeys()).toEqual({ roots: 1, organisationKeys: 0 });
    expect(rootLines().length).toBe(1);
    expect(rootLines()[0]).not.toBe(before);
    const fresh = await home.open();
    await fresh.openObjectKey(CLINIC, keys[0]?.wrapped ?? Buffer.alloc(0));
    await fresh.openObjectKey(PRACTICE, keys[1]?.wrapped ?? Buffer.alloc(0));
  });

  test('to another kind works with both configured, and then with the new one alone', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'message');
    const passphrase = () =>
      createPassphraseKey({
        passphrase: 'a long enough passphrase',
        keysDirectory: home.keys,
        clock: home.clock,
        cost: { memory: 8192, passes: 1, parallelism: 1 },
      });
    expect((await vault.rotateRoot(passphrase())).rewrapped).toBe(1);
    await (await home.open({ rootKey: passphrase() })).openObjectKey(CLINIC, key.wrapped);
    home.clock.pass(601);
    const both = await home.open({ rootKey: passphrase(), previousRootKeys: [home.keyFile()] });
    await both.dropUnusedKeys();
    await (await home.open({ rootKey: passphrase() })).openObjectKey(CLINIC, key.wrapped);
    await expect(home.open({ rootKey: home.keyFile() })).rejects.toThrow(RootKeyWrong);
    // The same passphrase again: a new salt, so a new key.
    const again = await home.open({ rootKey: passphrase() });
    expect((await again.rotateRoot()).rewrapped).toBe(1);
    home.clock.pass(601);
    expect((await again.dropUnusedKeys()).roots).toBe(1);
    await (await home.open({ rootKey: passphrase() })).openObjectKey(CLINIC, key.wrapped);
  });
});

describe('rotation under load', () => {
  test('fails no seal and no open, in this process or another', async () => {
    // A cache life of a millisecond and two instances: nearly every use goes to the disk while it changes there.
    const clock = { now: () => new Date(), monotonic: () => performance.now() };
    const options = { clock, cacheSeconds: 0.001, graceSeconds: 0.05 };
    const vaults = [await home.open(options), await home.open(options)];
    const stored: { wrapped: Buffer; sealed: Buffer }[] = [];
    let running = true;
    let uses = 0;
    const use = async (writer: Vault, reader: Vault) => {
      while (running) {
        const key = await writer.newObjectKey(CLINIC, uses % 2 === 0 ? 'message' : 'portal');
        stored.push({ wrapped: key.wrapped, sealed: writer.seal(key, SUBJECT, `content ${stored.length}`) });
        // Old and new ones by turns, in an order that no round repeats.
        const { wrapped, sealed } = stored[(uses * 7_919) % stored.length] ?? {
          wrapped: key.wrapped,
          sealed: Buffer.alloc(0),
        };
        reader.open(await reader.openObjectKey(CLINIC, wrapped), SUBJECT, sealed);
        await reader.blindIndex(CLINIC, 'n', 't');
        uses += 1;
        await setImmediate();
      }
    };
    const [a, b] = vaults;
    if (a === undefined || b === undefined) throw new Error('two vaults');
    await a.newObjectKey(CLINIC, 'message');
    const users = [use(a, b), use(b, a), use(a, a), use(b, b)];
    const began = performance.now();
    let rotations = 0;
    let dropped = 0;
    // On a busy machine it takes longer until something has been tried.
    const enough = () => uses > 100 && rotations > 10 && dropped > 0;
    while (performance.now() - began < (enough() ? 2_500 : 20_000)) {
      await a.rotateOrganisation(CLINIC);
      await b.rotateRoot();
      const gone = await a.dropUnusedKeys();
      dropped += gone.organisationKeys + gone.roots;
      rotations += 2;
    }
    running = false;
    await Promise.all(users); // rejects if any use failed
    expect(uses).toBeGreaterThan(100);
    expect(rotations).toBeGreaterThan(10);
    expect(dropped).toBeGreaterThan(0);
    const fresh = await home.open();
    for (const { wrapped, sealed } of stored) {
      fresh.open(await fresh.openObjectKey(CLINIC, wrapped), SUBJECT, sealed);
    }
  }, 30_000);
});
