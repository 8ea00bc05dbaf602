import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '#platform/runtime';
import { startJobs } from './jobs.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('jobs', () => {
  it('run soon after the start, however long their interval, and then at it', async () => {
    let runs = 0;
    const job = {
      name: 'rare',
      everyMs: 12 * 3_600_000,
      run: async () => {
        runs += 1;
      },
    };
    const jobs = startJobs([job], silentLogger);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toBe(1);
    await vi.advanceTimersByTimeAsync(12 * 3_600_000);
    expect(runs).toBe(2);
    await jobs.stop();
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect(runs).toBe(2);
  });

  it('run never twice at once, and go on after a failure', async () => {
    let begun = 0;
    const job = {
      name: 'slow',
      everyMs: 100,
      run: async () => {
        begun += 1;
        if (begun === 1) throw new Error('not this time');
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      },
    };
    const jobs = startJobs([job], silentLogger);
    await vi.advanceTimersByTimeAsync(950);
    expect(begun).toBe(2);
    const stopped = jobs.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await stopped;
  });
});
