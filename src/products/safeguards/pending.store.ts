import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export type PendingState = 'waiting' | 'running' | 'done' | 'refused' | 'failed' | 'rejected' | 'withdrawn';

export interface PendingRow {
  readonly id: string;
  readonly code: string;
  readonly route: string;
  readonly permission: string;
  readonly request: Buffer | null;
  readonly asker: IdentityId;
  readonly asked_at: Date;
  readonly expires_at: Date;
  readonly state: PendingState;
  readonly decided_by: IdentityId | null;
  readonly decided_at: Date | null;
  readonly refusal: string | null;
  readonly answer: Buffer | null;
}

const COLUMNS = `id, code, route, permission, request, asker, asked_at, expires_at, state, decided_by, decided_at, refusal,
  answer`;

/** False where `most` wait already. */
export async function insertPending(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<
    PendingRow,
    'id' | 'code' | 'route' | 'permission' | 'request' | 'asker' | 'asked_at' | 'expires_at'
  >,
  most: number,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.pending_act
             (organisation, id, code, route, permission, request, asker, asked_at, expires_at)
           select $1, $2, $3, $4, $5, $6, $7, $8, $9
           where (select count(*) from sealpost.pending_act
                  where organisation = $1 and state = 'waiting' and expires_at > $8) < $10`,
    values: [
      organisation,
      row.id,
      row.code,
      row.route,
      row.permission,
      row.request,
      row.asker,
      row.asked_at,
      row.expires_at,
      most,
    ],
  });
  return touched === 1;
}

/** Held until the transaction ends: two people may not decide at once. */
export async function lockPending(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<PendingRow | undefined> {
  return tx.maybe<PendingRow>({
    name: 'pending-act.lock',
    text: `select ${COLUMNS} from sealpost.pending_act where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function listPending(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  most: number,
): Promise<PendingRow[]> {
  return tx.query<PendingRow>({
    name: 'pending-act.list',
    text: `select ${COLUMNS} from sealpost.pending_act
           where organisation = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, most],
  });
}

/** From waiting to a decision. What is rejected or withdrawn forgets what it asked for. */
export async function decidePending(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  decided: {
    readonly state: 'running' | 'rejected' | 'withdrawn';
    readonly by: IdentityId;
    readonly at: Date;
  },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.pending_act set state = $3, decided_by = $4, decided_at = $5,
             request = case when $3 = 'running' then request end
           where organisation = $1 and id = $2 and state = 'waiting'`,
    values: [organisation, id, decided.state, decided.by, decided.at],
  });
  return touched === 1;
}

/** From running to its end; what it asked for is forgotten. */
export async function endPending(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  end: {
    readonly state: 'done' | 'refused' | 'failed';
    readonly refusal: string | null;
    readonly answer: Buffer | null;
  },
): Promise<void> {
  await tx.execute({
    text: `update sealpost.pending_act set state = $3, refusal = $4, answer = $5, request = null
           where organisation = $1 and id = $2 and state = 'running'`,
    values: [organisation, id, end.state, end.refusal, end.answer],
  });
}

export async function forgetAnswer(tx: Transaction, organisation: OrganisationId, id: string): Promise<void> {
  await tx.execute({
    text: 'update sealpost.pending_act set answer = null where organisation = $1 and id = $2',
    values: [organisation, id],
  });
}

/**
 * Forgets what acts asked for whose time was over before anybody decided, or that a crash has left running, and answers that nobody
 * took. Returns of how many.
 */
export function forgetOver(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
  decidedBefore: Date,
): Promise<number> {
  return tx.execute({
    name: 'pending-act.forget-over',
    text: `update sealpost.pending_act set request = null, answer = null
           where organisation = $1 and (request is not null or answer is not null)
             and ((state = 'waiting' and expires_at <= $2) or decided_at <= $3)`,
    values: [organisation, now, decidedBefore],
  });
}

/** Which kinds of acts want a second person here. Locks against a change at the same moment where `lock` says so. */
export async function readFourEyes(
  tx: Transaction,
  organisation: OrganisationId,
  lock: boolean,
): Promise<readonly string[]> {
  const row = await tx.maybe<{ codes: string[] | null }>({
    name: lock ? 'four-eyes.lock' : 'four-eyes.read',
    text: `select array(select jsonb_array_elements_text(coalesce(settings -> 'fourEyes', '[]'))) as codes
           from sealpost.organisation where id = $1 ${lock ? 'for update' : ''}`,
    values: [organisation],
  });
  return row?.codes ?? [];
}

export async function writeFourEyes(
  tx: Transaction,
  organisation: OrganisationId,
  codes: readonly string[],
): Promise<void> {
  await tx.execute({
    text: `update sealpost.organisation set settings = settings || jsonb_build_object('fourEyes', $2::jsonb) where id = $1`,
    values: [organisation, JSON.stringify(codes)],
  });
}
