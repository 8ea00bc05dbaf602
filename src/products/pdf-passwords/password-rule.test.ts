import { describe, expect, it } from 'vitest';
import { judgePdfPassword, newFreshPassword, newPdfPassword } from './password-rule.ts';

const ADDRESS = 'ottoline.heron@example.test';

describe('a password for a PDF', () => {
  it.each([
    ['short words', 'too-short'],
    ['aaaaaaaaaaaaaaaaaaaa', 'repetitive'],
    ['ottoline.heron2026!', 'context'],
    ['password123456789', 'common'],
    ['siete garzas sobre el paño', 'other-characters'],
    ['tab\tin the middle of it', 'other-characters'],
    [' space at the start of it', 'other-characters'],
    [`seven tall grey birds ${'x y z '.repeat(30)}end`, 'too-long'],
    ['seven tall grey birds', null],
  ])('%s', (text, problem) => {
    expect(judgePdfPassword(text, ADDRESS)).toBe(problem);
  });

  it('for one copy can be typed on a telephone without changing the keyboard, and has 60 bits and more', () => {
    const made = Array.from({ length: 200 }, newFreshPassword);
    expect(new Set(made).size).toBe(200);
    for (const one of made) expect(one).toMatch(/^[a-hjkmnp-z]{5}(-[a-hjkmnp-z]{5}){2}$/);
    const letters = new Set(made.join('').replaceAll('-', ''));
    expect(letters.size).toBe(23);
    expect(15 * Math.log2(letters.size)).toBeGreaterThan(60);
    expect(judgePdfPassword(made[0] ?? '', ADDRESS)).toBeNull();
  });

  it('is made so that it passes the rule, and each time anew', () => {
    const made = Array.from({ length: 200 }, newPdfPassword);
    expect(new Set(made).size).toBe(200);
    for (const one of made) {
      expect(one).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
      expect(one).not.toMatch(/[ilo01]/);
    }
  });
});
