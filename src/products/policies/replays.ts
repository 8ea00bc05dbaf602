import type { Actor, Caller } from '#core/actor';
import type { Decision, RecipientFacts } from '#core/decision';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Method } from '#core/method';
import type { Policy } from '#core/policy';
import type { Database } from '#platform/database';
import { idTime, type Logger, newId } from '#platform/runtime';
import { comparePolicies, type PolicyDifference } from './describe-policy.ts';
import { onRecord } from './on-record.ts';
import { newestPolicy, policiesByVersion } from './policy.store.ts';
import { type GivenPolicy, normalise, type PolicyDocument, readDocument } from './policy-document.ts';
import {
  insertReplay,
  listReplays,
  type ReplayRow,
  type ReplayState,
  replayById,
  stopReplay,
} from './replay.store.ts';
import type { ReplaySummary } from './replay-summary.ts';
import { runReplays, sweepReplays } from './run-replays.ts';
import { openPolicy, type VersionPorts } from './store-version.ts';

/** A recipient's waiver as it was in force. */
export interface WaiverTime {
  /** In the form that addresses are compared in. */
  readonly address: string;
  readonly from: Date;
  readonly until: Date;
}

export interface ReplayPorts extends VersionPorts {
  readonly database: Database;
  readonly logger: Logger;
  decide(facts: RecipientFacts, policy: Policy): Decision;
  offered(): readonly Method[];
  /** Refusal `invalid` where the document may not be stored. */
  check(policy: Policy): void;
  /** Every waiver that was ever recorded: which of them held at a past moment. */
  waiverHistory(organisation: OrganisationId): Promise<readonly WaiverTime[]>;
  /** Those of the addresses (in compared form) for which we hold now what the method needs. */
  holders(
    organisation: OrganisationId,
    method: Method,
    addresses: readonly string[],
  ): Promise<ReadonlySet<string>>;
}

export interface Replay {
  readonly id: string;
  readonly state: ReplayState;
  readonly baseVersion: number;
  readonly days: number;
  readonly most: number;
  /** 0 to 1: how much of the time has been gone through. */
  readonly progress: number;
  readonly summary: ReplaySummary | null;
  readonly startedBy: Actor;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
}

/** A replay with what was tried. */
export interface ReplayDetail extends Replay {
  readonly document: PolicyDocument;
  readonly differences: readonly PolicyDifference[];
}

export interface WantedReplay {
  readonly document: GivenPolicy;
  readonly days: number;
  readonly most: number;
}

/** A policy tried on past decisions before it is in force (DL-7). */
export interface Replays {
  /** Refusals: `invalid` with a path where the document could not be turned on, `limit-reached` with two under way. */
  start(caller: Caller, wanted: WantedReplay): Promise<ReplayDetail>;
  list(caller: Caller): Promise<readonly Replay[]>;
  /** Refusal `not-found`. */
  read(caller: Caller, id: string): Promise<ReplayDetail>;
  /** Refusals: `not-found`, `wrong-state` where it has ended. */
  cancel(caller: Caller, id: string): Promise<void>;
  /** The worker's part: goes on with what waits, for some seconds at most. */
  run(): Promise<void>;
  /** Forgets replays of these organisations that ended 30 days ago. */
  sweep(organisations: readonly OrganisationId[]): Promise<void>;
}

const DAY_MS = 86_400_000;
const MOST_AT_ONCE = 2;
const MOST_LISTED = 20;

export const replayBinding = (organisation: OrganisationId, row: string) => ({
  ...{ organisation, row },
  field: 'policy_replay.document',
});

export function createReplays(ports: ReplayPorts): Replays {
  const { database, vault, clock } = ports;
  const read = async (caller: Caller, id: string): Promise<ReplayDetail> => {
    const { organisation } = caller;
    const { row, base } = await database.tenant([organisation], 'app', async (tx) => {
      const found = await replayById(tx, organisation, id);
      if (!found) throw new Refusal('not-found');
      const [version] = await policiesByVersion(tx, organisation, [found.base_version]);
      await onRecord(ports, tx, caller, 'policy-replay.viewed', [{ kind: 'policy-replay', id }]);
      return { row: found, base: version };
    });
    const text = await vault.openValue(replayBinding(organisation, id), row.document);
    const document = readDocument(text.toString('utf8'));
    const before = base && (await openPolicy(ports, organisation, base)).policy;
    return { ...shown(row), document, differences: before ? comparePolicies(before, document) : [] };
  };
  return {
    async start(caller, { document, days, most }) {
      const { organisation, actor } = caller;
      const wanted = normalise(document);
      ports.check({ ...wanted, version: 0 });
      const now = clock.now();
      const id = newId(clock);
      const sealed = await vault.sealValue(
        'configuration',
        replayBinding(organisation, id),
        JSON.stringify(wanted),
      );
      await database.tenant([organisation], 'app', async (tx) => {
        const row = {
          ...{ id, organisation, document: sealed, days, most },
          base_version: (await newestPolicy(tx, organisation))?.version ?? 0,
          since: new Date(now.getTime() - days * DAY_MS),
          ...{ started_by: actor, created_at: now },
        };
        if (!(await insertReplay(tx, row, MOST_AT_ONCE)))
          throw new Refusal('limit-reached', { replays: MOST_AT_ONCE });
        await onRecord(ports, tx, caller, 'policy-replay.started', [{ kind: 'policy-replay', id }], {
          ...{ days, most },
        });
      });
      return read(caller, id);
    },
    async list(caller) {
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', async (tx) => {
        const found = await listReplays(tx, organisation, MOST_LISTED);
        const subjects = found.map(({ id }) => ({ kind: 'policy-replay', id }) as const);
        await onRecord(ports, tx, caller, 'policy-replays.listed', subjects);
        return found;
      });
      return rows.map(shown);
    },
    read,
    async cancel(caller, id) {
      const { organisation } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await stopReplay(tx, organisation, id, 'cancelled', clock.now()))) {
          const there = await replayById(tx, organisation, id);
          throw new Refusal(there ? 'wrong-state' : 'not-found');
        }
        await onRecord(ports, tx, caller, 'policy-replay.cancelled', [{ kind: 'policy-replay', id }]);
      });
    },
    run: () => runReplays(ports),
    sweep: (organisations) => sweepReplays(ports, organisations),
  };
}

function shown(row: ReplayRow): Replay {
  return {
    ...{ id: row.id, state: row.state, baseVersion: row.base_version, days: row.days, most: row.most },
    ...{ progress: progressOf(row), summary: row.result },
    ...{ startedBy: row.started_by, createdAt: row.created_at, finishedAt: row.finished_at },
  };
}

function progressOf({ state, position, created_at, since, result, most }: ReplayRow): number {
  if (state === 'done') return 1;
  if (position === null) return 0;
  const begun = created_at.getTime();
  const reached = idTime(position)?.getTime() ?? begun;
  const byTime = (begun - reached) / (begun - since.getTime());
  return Math.min(1, Math.max(0, byTime, (result?.decisions ?? 0) / most));
}
