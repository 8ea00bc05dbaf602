import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openBreachedPassphrases } from './breached-passphrases.ts';
import { hashNewPassphrase } from './new-passphrase.ts';

const directory = mkdtempSync(join(tmpdir(), 'sealpost-breached-'));
afterAll(() => rmSync(directory, { recursive: true }));

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase();

function listOf(name: string, texts: readonly string[], ending = '\n'): string {
  const path = join(directory, name);
  const lines = texts.map(sha1).sort();
  writeFileSync(path, lines.map((hash, index) => `${hash}:${(index * 7919) % 1_000_003}${ending}`).join(''));
  return path;
}

/** A million lines in order, most of them of nobody's passphrase: hashing so many would be the longest part of the test. */
function millionLines(known: readonly string[]): string {
  const waiting = known.map(sha1).sort();
  const rest = '5'.repeat(32);
  const path = join(directory, 'million');
  const file = openSync(path, 'w');
  for (let from = 0; from < 1_000_000; from += 10_000) {
    const lines: string[] = [];
    for (let n = from; n < from + 10_000; n += 1) {
      const hash =
        Math.floor(n * 4294.9)
          .toString(16)
          .toUpperCase()
          .padStart(8, '0') + rest;
      while (waiting[0] !== undefined && waiting[0] < hash) lines.push(`${waiting.shift()}:3`);
      lines.push(`${hash}:1`);
    }
    writeSync(file, `${lines.join('\n')}\n`);
  }
  writeSync(file, waiting.map((hash) => `${hash}:3\n`).join(''));
  closeSync(file);
  return path;
}

describe('a list of breached passphrases', () => {
  it('finds every line of a small one, first and last, and no other, with either line ending', async () => {
    const texts = Array.from({ length: 50 }, (_, index) => `text ${index}`);
    for (const [name, ending] of [
      ['lf', '\n'],
      ['crlf', '\r\n'],
    ] as const) {
      const list = await openBreachedPassphrases(listOf(name, texts, ending));
      for (const text of texts) expect(await list.has(text)).toBe(true);
      for (let n = 50; n < 200; n += 1) expect(await list.has(`text ${n}`)).toBe(false);
    }
    const single = await openBreachedPassphrases(listOf('one', ['only']));
    expect([await single.has('only'), await single.has('other')]).toEqual([true, false]);
  });

  it('answers within milliseconds from a million lines, without loading them', {
    timeout: 30_000,
  }, async () => {
    const known = Array.from({ length: 25 }, (_, index) => `breached ${index}`);
    const list = await openBreachedPassphrases(millionLines(known));
    const before = process.memoryUsage.rss();
    const started = performance.now();
    for (let n = 0; n < 25; n += 1) {
      expect(await list.has(`breached ${n}`)).toBe(true);
      expect(await list.has(`sound ${n}`)).toBe(false);
    }
    const each = (performance.now() - started) / 50;
    expect(each).toBeLessThan(50);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 << 20);
  });

  it('is refused when it is empty, unsorted, or something else', async () => {
    const write = (name: string, text: string) => {
      const path = join(directory, name);
      writeFileSync(path, text);
      return openBreachedPassphrases(path);
    };
    await expect(write('empty', '')).rejects.toThrow('empty');
    await expect(write('words', 'password\nletmein\n')).rejects.toThrow('SHA-1');
    const falling = ['F', '8', '0'].map((digit) => `${digit.repeat(40)}:1\n`).join('');
    await expect(write('falling', falling)).rejects.toThrow('sorted');
    await expect(openBreachedPassphrases(join(directory, 'none'))).rejects.toThrow('ENOENT');
  });

  it('keeps a passphrase out that it holds, in any case of its letters', async () => {
    const breached = await openBreachedPassphrases(listOf('phrases', ['copper lantern parade']));
    const set = (text: string) => hashNewPassphrase({ breached }, text, []);
    for (const text of ['copper lantern parade', 'Copper Lantern Parade'])
      await expect(set(text)).rejects.toMatchObject({ parameters: { reason: 'breached' } });
    expect(await set('copper lantern bridge')).toContain('$argon2id$');
  });
});
