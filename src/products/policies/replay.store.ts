import type { Actor } from '#core/actor';
import type { Decision, MethodFailure } from '#core/decision';
import type { DecisionFacts } from '#core/decision-facts';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { SensitivityClass, Stream } from '#core/method';
import type { Transaction } from '#platform/database';
import type { ReplaySummary } from './replay-summary.ts';

export type ReplayState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';

export interface ReplayRow {
  readonly id: string;
  readonly document: Buffer;
  readonly base_version: number;
  readonly days: number;
  readonly most: number;
  readonly since: Date;
  readonly state: ReplayState;
  /** The last message that was looked at; null before the first. */
  readonly position: MessageId | null;
  readonly result: ReplaySummary | null;
  readonly started_by: Actor;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

const COLUMNS =
  'id, document, base_version, days, most, since, state, position, result, started_by, created_at, finished_at';

export type NewReplay = Pick<
  ReplayRow,
  'id' | 'document' | 'base_version' | 'days' | 'most' | 'since' | 'started_by' | 'created_at'
> & { readonly organisation: OrganisationId };

/** False where `most` of the organisation are under way already. */
export async function insertReplay(tx: Transaction, row: NewReplay, most: number): Promise<boolean> {
  const added = await tx.execute({
    name: 'policy-replay.insert',
    text: `insert into sealpost.policy_replay
        (id, organisation, document, base_version, days, most, since, started_by, created_at)
      select $1, $2, $3, $4, $5, $6, $7, $8, $9
      where (select count(*) from sealpost.policy_replay
        where organisation = $2 and state in ('waiting', 'running')) < $10`,
    values: [
      ...[row.id, row.organisation, row.document, row.base_version, row.days, row.most, row.since],
      ...[JSON.stringify(row.started_by), row.created_at, most],
    ],
  });
  return added === 1;
}

export async function replayById(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ReplayRow | undefined> {
  return tx.maybe<ReplayRow>({
    name: 'policy-replay.by-id',
    text: `select ${COLUMNS} from sealpost.policy_replay where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

/** The newest ones. */
export async function listReplays(
  tx: Transaction,
  organisation: OrganisationId,
  limit: number,
): Promise<ReplayRow[]> {
  return tx.query<ReplayRow>({
    name: 'policy-replay.list',
    text: `select ${COLUMNS} from sealpost.policy_replay where organisation = $1 order by id desc limit $2`,
    values: [organisation, limit],
  });
}

/** One that is under way, held by this transaction; undefined where it is not, or another worker has it. */
export async function takeReplay(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ReplayRow | undefined> {
  return tx.maybe<ReplayRow>({
    name: 'policy-replay.take',
    text: `select ${COLUMNS} from sealpost.policy_replay
      where organisation = $1 and id = $2 and state in ('waiting', 'running') for update skip locked`,
    values: [organisation, id],
  });
}

/** How far it has come. */
export async function advanceReplay(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  to: {
    readonly position: MessageId | null;
    readonly result: ReplaySummary;
    readonly finishedAt: Date | null;
  },
): Promise<void> {
  await tx.execute({
    name: 'policy-replay.advance',
    text: `update sealpost.policy_replay set position = coalesce($3, position), result = $4, finished_at = $5::timestamptz,
        state = case when $5::timestamptz is null then 'running' else 'done' end
      where organisation = $1 and id = $2`,
    values: [organisation, id, to.position, JSON.stringify(to.result), to.finishedAt],
  });
}

/** Ends one that is under way; false where it was not. */
export async function stopReplay(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  as: 'cancelled' | 'failed',
  at: Date,
): Promise<boolean> {
  const stopped = await tx.execute({
    name: 'policy-replay.stop',
    text: `update sealpost.policy_replay set state = $3, finished_at = $4
      where organisation = $1 and id = $2 and state in ('waiting', 'running')`,
    values: [organisation, id, as, at],
  });
  return stopped === 1;
}

export interface WaitingReplay {
  readonly organisation: OrganisationId;
  readonly replay: string;
}

/** Replays under way, of all organisations; ids only. */
export async function waitingReplays(tx: Transaction, most: number): Promise<WaitingReplay[]> {
  return tx.query<WaitingReplay>({
    name: 'policy-replay.waiting',
    text: 'select organisation, replay from sealpost.waiting_policy_replays($1)',
    values: [most],
  });
}

/** Forgets what ended before that moment. */
export async function deleteReplays(
  tx: Transaction,
  organisation: OrganisationId,
  before: Date,
): Promise<number> {
  return tx.execute({
    name: 'policy-replay.sweep',
    text: 'delete from sealpost.policy_replay where organisation = $1 and finished_at < $2',
    values: [organisation, before],
  });
}

/** Up to 1,000 messages with about 5,000 recipients before a place, newest first, not older than `since`. */
export async function messagesBefore(
  tx: Transaction,
  organisation: OrganisationId,
  before: MessageId | Date,
  since: Date,
): Promise<MessageId[]> {
  const rows = await tx.query<{ id: MessageId; before: string | number }>({
    name: 'policy-replay.messages',
    text: `select id, sum(recipients) over (order by id desc) - recipients as before from (
        select m.id, m.recipients from sealpost.message m
        where m.organisation = $1 and m.id >= sealpost.id_floor($4)
          and m.id < coalesce($2::uuid, sealpost.id_floor($3))
        order by m.id desc limit 1000) page`,
    values: [
      organisation,
      before instanceof Date ? null : before,
      before instanceof Date ? before : since,
      since,
    ],
  });
  return rows.filter((row) => Number(row.before) < 5_000).map((row) => row.id);
}

export interface DecidedRow {
  readonly id: DeliveryId;
  readonly message: MessageId;
  readonly recipient_index: Buffer;
  readonly domain: string;
  readonly attempts: number;
  readonly failures: readonly MethodFailure[];
  readonly decision: Decision;
  readonly facts: DecisionFacts | null;
  readonly changed_at: Date;
  readonly class: SensitivityClass;
  readonly lowered: boolean;
  readonly stream: Stream;
  /** Sealed address and its key, only where they were asked for. */
  readonly recipient: Buffer | null;
  readonly object_key: Buffer | null;
}

/** Deliveries of these messages that have a decision by a policy: mail from outside goes its one way by none. */
export async function decidedDeliveries(
  tx: Transaction,
  organisation: OrganisationId,
  messages: readonly MessageId[],
  since: Date,
  withAddress: boolean,
): Promise<DecidedRow[]> {
  return tx.query<DecidedRow>({
    name: 'policy-replay.deliveries',
    text: `select d.id, d.message, d.recipient_index, d.domain, d.attempts, d.failures, d.decision, d.facts, d.changed_at,
        m.class, m.stream, m.lowered, case when $4 then d.recipient end as recipient, case when $4 then m.object_key end as object_key
      from sealpost.message m join sealpost.delivery d on d.message = m.id and d.organisation = $1
      where m.organisation = $1 and m.id = any ($2::uuid[]) and m.id >= sealpost.id_floor($3)
        and d.id >= sealpost.id_floor($3) and d.decision is not null and m.source <> 'inbound'
      order by d.id desc`,
    values: [organisation, messages, since, withAddress],
  });
}
