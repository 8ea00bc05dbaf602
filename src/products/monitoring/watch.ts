import { INSTALLATION, type OrganisationId } from '#core/ids';
import { placeAt, readPlaced } from '#platform/audit';
import { DatabaseUnavailable } from '#platform/database';
import { describeFault } from '#platform/runtime';
import { compileRules, evaluate, foldHits, keptMs, matchRules } from './evaluate.ts';
import { factsOf } from './facts.ts';
import { localClock } from './local-time.ts';
import type { MonitoringPorts } from './ports.ts';
import { recordFindings } from './record-findings.ts';
import { activeRules } from './rule-sets.ts';
import {
  beginCursor,
  hasCursor,
  loadWindows,
  moveCursor,
  organisationsBehind,
  saveWindows,
  takeCursor,
} from './watch.store.ts';

/** Entries of one transaction. */
const PAGE = 2_000;
/** One run of the job; what is left is gone on with at the next. */
const RUN_MS = 4_000;
const MOST_ORGANISATIONS = 200;
/** What a log that was never read is learnt from: as long as baselines and habits look back. */
const LEARN_MS = 28 * 86_400_000;

/** Goes on with every log that has new entries, page by page and in turn. Returns how many entries were looked at. */
export async function watchLogs(ports: MonitoringPorts): Promise<number> {
  const until = ports.clock.monotonic() + RUN_MS;
  let total = 0;
  for (;;) {
    const behind = await ports.database.system('worker', (tx) => organisationsBehind(tx, MOST_ORGANISATIONS));
    let moved = 0;
    for (const organisation of behind) {
      moved += await guarded(ports, organisation);
      if (ports.clock.monotonic() > until) return total + moved;
    }
    total += moved;
    if (moved === 0) return total;
  }
}

/** One organisation's trouble must not keep the others waiting; a lost database concerns them all. */
async function guarded(ports: MonitoringPorts, organisation: OrganisationId): Promise<number> {
  try {
    return await watchPage(ports, organisation);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    ports.logger.error('monitoring-failed', { ...describeFault(error), organisation });
    return 0;
  }
}

/**
 * One page of one log. Cursor, windows, incidents, alerts and their audit entries commit together, while the cursor's row is
 * held: a crash repeats the whole page, and a second worker passes over the log meanwhile.
 */
export async function watchPage(ports: MonitoringPorts, organisation: OrganisationId): Promise<number> {
  const zone = organisation === INSTALLATION ? 'UTC' : await ports.zone(organisation);
  const now = ports.clock.now();
  return ports.database.tenant([organisation], 'worker', async (tx) => {
    if (!(await hasCursor(tx, organisation))) {
      const from = await placeAt(tx, organisation, new Date(now.getTime() - LEARN_MS));
      // What was there before is learnt from and opens nothing: the first administrator of a new organisation is no news.
      await beginCursor(tx, organisation, from, now, now);
    }
    const cursor = await takeCursor(tx, organisation);
    if (cursor === undefined) return 0;
    const position = Number(cursor.position);
    const page = await readPlaced(tx, organisation, position, PAGE);
    if (page.next === position) return 0;
    const { rules, channelsOf } = await activeRules(tx, organisation);
    const compiled = compileRules(rules);
    const entries = page.entries.map(factsOf);
    const matches = matchRules(compiled, entries);
    const touched = new Map(matches.map((one) => [one.key, one]));
    const windows = await loadWindows(tx, organisation, [...touched.keys()], now);
    const world = { local: localClock(zone), placeOf: ports.placeOf };
    const hits = evaluate(matches, windows, world);
    const rows = [...touched].flatMap(([name, { rule, facts }]) => {
      const state = windows.get(name);
      return state === undefined ? [] : [{ name, state, expiresAt: new Date(facts.at + keptMs(rule)) }];
    });
    await saveWindows(tx, organisation, rows);
    const live = hits.filter(({ at }) => at >= cursor.live_since.getTime());
    await recordFindings(ports, tx, organisation, foldHits(live), channelsOf);
    if (!(await moveCursor(tx, organisation, position, page.next, now)))
      throw new Error('another worker moved the cursor');
    return page.next - position;
  });
}
