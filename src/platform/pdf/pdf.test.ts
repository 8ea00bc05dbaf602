import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showable } from './showable-text.ts';
import { wrapText } from './wrap-text.ts';

describe('text that fonts can show', () => {
  it.each([
    ['Señora Müller, ¿cómo está? Żółć, Đặng, œuvre, ½ €', 0],
    ['Ελληνικά и кириллица', 0],
    ['a\u0301 is composed', 0],
  ])('keeps %s', (text, replaced) => {
    expect(showable(text)).toEqual({ text: text.normalize('NFC'), replaced, rightToLeft: false });
  });

  it('says which characters it lacks and marks right-to-left script', () => {
    expect(showable('診断 ok')).toEqual({ text: '[U+8A3A][U+65AD] ok', replaced: 2, rightToLeft: false });
    expect(showable('\u0000')).toMatchObject({ text: '[U+0000]', replaced: 1 });
    expect(showable('שלום').rightToLeft).toBe(true);
    expect(showable('a\r\nb\rc\td')).toMatchObject({ text: 'a\nb\nc    d', replaced: 0 });
  });

  it('never drops a visible character without its number', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const shown = showable(text);
        const numbers = shown.text.match(/\[U\+[0-9A-F]{4,6}\]/g) ?? [];
        return numbers.length >= shown.replaced;
      }),
    );
  });
});

describe('lines', () => {
  const measure = (part: string): number => [...part].length;

  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['a\n\nb', 9, ['a', '', 'b']],
    ['  indented stays', 10, ['  indented', 'stays']],
    ['', 5, ['']],
  ])('%j in %i', (text, width, lines) => {
    expect(wrapText(text, width, measure)).toEqual(lines);
  });

  it('fit the width and lose no letter', () => {
    const words = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', 'ñ') });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 12 }), (text, width) => {
        const lines = wrapText(text, width, measure);
        const letters = (of: string) => of.replace(/\s/g, '');
        return lines.every((line) => measure(line) <= width) && letters(lines.join('')) === letters(text);
      }),
    );
  });
});
