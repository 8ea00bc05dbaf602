import type { Actor } from '#core/actor';
import type { DeliveryId, MessageId, OrganisationId, TextId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface NewText {
  readonly id: TextId;
  readonly organisation: OrganisationId;
  readonly kind: string;
  readonly message: MessageId | null;
  readonly delivery: DeliveryId | null;
  readonly numberIndex: Buffer;
  readonly number: Buffer;
  readonly body: Buffer;
  readonly locale: string;
  readonly giveUpAt: Date;
  readonly at: Date;
}

/** A text that is this process' to try now; `attempt` tells who holds it. */
export interface ClaimedText {
  readonly organisation: OrganisationId;
  readonly text: TextId;
  readonly attempt: number;
}

export interface TextRow {
  readonly kind: string;
  readonly message: MessageId | null;
  readonly delivery: DeliveryId | null;
  readonly number_index: Buffer;
  readonly number: Buffer | null;
  readonly body: Buffer | null;
  readonly locale: 'en' | 'es';
  readonly unknown_fates: number;
  /** The number has said STOP since. */
  readonly stopped: boolean;
  readonly give_up_at: Date;
}

/** One at a time for an organisation, until the transaction ends: what is counted below is then exact. */
export async function lockTexts(tx: Transaction, organisation: OrganisationId): Promise<void> {
  await tx.query({
    name: 'text.lock',
    text: `select pg_advisory_xact_lock(hashtextextended('sealpost.text ' || $1::text, 0))`,
    values: [organisation],
  });
}

/** Texts of the last hour and day to a number, and of the last day of the organisation. */
export async function countTexts(
  tx: Transaction,
  organisation: OrganisationId,
  numberIndex: Buffer,
  now: Date,
): Promise<{ readonly hour: number; readonly day: number; readonly organisation: number }> {
  return tx.one({
    name: 'text.count',
    text: `select
        (select count(*)::integer from sealpost.text_message where organisation = $1 and number_index = $2
          and created_at > $3::timestamptz - interval '1 hour') as hour,
        (select count(*)::integer from sealpost.text_message where organisation = $1 and number_index = $2
          and created_at > $3::timestamptz - interval '1 day') as day,
        (select count(*)::integer from sealpost.text_message where organisation = $1
          and created_at > $3::timestamptz - interval '1 day') as organisation`,
    values: [organisation, numberIndex, now],
  });
}

export async function insertText(tx: Transaction, row: NewText): Promise<void> {
  await tx.execute({
    name: 'text.insert',
    text: `insert into sealpost.text_message (id, organisation, kind, message, delivery, number_index, number, body, locale,
        due_at, give_up_at, created_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $10, $11)`,
    values: [
      row.id,
      row.organisation,
      row.kind,
      row.message,
      row.delivery,
      row.numberIndex,
      row.number,
      row.body,
      row.locale,
      row.giveUpAt,
      row.at,
    ],
  });
}

/** Takes what is due over all organisations; nobody else gets it until `leased`. In a system transaction of the worker. */
export function claimTexts(
  tx: Transaction,
  now: Date,
  leased: Date,
  most: number,
): Promise<readonly ClaimedText[]> {
  return tx.query<ClaimedText>({
    name: 'text.claim',
    text: 'select organisation, text, attempt from sealpost.claim_texts($1, $2, $3)',
    values: [now, leased, most],
  });
}

/** What is still this claim's to try. */
export function readText(tx: Transaction, { organisation, text, attempt }: ClaimedText) {
  return tx.maybe<TextRow>({
    name: 'text.read',
    text: `select kind, message, delivery, number_index, number, body, locale, unknown_fates, give_up_at,
        exists (select from sealpost.text_stop s where s.organisation = $1 and s.number_index = t.number_index) as stopped
      from sealpost.text_message t where organisation = $1 and id = $2 and state = 'queued' and attempts = $3`,
    values: [organisation, text, attempt],
  });
}

/** Another try at that time, unless another one has taken over. `unknown`: nobody knows whether this one was taken. */
export async function putOffText(
  tx: Transaction,
  { organisation, text, attempt }: ClaimedText,
  next: { readonly dueAt: Date; readonly code: string; readonly unknown: boolean },
): Promise<void> {
  await tx.execute({
    name: 'text.put-off',
    text: `update sealpost.text_message set due_at = $4, last_code = $5, in_hand = false,
        unknown_fates = unknown_fates + $6::boolean::integer
      where organisation = $1 and id = $2 and attempts = $3 and state = 'queued'`,
    values: [organisation, text, attempt, next.dueAt, next.code, next.unknown],
  });
}

/**
 * Ends a text and forgets number and words. What was sent is sent, whoever holds it by now; any other end is for the try
 * that holds it. False where it had ended.
 */
export async function endText(
  tx: Transaction,
  { organisation, text, attempt }: ClaimedText,
  end: { readonly state: 'sent' | 'failed' | 'expired'; readonly code: string | null; readonly at: Date },
): Promise<boolean> {
  const ended = await tx.execute({
    name: 'text.end',
    text: `update sealpost.text_message set state = $4, last_code = $5, finished_at = $6, in_hand = false,
        number = null, body = null
      where organisation = $1 and id = $2 and state = 'queued' and ($4 = 'sent' or attempts = $3)`,
    values: [organisation, text, attempt, end.state, end.code, end.at],
  });
  return ended === 1;
}

export async function hasStopped(
  tx: Transaction,
  organisation: OrganisationId,
  numberIndex: Buffer,
): Promise<boolean> {
  const row = await tx.maybe({
    name: 'text.stopped',
    text: 'select 1 as one from sealpost.text_stop where organisation = $1 and number_index = $2',
    values: [organisation, numberIndex],
  });
  return row !== undefined;
}

/** True where it had not said so before. */
export async function insertStop(
  tx: Transaction,
  organisation: OrganisationId,
  numberIndex: Buffer,
  by: Actor,
  at: Date,
): Promise<boolean> {
  const added = await tx.execute({
    name: 'text.stop',
    text: `insert into sealpost.text_stop (organisation, number_index, stopped_by, stopped_at) values ($1, $2, $3, $4)
      on conflict do nothing`,
    values: [organisation, numberIndex, JSON.stringify(by), at],
  });
  return added === 1;
}

/** True where it had said STOP. */
export async function deleteStop(
  tx: Transaction,
  organisation: OrganisationId,
  numberIndex: Buffer,
): Promise<boolean> {
  const gone = await tx.execute({
    name: 'text.start',
    text: 'delete from sealpost.text_stop where organisation = $1 and number_index = $2',
    values: [organisation, numberIndex],
  });
  return gone === 1;
}

/** A text about a delivery, as its sender may see it. */
export interface DeliveryText {
  readonly delivery: DeliveryId;
  readonly state: 'queued' | 'sent' | 'failed' | 'expired';
  readonly code: string | null;
  /** When it ended, or was lined up where it has not. */
  readonly at: Date;
}

export function textsOfDeliveries(
  tx: Transaction,
  organisation: OrganisationId,
  deliveries: readonly DeliveryId[],
): Promise<DeliveryText[]> {
  return tx.query<DeliveryText>({
    name: 'text.of-deliveries',
    text: `select delivery, state, last_code as code, coalesce(finished_at, created_at) as at
      from sealpost.text_message where organisation = $1 and delivery = any ($2::uuid[]) order by id`,
    values: [organisation, deliveries],
  });
}

/** Codes and passwords go after two days, what tells of a delivery when its portal copy is long gone. */
export async function sweepTexts(tx: Transaction, organisation: OrganisationId, now: Date): Promise<number> {
  return tx.execute({
    name: 'text.sweep',
    text: `delete from sealpost.text_message where organisation = $1 and state <> 'queued'
      and finished_at < $2::timestamptz - case when delivery is null then interval '2 days' else interval '400 days' end`,
    values: [organisation, now],
  });
}

/** Over all organisations. */
export function textDepth(
  tx: Transaction,
  now: Date,
): Promise<{ readonly due: number; readonly waiting: number }> {
  return tx.one({
    name: 'text.depth',
    text: 'select due, waiting from sealpost.text_depth($1)',
    values: [now],
  });
}
