import type { Audit } from '#platform/audit';
import type { Database } from '#platform/database';
import type { RefusedAct } from '#platform/http';
import type { Clock } from '#platform/runtime';

export interface RefusedPorts {
  readonly audit: Pick<Audit, 'append'>;
  readonly database: Database;
  readonly clock: Clock;
}

/** A caller's refusals of one route are one entry a minute, with their number; a caller has so many entries an hour. */
const ONE_ENTRY_MS = 60_000;
const HOUR_MS = 3_600_000;
const MOST_AN_HOUR = 60;
/** Callers and routes remembered; those asked for longest ago go first. */
const MOST_KEPT = 10_000;

interface Kept {
  since: number;
  count: number;
}

/**
 * Puts on record that somebody asked for what they may not do (AU-1). Bounded, so that asking again and again cannot flood
 * the log: what is not written is counted by the next entry that is.
 */
export function refusedActs({
  audit,
  database,
  clock,
}: RefusedPorts): (refused: RefusedAct) => Promise<void> {
  const byRoute = new Map<string, Kept>();
  const byCaller = new Map<string, Kept>();
  return async ({ caller, route, permission }) => {
    const { organisation, actor, origin, request } = caller;
    const who = `${organisation} ${JSON.stringify(actor)}`;
    const now = clock.monotonic();
    const held = renewed(byRoute, `${who} ${route}`, now, ONE_ENTRY_MS);
    const hour = renewed(byCaller, who, now, HOUR_MS);
    held.kept.count += 1;
    if (!held.fresh || hour.kept.count >= MOST_AN_HOUR) return;
    hour.kept.count += 1;
    await database.tenant([organisation], 'app', (tx) =>
      audit.append(tx, {
        ...{ organisation, actor, origin, request, action: 'access.refused', result: 'refused' },
        details: { route, permission, before: held.before },
        ...{ subjects: [], sealedReference: null },
      }),
    );
  };
}

/** The count of a key in its present window. `before` is what the window before counted beyond its first. */
function renewed(
  all: Map<string, Kept>,
  key: string,
  now: number,
  windowMs: number,
): { kept: Kept; fresh: boolean; before: number } {
  const old = all.get(key);
  if (old !== undefined && now - old.since < windowMs) return { kept: old, fresh: false, before: 0 };
  const kept = { since: now, count: 0 };
  all.delete(key);
  all.set(key, kept);
  const oldest = all.size > MOST_KEPT ? all.keys().next() : undefined;
  if (oldest?.done === false) all.delete(oldest.value);
  return { kept, fresh: true, before: Math.max(0, (old?.count ?? 0) - 1) };
}
