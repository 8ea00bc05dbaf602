import type { Clock } from '#platform/runtime';

export interface UnreachableHosts {
  note(host: string): void;
  forget(host: string): void;
  has(host: string): boolean;
}

/** Hosts that could not be reached lately: tried last for a while, so that a dead MX costs one wait and not thousands. */
export function createUnreachableHosts(clock: Clock, forMs = 60_000, most = 10_000): UnreachableHosts {
  const until = new Map<string, number>();
  return {
    note(host) {
      until.delete(host);
      until.set(host, clock.monotonic() + forMs);
      const oldest = until.size > most ? until.keys().next() : undefined;
      if (oldest?.done === false) until.delete(oldest.value);
    },
    forget: (host) => void until.delete(host),
    has: (host) => (until.get(host) ?? 0) > clock.monotonic(),
  };
}
