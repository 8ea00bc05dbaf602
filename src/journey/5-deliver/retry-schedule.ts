/** Waiting times after the first, second… attempt, in seconds; the last one repeats. */
export type RetrySchedule = readonly number[];

/**
 * A minute, because greylisting wants little more; then minutes; then hours, as RFC 5321 §4.5.4.1 has it for a host
 * that stays away.
 */
export const LIVE_SCHEDULE: RetrySchedule = [60, 180, 300, 600, 1_200, 1_800, 3_600, 7_200, 10_800, 14_400];

/** For the sandbox, where somebody is watching. */
export const SANDBOX_SCHEDULE: RetrySchedule = [2, 3, 5, 10, 30, 60];

/**
 * Milliseconds to wait after `attempts` attempts (1 or more): the schedule's time, moved by up to a fifth either way,
 * so that what failed together does not come back together. When to give up is the message's own business.
 */
export function nextTry(
  attempts: number,
  random: () => number,
  schedule: RetrySchedule = LIVE_SCHEDULE,
): number {
  const index = Math.min(Math.max(1, Math.floor(attempts)), schedule.length) - 1;
  const seconds = schedule[index] ?? 60;
  return Math.round(seconds * 1_000 * (0.8 + 0.4 * random()));
}
