import { describe, expect, it } from 'vitest';
import { duration, exactUtc, milliseconds, relativeTime, shortTime, size } from './time.ts';

const now = new Date('2026-11-22T12:00:00Z');

describe('times', () => {
  it('gives the exact moment in UTC whatever the zone of the input', () => {
    expect(exactUtc('2026-11-22T05:18:07.123+01:00')).toBe('2026-11-22 04:18:07.123 UTC');
  });

  it('shows what is no time as it came', () => {
    expect(exactUtc('soon')).toBe('soon');
    expect(shortTime('soon', now)).toBe('soon');
    expect(relativeTime('soon', now)).toBe('soon');
  });

  it('shows the clock for today, the day before that, the year when it is far', () => {
    const today = new Date(now);
    today.setHours(8, 5, 0, 0);
    expect(shortTime(today.toISOString(), now, 'en-GB')).toBe('08:05');
    const yesterday = new Date(today.getTime() - 86_400_000);
    expect(shortTime(yesterday.toISOString(), now, 'en-GB')).toBe('yesterday 08:05');
    expect(shortTime('2026-11-10T08:05:00Z', now, 'en-GB')).toMatch(/^10 Nov \d\d:05$/);
    expect(shortTime('2024-03-01T12:00:00Z', now, 'en-GB')).toBe('1 Mar 2024');
  });

  it('says how far away a moment is', () => {
    expect(relativeTime('2026-11-22T12:03:00Z', now, 'en')).toBe('in 3 minutes');
    expect(relativeTime('2026-11-20T12:00:00Z', now, 'en')).toBe('2 days ago');
  });

  it('says how long something took', () => {
    expect(duration('2026-11-22T12:00:00.000Z', '2026-11-22T12:00:00.340Z')).toBe('340 ms');
    expect(milliseconds(2_449)).toBe('2.4 s');
    expect(milliseconds(-1)).toBe('');
  });
});

describe('sizes', () => {
  it('uses decimal units', () => {
    expect(size(999, 'en')).toBe('999 B');
    expect(size(1_240, 'en')).toBe('1.2 kB');
    expect(size(20_480, 'en')).toBe('20 kB');
    expect(size(7_000_000, 'en')).toBe('7 MB');
  });
});
