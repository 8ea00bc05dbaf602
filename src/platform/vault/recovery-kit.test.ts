import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { restoreFromRecoveryKit } from './recovery-kit.ts';
import { formatLines, makeCode, readCode, readLines } from './recovery-text.ts';
import { createPassphraseKey } from './root-key/passphrase.ts';
import type { Vault } from './vault.ts';
import { CLINIC, SUBJECT, type TestHome, testHome } from './vault-fixture.ts';

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.remove());

const kitOf = async (vault: Vault) => {
  const kit = await vault.makeRecoveryKit();
  if (kit === null) throw new Error('no kit');
  return kit;
};

describe('the recovery kit', () => {
  test('brings a destroyed root key back', async () => {
    const vault = await home.open();
    const key = await vault.newObjectKey(CLINIC, 'message');
    const sealed = vault.seal(key, SUBJECT, 'content');
    const kit = await kitOf(vault);
    const before = readFileSync(home.rootKeyFile, 'latin1');

    rmSync(home.rootKeyFile);
    await expect(home.open()).rejects.toMatchObject({ code: 'root-key-missing' });
    const restored = await restoreFromRecoveryKit(kit.text, kit.code, home.keys);
    expect(restored).toEqual({ kind: 'restored', path: home.rootKeyFile, keys: 1 });
    expect(statSync(home.rootKeyFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(home.rootKeyFile, 'latin1')).toBe(before);

    const again = await home.open();
    expect(again.openText(await again.openObjectKey(CLINIC, key.wrapped), SUBJECT, sealed)).toBe('content');
  });

  test('can be typed from paper in any case, with O for 0 and L for 1', async () => {
    const kit = await kitOf(await home.open());
    rmSync(home.rootKeyFile);
    const typed = kit.text.replaceAll(
      /^\d\d {2}.*$/gm,
      (line) =>
        line.slice(0, 2) +
        line.slice(2).toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l').replaceAll(/ +/g, ' '),
    );
    const code = kit.code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o');
    expect((await restoreFromRecoveryKit(typed, code, home.keys)).kind).toBe('restored');
  });

  test('names the line that was mistyped, and tells a mistyped code from a wrong one', async () => {
    const kit = await kitOf(await home.open());
    rmSync(home.rootKeyFile);
    const lines = kit.text.split('\n');
    const third = lines.findIndex((line) => line.startsWith('03  '));
    const change = (line: string) => line.slice(0, 5) + (line[5] === 'Z' ? 'Y' : 'Z') + line.slice(6);
    const mistyped = lines.map((line, index) => (index === third ? change(line) : line)).join('\n');
    expect(await restoreFromRecoveryKit(mistyped, kit.code, home.keys)).toEqual({
      kind: 'line-mistyped',
      line: 3,
    });
    const missing = lines.filter((_, index) => index !== third).join('\n');
    expect(await restoreFromRecoveryKit(missing, kit.code, home.keys)).toEqual({
      kind: 'line-mistyped',
      line: 3,
    });
    expect(await restoreFromRecoveryKit('nothing', kit.code, home.keys)).toEqual({ kind: 'no-kit' });
    const letter = kit.code[0] === 'A' ? 'B' : 'A';
    const typo = await restoreFromRecoveryKit(kit.text, letter + kit.code.slice(1), home.keys);
    expect(typo).toEqual({ kind: 'code-mistyped' });
    expect(await restoreFromRecoveryKit(kit.text, makeCode(), home.keys)).toEqual({ kind: 'code-wrong' });
    const last = lines.findLastIndex((line) => /^\d\d {2}/.test(line));
    const cut = lines.filter((_, index) => index !== last).join('\n');
    const count = Number(lines[last]?.slice(0, 2));
    expect(await restoreFromRecoveryKit(cut, kit.code, home.keys)).toEqual({
      kind: 'line-mistyped',
      line: count,
    });
    expect(existsSync(home.rootKeyFile)).toBe(false);
  });

  test('does not restore over a file, for another installation, or from before a rotation', async () => {
    const vault = await home.open();
    const kit = await kitOf(vault);
    const restore = () => restoreFromRecoveryKit(kit.text, kit.code, home.keys);
    expect(await restore()).toEqual({ kind: 'file-exists', path: home.rootKeyFile });
    const other = testHome();
    await other.open();
    const elsewhere = await restoreFromRecoveryKit(kit.text, kit.code, other.keys);
    expect(elsewhere).toEqual({ kind: 'other-keys' });
    other.remove();
    await vault.rotateRoot();
    home.clock.pass(601);
    await vault.dropUnusedKeys();
    const fresh = await kitOf(vault);
    rmSync(home.rootKeyFile);
    expect(await restore()).toEqual({ kind: 'outdated' });
    expect((await restoreFromRecoveryKit(fresh.text, fresh.code, home.keys)).kind).toBe('restored');
  });

  test('made under a passphrase restores to a key file that fits', async () => {
    const rootKey = createPassphraseKey({
      passphrase: 'a passphrase that will be forgotten',
      keysDirectory: home.keys,
      clock: home.clock,
      cost: { memory: 8192, passes: 1, parallelism: 1 },
    });
    const vault = await home.open({ rootKey });
    const key = await vault.newObjectKey(CLINIC, 'message');
    const kit = await kitOf(vault);
    rmSync(join(home.keys, 'root.passphrase.json'));
    expect((await restoreFromRecoveryKit(kit.text, kit.code, home.keys)).kind).toBe('restored');
    await (await home.open()).openObjectKey(CLINIC, key.wrapped); // with the key file provider
  });

  test('holds neither the key nor the code in clear', async () => {
    const kit = await kitOf(await home.open());
    const [, line = ''] = readFileSync(home.rootKeyFile, 'latin1').split('\n');
    const secret = line.split(' ')[2] ?? '';
    expect(secret.length).toBe(43);
    expect(kit.text).not.toContain(secret);
    expect(kit.text).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
    expect(kit.text).not.toContain(kit.code);
    expect(kit.code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
  });
});

describe('lines and codes', () => {
  test('round trip for any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (octets) => {
        expect(readLines(`before\n${formatLines(Buffer.from(octets))}\nafter`)).toEqual({
          kind: 'read',
          octets: Buffer.from(octets),
        });
      }),
    );
  });

  test('find nearly every mistyped letter', () => {
    let unnoticed = 0;
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    for (let n = 0; n < 500; n += 1) {
      const code = makeCode();
      expect(readCode(code)).toHaveLength(26);
      const at = (randomBytes(1)[0] ?? 0) % 4;
      const next = alphabet[(alphabet.indexOf(code[at] ?? '0') + 1) % 32] ?? '0';
      if (readCode(code.slice(0, at) + next + code.slice(at + 1)) !== undefined) unnoticed += 1;
    }
    expect(unnoticed).toBeLessThan(10); // 1 in 1,024 by chance
  });
});
