import { STREAM_PRIORITY } from '#core/method';
import type { NewMessage } from '#core/ports';
import { binary, type Transaction } from '#platform/database';

const ACCEPT = `
with given as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::timestamptz[],
    $8::timestamptz[], $9::timestamptz[], $10::int[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[],
    $15::bytea[], $16::bytea[], $17::int[], $18::uuid[], $19::uuid[], $20::int[], $21::jsonb[], $22::timestamptz[],
    $23::bytea[], $24::smallint[], $25::int[], $26::int[], $27::uuid[], $28::jsonb[], $29::text[], $30::bytea[], $37::boolean[],
    $38::boolean[], $39::jsonb[])
    as m (id, organisation, source, stream, class, priority, due_at, give_up_at, portal_expires_at, policy_version,
      object_key, sender, sender_index, subject, message_id, content_hash, size, blob, in_reply_to, recipients, actor,
      accepted_at, content, place, terms_from, terms_to, event, subjects, cause, payload,
      require_tls, lowered, inbound)
), recipient as materialized (
  select d.*, g.organisation, g.due_at, g.place
  from unnest($31::uuid[], $32::uuid[], $33::bytea[], $34::bytea[], $35::text[])
    as d (id, message, recipient, recipient_index, domain) join given g on g.id = d.message
), new_message as (
  insert into sealpost.message (id, organisation, source, stream, class, priority, due_at, give_up_at,
    portal_expires_at, policy_version, object_key, sender, sender_index, subject, message_id, content_hash, size, blob,
    in_reply_to, recipients, actor, accepted_at, require_tls, lowered, inbound)
  select id, organisation, source, stream, class, priority, due_at, give_up_at, portal_expires_at, policy_version,
    object_key, sender, sender_index, subject, message_id, content_hash, size, blob, in_reply_to, recipients, actor,
    accepted_at, require_tls, lowered, inbound from given
), new_content as (
  insert into sealpost.message_content (id, organisation, sealed)
  select id, organisation, content from given where content is not null
), new_delivery as (
  insert into sealpost.delivery (id, organisation, message, recipient, recipient_index, domain, state, next_at)
  select id, organisation, message, recipient, recipient_index, domain, 'queued', due_at from recipient
), new_queue as (
  insert into sealpost.queue (item, kind, organisation, message, domain, priority, due_at)
  select id, 'delivery', organisation, message, domain, place, due_at from recipient
), new_terms as (
  insert into sealpost.message_term (id, organisation, terms)
  select id, organisation, ($36::bigint[])[terms_from:terms_to] from given
), new_event as (
  insert into sealpost.event (id, organisation, type, version, subjects, actor, cause, occurred_at, payload)
  select event, organisation, case source when 'inbound' then 'inbound.received' else 'message.accepted' end, 1, subjects, actor, cause, accepted_at, payload from given
)
insert into sealpost.event_unordered (id, organisation) select event, organisation from given`;

/** Inserts messages of one organisation with everything that belongs to them, in one statement for all. */
export async function insertMessages(tx: Transaction, inputs: readonly NewMessage[]): Promise<void> {
  const all = <T>(pick: (input: NewMessage) => T): T[] => inputs.map(pick);
  const deliveries = inputs.flatMap((input) =>
    input.deliveries.map((one) => ({ ...one, message: input.id })),
  );
  const ends: number[] = [];
  for (const { terms } of inputs) ends.push((ends.at(-1) ?? 0) + terms.length);
  const starts = inputs.map(({ terms }, index) => (ends[index] ?? 0) - terms.length + 1);
  await tx.execute({
    name: 'record.accept',
    text: ACCEPT,
    values: [
      binary.uuids(all((one) => one.id)),
      binary.uuids(all((one) => one.organisation)),
      binary.texts(all((one) => one.source)),
      binary.texts(all((one) => one.stream)),
      binary.texts(all((one) => one.class)),
      binary.int2s(all((one) => one.priority)),
      binary.times(all((one) => one.dueAt)),
      binary.times(all((one) => one.giveUpAt)),
      binary.times(all((one) => one.portalExpiresAt)),
      binary.int4s(all((one) => one.policyVersion)),
      binary.octets(all((one) => one.objectKey)),
      binary.octets(all((one) => one.sender)),
      binary.octets(all((one) => one.senderIndex)),
      binary.octets(all((one) => one.subject)),
      binary.octets(all((one) => one.messageIdHeader)),
      binary.octets(all((one) => one.contentHash)),
      binary.int4s(all((one) => one.size)),
      binary.uuids(all((one) => (one.content.kind === 'blob' ? one.content.blob : null))),
      binary.uuids(all((one) => one.inReplyTo)),
      binary.int4s(all((one) => one.deliveries.length)),
      binary.jsons(all((one) => JSON.stringify(one.actor))),
      binary.times(all((one) => one.acceptedAt)),
      binary.octets(all((one) => (one.content.kind === 'inline' ? one.content.sealed : null))),
      binary.int2s(all((one) => STREAM_PRIORITY[one.stream] + one.priority)),
      // Lists of different lengths do not make a rectangle: they travel end to end, each with its place.
      binary.int4s(starts),
      binary.int4s(ends),
      binary.uuids(all((one) => one.event.id)),
      binary.jsons(all((one) => JSON.stringify(subjectsOf(one)))),
      binary.texts(all((one) => one.event.cause)),
      binary.octets(all((one) => one.event.payload)),
      binary.uuids(deliveries.map((one) => one.id)),
      binary.uuids(deliveries.map((one) => one.message)),
      binary.octets(deliveries.map((one) => one.recipient)),
      binary.octets(deliveries.map((one) => one.recipientIndex)),
      binary.texts(deliveries.map((one) => one.domain)),
      binary.int8s(inputs.flatMap((one) => one.terms)),
      binary.booleans(all((one) => one.requireTls)),
      binary.booleans(all((one) => one.lowered)),
      binary.jsons(all((one) => (one.inbound === undefined ? null : JSON.stringify(one.inbound)))),
    ],
  });
}

/** The message itself and the one it answers: who follows that one learns of the reply. */
function subjectsOf({ id, inReplyTo }: NewMessage): { kind: 'message'; id: string }[] {
  return [id, ...(inReplyTo === null ? [] : [inReplyTo])].map((one) => ({ kind: 'message', id: one }));
}
