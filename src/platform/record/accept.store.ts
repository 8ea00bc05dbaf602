import { STREAM_PRIORITY } from '#core/method';
import type { NewMessage } from '#core/ports';
import type { Transaction } from '#platform/database';

const ACCEPT = `
with new_message as (
  insert into sealpost.message (id, organisation, source, stream, class, priority, due_at, give_up_at,
    portal_expires_at, policy_version, object_key, sender, sender_index, subject, message_id, content_hash, size, blob,
    in_reply_to, recipients, actor, accepted_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
), new_content as (
  insert into sealpost.message_content (id, organisation, sealed)
  select $1, $2, $23::bytea where $23::bytea is not null
), new_delivery as (
  insert into sealpost.delivery (id, organisation, message, recipient, recipient_index, domain, state, next_at)
  select d.id, $2, $1, d.recipient, d.recipient_index, d.domain, 'queued', $7
  from unnest($24::uuid[], $25::bytea[], $26::bytea[], $27::text[]) as d (id, recipient, recipient_index, domain)
), new_queue as (
  insert into sealpost.queue (item, kind, organisation, message, domain, priority, due_at)
  select d.id, 'delivery', $2, $1, d.domain, $28, $7 from unnest($24::uuid[], $27::text[]) as d (id, domain)
), new_terms as (
  insert into sealpost.message_term (id, organisation, terms) values ($1, $2, $29::bigint[])
), new_event as (
  insert into sealpost.event (id, organisation, type, version, subjects, actor, cause, occurred_at, payload)
  values ($30, $2, 'message.accepted', 1, $31, $21, $32, $22, $33)
)
insert into sealpost.event_unordered (id, organisation) values ($30, $2)`;

/** Inserts a message with everything that belongs to it, in one statement: one round trip on the hot path. */
export async function insertMessage(tx: Transaction, input: NewMessage): Promise<void> {
  const { content } = input;
  await tx.execute({
    name: 'record.accept',
    text: ACCEPT,
    values: [
      input.id,
      input.organisation,
      input.source,
      input.stream,
      input.class,
      input.priority,
      input.dueAt,
      input.giveUpAt,
      input.portalExpiresAt,
      input.policyVersion,
      input.objectKey,
      input.sender,
      input.senderIndex,
      input.subject,
      input.messageIdHeader,
      input.contentHash,
      input.size,
      content.kind === 'blob' ? content.blob : null,
      input.inReplyTo,
      input.deliveries.length,
      JSON.stringify(input.actor),
      input.acceptedAt,
      content.kind === 'inline' ? content.sealed : null,
      input.deliveries.map((one) => one.id),
      input.deliveries.map((one) => one.recipient),
      input.deliveries.map((one) => one.recipientIndex),
      input.deliveries.map((one) => one.domain),
      STREAM_PRIORITY[input.stream] + input.priority,
      input.terms,
      input.event.id,
      JSON.stringify(subjectsOf(input)),
      input.event.cause,
      input.event.payload,
    ],
  });
}

/** The message itself and the one it answers: who follows that one learns of the reply. */
function subjectsOf({ id, inReplyTo }: NewMessage): { kind: 'message'; id: string }[] {
  return [id, ...(inReplyTo === null ? [] : [inReplyTo])].map((one) => ({ kind: 'message', id: one }));
}
