import { networkKey } from '#platform/access';
import type { Clock } from '#platform/runtime';

/** A bucket per network address: `burst` requests at once, refilled with `perSecond`. */
export interface RateLimitOptions {
  readonly burst: number;
  readonly perSecond: number;
}

export interface RateLimiter {
  /** Takes one token; 0 when there was one, else the seconds to wait. */
  take(address: string | null): number;
}

const MOST_ADDRESSES = 50_000;

/**
 * Limits per address in the memory of this process: a brake against floods of requests that nobody has signed.
 * Guessing of secrets is slowed by platform/access in the database, over all processes.
 */
export function createRateLimiter(options: RateLimitOptions, clock: Clock): RateLimiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(address) {
      const key = networkKey(address);
      const now = clock.monotonic();
      const known = buckets.get(key);
      const refilled =
        known === undefined
          ? options.burst
          : Math.min(options.burst, known.tokens + ((now - known.at) / 1000) * options.perSecond);
      buckets.delete(key);
      if (buckets.size >= MOST_ADDRESSES) {
        const oldest = buckets.keys().next();
        if (!oldest.done) buckets.delete(oldest.value);
      }
      const allowed = refilled >= 1;
      buckets.set(key, { tokens: allowed ? refilled - 1 : refilled, at: now });
      return allowed ? 0 : (1 - refilled) / options.perSecond;
    },
  };
}
