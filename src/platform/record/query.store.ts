import type { Actor } from '#core/actor';
import type { Decision, MethodFailure } from '#core/decision';
import type { AttemptId, DeliveryId, MessageId, OrganisationId, ProofId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import type { Method } from '#core/method';
import type { PeerAuthentication } from '#core/transport';
import type { SqlValue, Transaction } from '#platform/database';
import { MESSAGE_COLUMNS, type MessageRow } from './load.store.ts';

export interface MessageListRow extends MessageRow {
  readonly actor: Actor;
}

/** Which messages a list shows. State, attempts and method must be true of one and the same delivery. */
export interface MessageListFilter {
  readonly states: readonly DeliveryState[] | null;
  /** Only deliveries that were tried before. */
  readonly tried: boolean;
  readonly method: Method | 'none' | null;
  /** Whether it came from outside. */
  readonly direction: 'in' | 'out' | null;
  /** Blind indexes of the senders that it is narrowed to; null: whoever sent it. */
  readonly senders: readonly Buffer[] | null;
  /** Ids from this one on. */
  readonly from: string;
  /** Ids below this one: of the filter or of the page before, whichever is less. */
  readonly before: string;
}

/** A page of messages, newest first. */
export async function listMessages(
  tx: Transaction,
  organisation: OrganisationId,
  filter: MessageListFilter,
  limit: number,
): Promise<MessageListRow[]> {
  if (filter.states !== null || filter.method !== null) {
    return messagesById(tx, await idsByDelivery(tx, organisation, filter, limit));
  }
  if (filter.senders !== null) {
    return tx.query<MessageListRow>({
      name: `record.list-messages-of-${filter.direction ?? 'all'}`,
      text: `select ${MESSAGE_COLUMNS}, m.actor from sealpost.message m
        where m.organisation = $1 and m.id >= $2 and m.id < $3 and m.sender_index = any ($5)${sourceCondition(filter.direction)}
        order by m.id desc limit $4`,
      values: [organisation, filter.from, filter.before, limit, filter.senders],
    });
  }
  return tx.query<MessageListRow>({
    name: `record.list-messages-${filter.direction ?? 'all'}`,
    text: `select ${MESSAGE_COLUMNS}, m.actor from sealpost.message m
      where m.organisation = $1 and m.id >= $2 and m.id < $3${sourceCondition(filter.direction)}
      order by m.id desc limit $4`,
    values: [organisation, filter.from, filter.before, limit],
  });
}

/** The words of the index over what came in, so that it is used. */
function sourceCondition(direction: MessageListFilter['direction']): string {
  if (direction === null) return '';
  return direction === 'in' ? ` and m.source = 'inbound'` : ` and m.source <> 'inbound'`;
}

/**
 * Messages with such a delivery, newest first: one walk a state through an index, stopped at the limit, then merged.
 *
 * The statements have no name on purpose: planned anew with their values, so that PostgreSQL knows whether the state is
 * rare (walk the index of states) or the usual one (any index by message will do). A plan for every state alike reads
 * millions of messages to find a rare one.
 */
async function idsByDelivery(
  tx: Transaction,
  organisation: OrganisationId,
  { states, tried, method, direction, senders, from, before }: MessageListFilter,
  limit: number,
): Promise<MessageId[]> {
  const found = new Set<MessageId>();
  for (const state of states ?? [null]) {
    const values: SqlValue[] = [organisation, from, before, limit];
    const conditions = ['d.organisation = $1 and d.message >= $2 and d.message < $3'];
    if (state !== null) conditions.push(`d.state = $${values.push(state)}`);
    if (method !== null) conditions.push(`d.method = $${values.push(method)}`);
    if (tried) conditions.push('d.attempts > 0');
    if (direction !== null || senders !== null) {
      const sent = senders === null ? '' : ` and m.sender_index = any ($${values.push(senders)})`;
      conditions.push(
        `exists (select from sealpost.message m where m.organisation = $1 and m.id = d.message${sent}${sourceCondition(direction)})`,
      );
    }
    const rows = await tx.query<{ message: MessageId }>({
      text: `select distinct d.message from sealpost.delivery d where ${conditions.join(' and ')}
        order by d.message desc limit $4`,
      values,
    });
    for (const row of rows) found.add(row.message);
  }
  return [...found].sort().reverse().slice(0, limit);
}

/** Message ids whose keyed words include all of these (owner function), newest first. */
export async function searchMessageIds(
  tx: Transaction,
  organisation: OrganisationId,
  terms: readonly bigint[],
  before: MessageId | null,
  limit: number,
): Promise<MessageId[]> {
  const rows = await tx.query<{ id: MessageId }>({
    name: 'record.search-messages',
    text: `select id from sealpost.search_messages($1, $2::bigint[],
      coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid), $4) as id`,
    values: [organisation, terms, before, limit],
  });
  return rows.map((row) => row.id);
}

/** Of these messages, those from these senders. */
export async function messagesFrom(
  tx: Transaction,
  ids: readonly MessageId[],
  senders: readonly Buffer[],
): Promise<ReadonlySet<MessageId>> {
  const rows = await tx.query<{ id: MessageId }>({
    name: 'record.messages-from',
    text: 'select id from sealpost.message where id = any ($1::uuid[]) and sender_index = any ($2)',
    values: [ids, senders],
  });
  return new Set(rows.map(({ id }) => id));
}

export async function messagesById(tx: Transaction, ids: readonly MessageId[]): Promise<MessageListRow[]> {
  return tx.query<MessageListRow>({
    name: 'record.messages-by-id',
    text: `select ${MESSAGE_COLUMNS}, m.actor from sealpost.message m where m.id = any ($1::uuid[]) order by m.id desc`,
    values: [ids],
  });
}

/** Replies made in the portal to a message. */
export async function repliesTo(
  tx: Transaction,
  organisation: OrganisationId,
  message: MessageId,
): Promise<MessageListRow[]> {
  return tx.query<MessageListRow>({
    name: 'record.replies-to',
    text: `select ${MESSAGE_COLUMNS}, m.actor from sealpost.message m
      where m.organisation = $1 and m.in_reply_to = $2 order by m.id limit 100`,
    values: [organisation, message],
  });
}

export interface DeliveryViewRow {
  readonly id: DeliveryId;
  readonly organisation: OrganisationId;
  readonly message: MessageId;
  readonly recipient: Buffer;
  readonly domain: string;
  readonly state: DeliveryState;
  readonly method: Method | 'none' | null;
  readonly attempts: number;
  readonly failures: readonly MethodFailure[];
  readonly decision: Decision | null;
  readonly last_code: string | null;
  readonly last_status: string | null;
  readonly next_at: Date | null;
  readonly finished_at: Date | null;
  readonly has_proof: boolean;
}

const DELIVERY_VIEW = `d.id, d.organisation, d.message, d.recipient, d.domain, d.state, d.method, d.attempts, d.failures,
  d.decision, d.last_code, d.last_status, d.next_at, d.finished_at,
  exists (select from sealpost.proof p where p.delivery = d.id) as has_proof`;

export async function deliveriesOf(
  tx: Transaction,
  messages: readonly MessageId[],
): Promise<DeliveryViewRow[]> {
  return tx.query<DeliveryViewRow>({
    name: 'record.deliveries-of',
    text: `select ${DELIVERY_VIEW} from sealpost.delivery d where d.message = any ($1::uuid[]) order by d.id`,
    values: [messages],
  });
}

export async function deliveryById(tx: Transaction, id: DeliveryId): Promise<DeliveryViewRow | undefined> {
  return tx.maybe<DeliveryViewRow>({
    name: 'record.delivery-by-id',
    text: `select ${DELIVERY_VIEW} from sealpost.delivery d where d.id = $1`,
    values: [id],
  });
}

export interface AttemptViewRow {
  readonly id: AttemptId;
  readonly delivery: DeliveryId;
  readonly method: Method;
  readonly number: number;
  readonly started_at: Date;
  readonly ended_at: Date;
  readonly result: string;
  readonly code: string | null;
  readonly host: string | null;
  readonly address: string | null;
  readonly tls_version: string | null;
  readonly cipher: string | null;
  readonly certificate_fingerprint: string | null;
  readonly certificate: { subject: string | null; issuer: string | null; notAfter: string | null } | null;
  readonly authenticated_by: PeerAuthentication;
  readonly reply_code: number | null;
  readonly reply_enhanced: string | null;
  readonly reply_text: Buffer | null;
}

export async function attemptsOf(
  tx: Transaction,
  deliveries: readonly DeliveryId[],
): Promise<AttemptViewRow[]> {
  return tx.query<AttemptViewRow>({
    name: 'record.attempts-of',
    text: `select id, delivery, method, number, started_at, ended_at, result, code, host, address, tls_version, cipher,
        certificate_fingerprint, certificate, authenticated_by, reply_code, reply_enhanced, reply_text
      from sealpost.attempt where delivery = any ($1::uuid[]) order by id`,
    values: [deliveries],
  });
}

export interface ProofViewRow {
  readonly id: ProofId;
  /** Sealed under the message's object key. */
  readonly salt: Buffer;
  readonly record: string;
  readonly signature: Buffer;
  readonly key: string;
}

export async function latestProof(tx: Transaction, delivery: DeliveryId): Promise<ProofViewRow | undefined> {
  return tx.maybe<ProofViewRow>({
    name: 'record.latest-proof',
    text: `select id, salt, record, signature, key from sealpost.proof where delivery = $1 order by id desc limit 1`,
    values: [delivery],
  });
}

/** How many deliveries stand in each state that needs somebody, over the last 90 days of ids. */
export async function attentionCounts(
  tx: Transaction,
  organisation: OrganisationId,
  sinceId: string,
): Promise<{ state: DeliveryState; tried: boolean; count: number }[]> {
  return tx.query({
    name: 'record.attention-counts',
    text: `select state, attempts > 0 as tried, count(*)::int as count from sealpost.delivery
      where organisation = $1 and state in ('held', 'deferred', 'bounced', 'portal-waiting') and message >= $2 and id >= $2
      group by 1, 2`,
    values: [organisation, sinceId],
  });
}

/** Deliveries begun since an id, by the method in use. */
export async function methodCounts(
  tx: Transaction,
  organisation: OrganisationId,
  sinceId: string,
): Promise<{ method: Method | 'none' | null; count: number }[]> {
  return tx.query({
    name: 'record.method-counts',
    text: `select method, count(*)::int as count from sealpost.delivery
      where organisation = $1 and id >= $2 group by method order by 2 desc`,
    values: [organisation, sinceId],
  });
}

/** Ends a message that is on its way, or takes back one that was cancelled; false where it stands so already. */
export async function closeMessage(
  tx: Transaction,
  message: MessageId,
  state: 'cancelled' | 'retracted',
): Promise<boolean> {
  const closed = await tx.execute({
    name: 'record.close-message',
    text: `update sealpost.message set state = $2
      where id = $1 and (state = 'accepted' or state = 'cancelled' and $2 = 'retracted')`,
    values: [message, state],
  });
  return closed === 1;
}

export async function moveDeliveries(
  tx: Transaction,
  deliveries: readonly DeliveryId[],
  to: DeliveryState,
  at: Date,
): Promise<void> {
  await tx.execute({
    name: 'record.move-deliveries',
    text: `update sealpost.delivery set state = $2, changed_at = $3, finished_at = $3, next_at = null
      where id = any ($1::uuid[])`,
    values: [deliveries, to, at],
  });
}
