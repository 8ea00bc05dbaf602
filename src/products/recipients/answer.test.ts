import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOnRecord, normaliseSecret } from './answer.ts';
import { readDates } from './read-date.ts';

const NOW = new Date('2026-11-27T12:00:00Z');
const read = (text: string) => readDates(text, NOW);

describe('a date of birth', () => {
  it.each([
    '1980-12-31',
    '1980/12/31',
    '1980.12.31',
    '19801231',
    '12/31/1980',
    '31/12/1980',
    '31.12.1980',
    '31-12-80',
    '12 31 1980',
    '31121980',
    '12311980',
    'December 31, 1980',
    '31 December 1980',
    'Dec 31st 1980',
    '31st of December 1980',
    '31 de diciembre de 1980',
    '31 dic. 1980',
    'DICIEMBRE 31 DE 1980',
    '1980 December 31',
    ' 31 / 12 / 1980 ',
  ])('%s', (text) => {
    expect(read(text)).toEqual(['1980-12-31']);
  });

  it('of two readings is read in both', () => {
    expect(read('03/04/1980')).toEqual(['1980-03-04', '1980-04-03']);
    expect(read('3/4/05')).toEqual(['1905-03-04', '2005-03-04', '1905-04-03', '2005-04-03']);
    expect(read('4/4/80')).toEqual(['1980-04-04']);
  });

  it.each([
    '',
    '1980',
    '31/13/1980',
    '30/02/1980',
    '1980-02-30',
    'yesterday',
    '2026-11-28',
    '1850-01-01',
    '1/2/3',
    '1/2/3/4',
    '٣/٤/١٩٨٠',
  ])('is not %s', (text) => {
    expect(read(text)).toEqual([]);
  });

  it('is found in whatever usual way it is written, and only as a real day of the past', () => {
    const days = fc.date({ min: new Date('1900-01-01'), max: new Date('2026-11-26'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const iso = date.toISOString().slice(0, 10);
        const [year, month, day] = iso.split('-').map(Number);
        for (const text of [iso, `${month}/${day}/${year}`, `${day}.${month}.${year}`])
          expect(read(text)).toContain(iso);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const date of read(text)) expect(new Date(date) <= NOW).toBe(true);
      }),
    );
  });

  it('is put on record in one spelling only', () => {
    expect(answerOnRecord('date-of-birth', '1980-03-04', NOW)).toBe('1980-03-04');
    for (const text of ['03/04/1980', '1980-3-4', '19800304', '2030-01-01'])
      expect(answerOnRecord('date-of-birth', text, NOW)).toBeNull();
  });
});

describe('a secret', () => {
  it.each([
    ['  Ñandú  Rex ', 'nandurex'],
    ['NANDU REX', 'nandurex'],
    ['ＡＢＣ１２３', 'abc123'],
    ['za\u200bbc', 'zabc'],
  ])('%s is compared as %s', (text, form) => {
    expect(normaliseSecret(text)).toBe(form);
  });

  it('of fewer than four characters is none', () => {
    expect(answerOnRecord('shared-secret', 'a b c', NOW)).toBeNull();
    expect(answerOnRecord('shared-secret', 'a b c d', NOW)).toBe('abcd');
  });
});
