import { describe, expect, it } from 'vitest';
import { dayRangeIn, isDay, momentsOf } from './day-range.ts';

describe('a range of days', () => {
  it('means the whole of both days, where the reader is', () => {
    const { since, until } = momentsOf({ since: '2026-03-08', until: '2026-03-08' });
    expect(new Date(since ?? '')).toEqual(new Date(2026, 2, 8));
    expect(new Date(until ?? '')).toEqual(new Date(2026, 2, 9));
  });

  it('is open where no day is named', () => {
    expect(momentsOf({})).toEqual({ since: undefined, until: undefined });
    expect(momentsOf({ until: '2026-12-31' })).toEqual({
      since: undefined,
      until: new Date(2027, 0, 1).toISOString(),
    });
  });

  it.each(['0002-11-22', '0202-11-22', '2026-13-01', '2026-11', '', 20261122, undefined])(
    'takes no day from %s',
    (value) => {
      expect(isDay(value)).toBe(false);
      expect(dayRangeIn({ since: value, until: '2026-11-22' })).toEqual({ until: '2026-11-22' });
    },
  );
});
