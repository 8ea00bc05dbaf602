import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import { placeAt, readPlaced } from '#platform/audit';
import { DatabaseUnavailable } from '#platform/database';
import { describeFault, newId } from '#platform/runtime';
import {
  compileRules,
  evaluate,
  type Finding,
  foldHits,
  keptMs,
  matchRules,
  type Windows,
} from './evaluate.ts';
import { factsOf } from './facts.ts';
import { localClock } from './local-time.ts';
import type { MonitoringPorts } from './ports.ts';
import { type ActiveRule, activeRule, type Definition, type Severity } from './rule.ts';
import {
  advanceTry,
  insertTry,
  type TryResult,
  type TryRow,
  takeTry,
  tryById,
  waitingTries,
} from './try.store.ts';

export interface Tries {
  /** Refusals: `invalid` for a rule about the log's own state (there is no past of it), `limit-reached` with two under way. */
  start(
    caller: Caller,
    wanted: { readonly definition: Definition; readonly severity: Severity; readonly days: number },
  ): Promise<TryRow>;
  /** Refusal `not-found`. */
  read(caller: Caller, id: string): Promise<TryRow>;
  /** The worker's part. */
  run(): Promise<void>;
}

const MOST_AT_ONCE = 2;
const PAGE = 5_000;
const LEASE_MS = 30_000;
const MOST_SHOWN = 100;
/** Windows that a try may remember; those that expired go first. */
const MOST_WINDOWS = 100_000;
const DAY_MS = 86_400_000;
/** Baselines and habits are learnt from before the days that are asked for. */
const LEARN_DAYS = 28;

export function createTries(ports: MonitoringPorts): Tries {
  const { database, audit, clock } = ports;
  const read = async (caller: Caller, id: string) => {
    const { organisation } = caller;
    const row = await database.tenant([organisation], 'app', (tx) => tryById(tx, organisation, id));
    if (row === undefined) throw new Refusal('not-found');
    return row;
  };
  return {
    async start(caller, wanted) {
      const { organisation, actor } = caller;
      if (wanted.definition.detector.kind === 'signal')
        throw new Refusal('invalid', { path: 'definition.detector' });
      const id = newId(clock);
      await database.tenant([organisation], 'app', async (tx) => {
        const row = { id, ...wanted, started_by: actor, created_at: clock.now() };
        if (!(await insertTry(tx, organisation, row, MOST_AT_ONCE)))
          throw new Refusal('limit-reached', { tries: MOST_AT_ONCE });
        const details = { days: wanted.days, detector: wanted.definition.detector.kind };
        await audit.append(
          tx,
          doneBy(caller, 'alert-rule.tried', { details, subjects: [{ kind: 'alert-try', id }] }),
        );
      });
      return read(caller, id);
    },
    read,
    async run() {
      const due = await database.system('worker', (tx) => waitingTries(tx, clock.now(), 10));
      for (const one of due) await runTry(ports, one.organisation, one.try);
    },
  };
}

/** From its beginning to its end, in this process' memory; a crash lets somebody else begin it again. */
async function runTry(ports: MonitoringPorts, organisation: OrganisationId, id: string): Promise<void> {
  const { database, clock } = ports;
  const runner = newId(clock);
  const now = clock.now();
  const row = await database.tenant([organisation], 'worker', (tx) =>
    takeTry(tx, organisation, id, runner, now, new Date(now.getTime() + LEASE_MS)),
  );
  if (row === undefined) return;
  const advance = (state: TryRow['state'], progress: number, result: TryResult | null) => {
    const at = clock.now();
    const leaseUntil = new Date(at.getTime() + LEASE_MS);
    const finishedAt = state === 'running' ? null : at;
    return database.tenant([organisation], 'worker', (tx) =>
      advanceTry(tx, organisation, id, runner, { state, progress, result, leaseUntil, finishedAt }),
    );
  };
  try {
    const result = await replay(ports, organisation, row, (progress) => advance('running', progress, null));
    if (result !== null) await advance('done', 1, result);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    ports.logger.error('alert-try-failed', { ...describeFault(error), organisation });
    await advance('failed', 1, null);
  }
}

/** Null where somebody else has the try now. */
async function replay(
  ports: MonitoringPorts,
  organisation: OrganisationId,
  row: TryRow,
  tell: (progress: number) => Promise<boolean>,
): Promise<TryResult | null> {
  const { database } = ports;
  const rule = activeRule('try', row.severity, row.definition);
  const compiled = compileRules([rule]);
  const end = row.created_at.getTime();
  const since = end - row.days * DAY_MS;
  const learnFrom = new Date(since - LEARN_DAYS * DAY_MS);
  const world = { local: localClock(await ports.zone(organisation)), placeOf: ports.placeOf };
  const windows: Windows = new Map();
  const open = new Map<string, Finding>();
  const found: Finding[] = [];
  let looked = 0;
  let position = await database.tenant([organisation], 'worker', (tx) =>
    placeAt(tx, organisation, learnFrom),
  );
  for (;;) {
    const from = position;
    const page = await database.tenant([organisation], 'worker', (tx) =>
      readPlaced(tx, organisation, from, PAGE),
    );
    if (page.next === from) break;
    position = page.next;
    const entries = page.entries.map(factsOf).filter(({ at }) => at < end);
    const hits = evaluate(matchRules(compiled, entries), windows, world).filter(({ at }) => at >= since);
    looked += entries.filter(({ at }) => at >= since).length;
    found.push(...foldHits(hits, open));
    const at = entries.at(-1)?.at ?? end;
    forgetOld(windows, rule, at);
    const progress = Math.min(0.99, Math.max(0, (at - learnFrom.getTime()) / (end - learnFrom.getTime())));
    if (!(await tell(progress))) return null;
    if (entries.length === 0 && page.entries.length > 0) break;
  }
  return resultOf(looked, found);
}

/** Only where there are many: which windows are still of use costs a look at each. */
function forgetOld(windows: Windows, rule: ActiveRule, at: number): void {
  if (windows.size <= MOST_WINDOWS) return;
  const { kind } = rule.definition.detector;
  for (const [key, { s }] of windows) {
    const newest = s.h?.at(-1)?.[0];
    if (kind === 'count' && newest !== undefined && newest < at - keptMs(rule)) windows.delete(key);
  }
  for (const key of windows.keys()) {
    if (windows.size <= MOST_WINDOWS) return;
    windows.delete(key);
  }
}

function resultOf(entries: number, found: readonly Finding[]): TryResult {
  return {
    entries,
    found: found.length,
    incidents: found
      .slice(-MOST_SHOWN)
      .reverse()
      .map(({ group, firstAt, lastAt, hits, amount, evidence }) => ({
        ...{ group, hits, amount, entries: evidence.slice(0, 5) },
        firstAt: new Date(firstAt).toISOString(),
        lastAt: new Date(lastAt).toISOString(),
      })),
  };
}
