import type { Actor } from '#core/actor';
import type { EventType, Subject } from '#core/event';
import type { EventId, MessageId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

const SEQUENCE_BATCH = 5000;

/** Gives committed events their place (owner function, one transaction under a lock). Returns how many. */
export async function sequenceEvents(tx: Transaction): Promise<number> {
  const row = await tx.one<{ placed: number }>({
    name: 'record.sequence-events',
    text: 'select sealpost.sequence_events($1) as placed',
    values: [SEQUENCE_BATCH],
  });
  return row.placed;
}

/** An event in its place, payload still sealed. */
export interface OrderedEventRow {
  readonly sequence: number;
  readonly id: EventId;
  readonly type: EventType;
  readonly version: number;
  readonly subjects: readonly Subject[];
  readonly actor: Actor;
  readonly cause: string | null;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly payload: Buffer | null;
}

const EVENT_COLUMNS = `o.sequence, e.id, e.type, e.version, e.subjects, e.actor, e.cause, e.occurred_at, e.recorded_at,
  e.payload`;

/** Events after a place, in order. The cursor is the sequence: ids and serials would lose late commits. */
export async function eventsAfter(
  tx: Transaction,
  organisation: OrganisationId,
  after: number,
  limit: number,
): Promise<OrderedEventRow[]> {
  return tx.query<OrderedEventRow>({
    name: 'record.events-after',
    text: `select ${EVENT_COLUMNS} from sealpost.event_order o join sealpost.event e on e.id = o.event
      where o.organisation = $1 and o.sequence > $2 order by o.sequence limit $3`,
    values: [organisation, after, limit],
  });
}

/** The last place given, 0 for none. */
export async function lastSequence(tx: Transaction, organisation: OrganisationId): Promise<number> {
  const row = await tx.one<{ last: number }>({
    name: 'record.last-sequence',
    text: `select coalesce(max(sequence), 0) as last from sealpost.event_order where organisation = $1`,
    values: [organisation],
  });
  return row.last;
}

const FOLLOW_BATCH = 2_000;

/**
 * Of the next events after a place, those about one message (ids and types only: the live stream carries no content).
 * `read` is where to go on: a follower of a quiet message must not read the organisation's events again and again.
 */
export async function messageEventsAfter(
  tx: Transaction,
  organisation: OrganisationId,
  message: MessageId,
  after: number,
): Promise<{ readonly rows: OrderedEventRow[]; readonly read: number }> {
  const last = await lastSequence(tx, organisation);
  const read = Math.max(after, Math.min(last, after + FOLLOW_BATCH));
  if (read === after) return { rows: [], read };
  const rows = await tx.query<OrderedEventRow>({
    name: 'record.message-events-after',
    text: `select ${EVENT_COLUMNS} from sealpost.event_order o join sealpost.event e on e.id = o.event
      where o.organisation = $1 and o.sequence > $2 and o.sequence <= $4 and e.subjects @> $3 order by o.sequence`,
    values: [organisation, after, JSON.stringify([{ kind: 'message', id: message }]), read],
  });
  return { rows, read };
}
