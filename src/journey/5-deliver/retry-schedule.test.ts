import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIVE_SCHEDULE, nextTry, SANDBOX_SCHEDULE } from './retry-schedule.ts';

describe('nextTry', () => {
  it('begins with a minute and ends with hours', () => {
    const middle = () => 0.5;
    expect(nextTry(1, middle)).toBe(60_000);
    expect(nextTry(2, middle)).toBe(180_000);
    expect(nextTry(10, middle)).toBe(14_400_000);
    expect(nextTry(500, middle)).toBe(14_400_000);
  });

  it('stays within a fifth of the schedule, for any number of attempts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 10_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempts, at) => {
          for (const schedule of [LIVE_SCHEDULE, SANDBOX_SCHEDULE]) {
            const low = nextTry(attempts, () => 0, schedule);
            const wait = nextTry(attempts, () => at, schedule);
            expect(wait).toBeGreaterThanOrEqual(low);
            expect(wait).toBeLessThanOrEqual(low * 1.5 + 1);
            expect(wait).toBeGreaterThan(0);
          }
        },
      ),
    );
  });
});
