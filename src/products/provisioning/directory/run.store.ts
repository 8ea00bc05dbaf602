import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export type RunState = 'running' | 'planned' | 'stopped' | 'failed' | 'finished';

export interface RunCounts {
  readonly people?: number;
  readonly add?: number;
  readonly change?: number;
  readonly end?: number;
  readonly same?: number;
  readonly kept?: number;
  readonly unusable?: number;
  readonly groups?: number;
  /** Steps that were refused when they were carried out. */
  readonly refused?: number;
}

export interface RunRow {
  readonly id: string;
  readonly connection: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly state: RunState;
  readonly reason: string | null;
  readonly counts: RunCounts;
  readonly done: number;
  readonly total: number;
  readonly ending: string[];
  readonly plan: Buffer | null;
  readonly confirmed_at: Date | null;
}

const COLUMNS =
  'id, connection, started_at, ended_at, state, reason, counts, done, total, ending, plan, confirmed_at';

export async function insertRun(
  tx: Transaction,
  organisation: OrganisationId,
  row: { readonly id: string; readonly connection: string; readonly at: Date },
): Promise<void> {
  // A process that ended in the middle leaves its pass open: the new one begins where the directory stands now.
  await tx.execute({
    text: `update sealpost.provisioning_run set state = 'failed', reason = 'interrupted', ended_at = $3
           where organisation = $1 and connection = $2 and state = 'running'`,
    values: [organisation, row.connection, row.at],
  });
  await tx.execute({
    text: `insert into sealpost.provisioning_run (id, organisation, connection, started_at, state)
           values ($1, $2, $3, $4, 'running')`,
    values: [row.id, organisation, row.connection, row.at],
  });
}

export async function updateRun(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  change: Partial<Omit<RunRow, 'id' | 'connection' | 'started_at'>>,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.provisioning_run set ended_at = coalesce($3, ended_at), state = coalesce($4, state),
             reason = coalesce($5, reason), counts = coalesce($6::jsonb, counts), done = coalesce($7, done),
             total = coalesce($8, total), ending = coalesce($9::uuid[], ending), plan = coalesce($10, plan),
             confirmed_at = coalesce($11, confirmed_at)
           where organisation = $1 and id = $2`,
    values: [
      ...[organisation, id, change.ended_at ?? null, change.state ?? null, change.reason ?? null],
      ...[change.counts === undefined ? null : JSON.stringify(change.counts), change.done ?? null],
      ...[change.total ?? null, change.ending ?? null, change.plan ?? null, change.confirmed_at ?? null],
    ],
  });
}

/** Newest first. */
export async function selectRuns(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
  most: number,
): Promise<RunRow[]> {
  return tx.query<RunRow>({
    name: 'provisioning-run.select',
    text: `select ${COLUMNS} from sealpost.provisioning_run where organisation = $1 and connection = $2
           order by id desc limit $3`,
    values: [organisation, connection, most],
  });
}

export async function selectRun(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<RunRow | undefined> {
  return tx.maybe<RunRow>({
    name: 'provisioning-run.one',
    text: `select ${COLUMNS} from sealpost.provisioning_run where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function sweepRuns(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
  before: Date,
): Promise<void> {
  await tx.execute({
    text: `delete from sealpost.provisioning_run
           where organisation = $1 and connection = $2 and started_at < $3 and ended_at is not null`,
    values: [organisation, connection, before],
  });
}
