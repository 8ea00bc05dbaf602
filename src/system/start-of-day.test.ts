import { describe, expect, it } from 'vitest';
import { startOfDay } from './start-of-day.ts';

describe('startOfDay', () => {
  it.each([
    ['2026-11-22T10:00:00Z', 'UTC', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22T03:00:00Z', 'America/Chicago', '2026-11-21T06:00:00.000Z'],
    ['2026-11-22T10:00:00Z', 'Asia/Kathmandu', '2026-11-21T18:15:00.000Z'],
    // Clocks went back on 1 November at 2 am: the day began under summer time.
    ['2026-11-01T20:00:00Z', 'America/New_York', '2026-11-01T04:00:00.000Z'],
    // Clocks went forward on 8 March at 2 am.
    ['2026-03-08T20:00:00Z', 'America/New_York', '2026-03-08T05:00:00.000Z'],
  ])('%s in %s began at %s', (now, zone, start) => {
    expect(startOfDay(new Date(now), zone).toISOString()).toBe(start);
  });
});
