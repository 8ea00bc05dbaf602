import { describe, expect, it } from 'vitest';
import { judgePassphrase, normalisePassphrase, PASSPHRASE_MAX } from './passphrase.ts';
import { hashPassphrase, needsRehash, verifyPassphrase } from './passphrase-hash.ts';

const context = ['Riverside Dental Practice', 'Maria Gonzalez', 'mgonzalez@riverside.example'];
const reason = (text: string) => {
  const verdict = judgePassphrase(text, context);
  return verdict.ok ? 'ok' : verdict.reason;
};

describe('judgePassphrase', () => {
  it.each([
    ['fourteen chars', 'too-short'],
    ['x1Y!'.repeat(65), 'too-long'],
    ['abcabcabcabcabcabc', 'repetitive'],
    ['aaaaaaaabbbbbbbbcc', 'repetitive'],
    ['passwordpassword12', 'common'],
    ['Password-123456789', 'common'],
    ['correct horse battery staple', 'common'],
    ['qwertyuiopasdfghjkl1', 'common'],
    ['welcome2026summer!', 'common'],
    ['Riverside-Dental-2026', 'context'],
    ['MariaGonzalez#2026!', 'context'],
    ['mallard orbit thimble', 'ok'],
    ['Zahnrad-Kürbis 7 Laterne', 'ok'],
    ['ñandú lejía búho tejón', 'ok'],
  ])('%s → %s', (text, expected) => {
    expect(reason(text)).toBe(expected);
  });

  it('takes 256 characters of any script without composition rules, and counts characters, not octets', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const mixed = Array.from({ length: PASSPHRASE_MAX }, (_, n) => letters[(n * 7 + (n % 11) * 5) % 26]).join(
      '',
    );
    expect(reason(mixed)).toBe('ok');
    expect(reason('🦊🐢🦉🐝🦀🐙🦔🐳🦜🐌🦒🐊🦩🐇🦚')).toBe('ok');
    expect(reason('🦊🐢🦉🐝🦀🐙🦔')).toBe('too-short');
  });
});

describe('passphrase hashes', () => {
  it('verify the same passphrase typed as composed or decomposed characters', async () => {
    const stored = await hashPassphrase('caf\u00e9 del mar lejano');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(normalisePassphrase('cafe\u0301')).toBe('caf\u00e9');
    expect(await verifyPassphrase('cafe\u0301 del mar lejano', stored)).toBe(true);
    expect(await verifyPassphrase('cafe del mar lejano', stored)).toBe(false);
    expect(needsRehash(stored)).toBe(false);
    expect(needsRehash(stored.replace('t=2', 't=1'))).toBe(true);
  });

  it('do the same work where there is no account, and never say yes', async () => {
    await verifyPassphrase('warm up', null);
    const stored = await hashPassphrase('mallard orbit thimble');
    const time = async (hash: string | null) => {
      const start = performance.now();
      for (let n = 0; n < 5; n += 1)
        expect(await verifyPassphrase('something else entirely', hash)).toBe(false);
      return performance.now() - start;
    };
    const [known, unknown] = [await time(stored), await time(null)];
    // Argon2 is tens of milliseconds here; without it `unknown` would be under one.
    expect(unknown).toBeGreaterThan(known / 4);
  });
});
