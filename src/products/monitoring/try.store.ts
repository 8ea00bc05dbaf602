import type { Actor } from '#core/actor';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Definition, Severity } from './rule.ts';

export type TryState = 'waiting' | 'running' | 'done' | 'failed';

/** What a rule would have found. Groups are ids and networks of staff, as in incidents. */
export interface TryResult {
  readonly entries: number;
  readonly found: number;
  /** The newest ones. */
  readonly incidents: readonly {
    readonly group: string;
    readonly firstAt: string;
    readonly lastAt: string;
    readonly hits: number;
    readonly amount: number;
    readonly entries: readonly string[];
  }[];
}

export interface TryRow {
  readonly id: string;
  readonly definition: Definition;
  readonly severity: Severity;
  readonly days: number;
  readonly state: TryState;
  readonly progress: number;
  readonly result: TryResult | null;
  readonly started_by: Actor;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

const COLUMNS =
  'id, definition, severity, days, state, progress, result, started_by, created_at, finished_at';

/** False where `most` of the organisation are under way already. */
export async function insertTry(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<TryRow, 'id' | 'definition' | 'severity' | 'days' | 'started_by' | 'created_at'>,
  most: number,
): Promise<boolean> {
  const made = await tx.execute({
    name: 'alert-try.insert',
    text: `insert into sealpost.alert_try (id, organisation, definition, severity, days, state, started_by, created_at)
      select $1, $2, $3, $4, $5, 'waiting', $6, $7
      where (select count(*) from sealpost.alert_try
        where organisation = $2 and state in ('waiting', 'running')) < $8`,
    values: [
      ...[row.id, organisation, JSON.stringify(row.definition), row.severity, row.days],
      ...[JSON.stringify(row.started_by), row.created_at, most],
    ],
  });
  return made === 1;
}

export async function tryById(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<TryRow | undefined> {
  return tx.maybe<TryRow>({
    name: 'alert-try.by-id',
    text: `select ${COLUMNS} from sealpost.alert_try where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

/** Takes one for `runner` until then; undefined where somebody else has it, or it has ended. */
export async function takeTry(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  runner: string,
  now: Date,
  until: Date,
): Promise<TryRow | undefined> {
  return tx.maybe<TryRow>({
    name: 'alert-try.take',
    text: `update sealpost.alert_try set state = 'running', runner = $3, lease_until = $5
      where organisation = $1 and id = $2 and (state = 'waiting' or (state = 'running' and lease_until < $4))
      returning ${COLUMNS}`,
    values: [organisation, id, runner, now, until],
  });
}

/** False where the try is no longer this runner's. */
export async function advanceTry(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  runner: string,
  to: {
    readonly state: TryState;
    readonly progress: number;
    readonly result: TryResult | null;
    readonly leaseUntil: Date;
    readonly finishedAt: Date | null;
  },
): Promise<boolean> {
  const moved = await tx.execute({
    name: 'alert-try.advance',
    text: `update sealpost.alert_try set state = $4, progress = $5, result = $6, lease_until = $7, finished_at = $8
      where organisation = $1 and id = $2 and runner = $3 and state = 'running'`,
    values: [
      ...[
        organisation,
        id,
        runner,
        to.state,
        to.progress,
        to.result === null ? null : JSON.stringify(to.result),
      ],
      ...[to.leaseUntil, to.finishedAt],
    ],
  });
  return moved === 1;
}

export interface WaitingTry {
  readonly organisation: OrganisationId;
  readonly try: string;
}

/** Of all organisations; ids only. */
export async function waitingTries(tx: Transaction, now: Date, most: number): Promise<WaitingTry[]> {
  return tx.query<WaitingTry>({
    name: 'alert-try.waiting',
    text: 'select organisation, try from sealpost.waiting_alert_tries($1, $2)',
    values: [now, most],
  });
}

export async function sweepTries(
  tx: Transaction,
  organisation: OrganisationId,
  before: Date,
): Promise<number> {
  return tx.execute({
    name: 'alert-try.sweep',
    text: 'delete from sealpost.alert_try where organisation = $1 and created_at < $2',
    values: [organisation, before],
  });
}
