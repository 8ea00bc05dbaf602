import { describe, expect, it } from 'vitest';
import { nameMatcher } from './match-name.ts';

const ana = { displayName: 'Dr. Ana-María O’Brien', address: 'a.obrien@north.clinic.test' };
const means = (text: string) => nameMatcher(text)(ana);

describe('nameMatcher', () => {
  it('takes beginnings of words in any order, case and accent', () => {
    for (const text of ['ana', 'MARIA', 'mar', 'brien ana', 'ana-maria', '  dr.  a ', 'ＡＮＡ'])
      expect([text, means(text)]).toEqual([text, true]);
  });

  it('takes the address and its parts', () => {
    for (const text of [
      'a.obrien',
      'a.obrien@north',
      'obrien',
      'north',
      'clinic.test',
      'A.OBRIEN@NORTH.CLINIC.TEST',
    ])
      expect([text, means(text)]).toEqual([text, true]);
  });

  it('asks for every word, and for its beginning', () => {
    for (const text of ['ana kim', 'rien', 'na', 'ria']) expect([text, means(text)]).toEqual([text, false]);
  });

  it('means nobody without words', () => {
    for (const text of ['', '  ', '\u0301']) expect(means(text)).toBe(false);
  });

  it('keeps letters of other scripts whole', () => {
    const kim = { displayName: '김 민준', address: 'kim@clinic.test' };
    expect(nameMatcher('민준')(kim)).toBe(true);
    expect(nameMatcher('준')(kim)).toBe(false);
  });
});
