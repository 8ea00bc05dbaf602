import { describe, expect, it } from 'vitest';
import { foundWords } from './found-words.ts';

const found = (count: number, more = false, whole = true) =>
  foundWords({ items: Array.from({ length: count }), more, whole });

describe('foundWords', () => {
  it('counts, and never claims more than was looked through', () => {
    expect(found(1)).toBe('1 person');
    expect(found(2)).toBe('2 people');
    expect(found(50, true)).toBe('The first 50 people; type more of the name to narrow it');
    expect(found(0)).toMatch(/^Nobody found\./);
    for (const count of [0, 3])
      expect(found(count, false, false)).toContain('A whole address finds everybody.');
  });
});
