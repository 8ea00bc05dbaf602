import { STREAM_PRIORITY } from '#core/method';
import type { NewMessage } from '#core/ports';
import type { Transaction } from '#platform/database';

const ACCEPT = `
with given as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::timestamptz[],
    $8::timestamptz[], $9::timestamptz[], $10::int[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[],
    $15::bytea[], $16::bytea[], $17::int[], $18::uuid[], $19::uuid[], $20::int[], $21::jsonb[], $22::timestamptz[],
    $23::bytea[], $24::smallint[], $25::text[], $26::uuid[], $27::jsonb[], $28::text[], $29::bytea[], $35::boolean[])
    as m (id, organisation, source, stream, class, priority, due_at, give_up_at, portal_expires_at, policy_version,
      object_key, sender, sender_index, subject, message_id, content_hash, size, blob, in_reply_to, recipients, actor,
      accepted_at, content, place, terms, event, subjects, cause, payload,
      require_tls)
), recipient as materialized (
  select d.*, g.organisation, g.due_at, g.place
  from unnest($30::uuid[], $31::uuid[], $32::bytea[], $33::bytea[], $34::text[])
    as d (id, message, recipient, recipient_index, domain) join given g on g.id = d.message
), new_message as (
  insert into sealpost.message (id, organisation, source, stream, class, priority, due_at, give_up_at,
    portal_expires_at, policy_version, object_key, sender, sender_index, subject, message_id, content_hash, size, blob,
    in_reply_to, recipients, actor, accepted_at, require_tls)
  select id, organisation, source, stream, class, priority, due_at, give_up_at, portal_expires_at, policy_version,
    object_key, sender, sender_index, subject, message_id, content_hash, size, blob, in_reply_to, recipients, actor,
    accepted_at, require_tls from given
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
  insert into sealpost.message_term (id, organisation, terms) select id, organisation, terms::bigint[] from given
), new_event as (
  insert into sealpost.event (id, organisation, type, version, subjects, actor, cause, occurred_at, payload)
  select event, organisation, 'message.accepted', 1, subjects, actor, cause, accepted_at, payload from given
)
insert into sealpost.event_unordered (id, organisation) select event, organisation from given`;

/** Inserts messages of one organisation with everything that belongs to them, in one statement for all. */
export async function insertMessages(tx: Transaction, inputs: readonly NewMessage[]): Promise<void> {
  const all = <T>(pick: (input: NewMessage) => T): T[] => inputs.map(pick);
  const deliveries = inputs.flatMap((input) =>
    input.deliveries.map((one) => ({ ...one, message: input.id })),
  );
  await tx.execute({
    name: 'record.accept',
    text: ACCEPT,
    values: [
      all((one) => one.id),
      all((one) => one.organisation),
      all((one) => one.source),
      all((one) => one.stream),
      all((one) => one.class),
      all((one) => one.priority),
      all((one) => one.dueAt),
      all((one) => one.giveUpAt),
      all((one) => one.portalExpiresAt),
      all((one) => one.policyVersion),
      all((one) => one.objectKey),
      all((one) => one.sender),
      all((one) => one.senderIndex),
      all((one) => one.subject),
      all((one) => one.messageIdHeader),
      all((one) => one.contentHash),
      all((one) => one.size),
      all((one) => (one.content.kind === 'blob' ? one.content.blob : null)),
      all((one) => one.inReplyTo),
      all((one) => one.deliveries.length),
      all((one) => JSON.stringify(one.actor)),
      all((one) => one.acceptedAt),
      all((one) => (one.content.kind === 'inline' ? one.content.sealed : null)),
      all((one) => STREAM_PRIORITY[one.stream] + one.priority),
      // Lists of different lengths do not make a rectangle: each travels as the text of an array.
      all((one) => `{${one.terms.join(',')}}`),
      all((one) => one.event.id),
      all((one) => JSON.stringify(subjectsOf(one))),
      all((one) => one.event.cause),
      all((one) => one.event.payload),
      deliveries.map((one) => one.id),
      deliveries.map((one) => one.message),
      deliveries.map((one) => one.recipient),
      deliveries.map((one) => one.recipientIndex),
      deliveries.map((one) => one.domain),
      all((one) => one.requireTls),
    ],
  });
}

/** The message itself and the one it answers: who follows that one learns of the reply. */
function subjectsOf({ id, inReplyTo }: NewMessage): { kind: 'message'; id: string }[] {
  return [id, ...(inReplyTo === null ? [] : [inReplyTo])].map((one) => ({ kind: 'message', id: one }));
}
