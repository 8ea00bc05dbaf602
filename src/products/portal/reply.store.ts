import type { MessageId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { SensitivityClass } from '#core/method';
import type { Transaction } from '#platform/database';
import type { Looking } from './place.ts';

export interface ReplyRow {
  readonly id: string;
  readonly objectKey: Buffer;
  readonly body: Buffer | null;
  readonly state: 'sending' | 'sent' | 'refused';
  readonly createdAt: Date;
  /** Who wrote it in the recipient's place; null for the recipient. */
  readonly caregiver: PortalPersonId | null;
}

/** With the class of the message that it answers; `ordinary` for a letter. */
export interface ThreadReply extends ReplyRow {
  readonly level: SensitivityClass;
  readonly lockedAt: Date | null;
}

export async function insertReply(
  tx: Transaction,
  reply: {
    readonly id: string;
    readonly organisation: OrganisationId;
    /** Null for a letter, which answers no message. */
    readonly item: PortalItemId | null;
    readonly person: PortalPersonId;
    readonly objectKey: Buffer;
    readonly body: Buffer;
    readonly at: Date;
    readonly thread: string;
    /** When a letter ends; null for a reply, which ends with the message it answers. */
    readonly expiresAt: Date | null;
    /** Who writes in the recipient's place; null for the recipient. */
    readonly caregiver: PortalPersonId | null;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-reply-insert',
    text: `insert into sealpost.portal_reply (id, organisation, item, person, object_key, body, created_at, thread, expires_at, caregiver)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      reply.id,
      reply.organisation,
      reply.item,
      reply.person,
      reply.objectKey,
      reply.body,
      reply.at,
      reply.thread,
      reply.expiresAt,
      reply.caregiver,
    ],
  });
}

export async function settleReply(
  tx: Transaction,
  id: string,
  state: 'sent' | 'refused',
  message: MessageId | null,
  messageKey: Buffer | null,
): Promise<void> {
  await tx.execute({
    name: 'portal-reply-settle',
    text: 'update sealpost.portal_reply set state = $2, message = $3, message_key = $4 where id = $1',
    values: [id, state, message, messageKey],
  });
}

/** What was written in one conversation of this place's, oldest first, the newest 100; as a caregiver only one's own words. */
export async function listReplies(tx: Transaction, place: Looking, thread: string): Promise<ThreadReply[]> {
  const rows = await tx.query<ThreadReply>({
    name: 'portal-replies',
    text: `select r.id, r.object_key as "objectKey", r.body, r.state, r.created_at as "createdAt",
             r.caregiver, case when i.id is null then 'ordinary' else coalesce(c.class, 'high') end as level,
             i.locked_at as "lockedAt"
           from sealpost.portal_reply r left join sealpost.portal_item i on i.organisation = r.organisation and i.id = r.item
             left join sealpost.portal_copy c on c.organisation = i.organisation and c.message = i.message
           where r.organisation = $1 and r.person = $2 and coalesce(r.thread, i.thread, i.id) = $3
             and ($4::uuid is null or r.caregiver = $4) and r.destroyed_at is null and r.state <> 'refused'
           order by r.id desc limit 100`,
    values: [place.organisation, place.person, thread, place.care?.caregiver ?? null],
  });
  return rows.reverse();
}

/** Empties the replies of a message whose copy is destroyed. */
export async function destroyReplies(tx: Transaction, message: MessageId, at: Date): Promise<void> {
  await tx.execute({
    name: 'portal-replies-destroy',
    text: `update sealpost.portal_reply r set body = null, object_key = '', destroyed_at = $2
           from sealpost.portal_item i
           where i.message = $1 and r.item = i.id and r.destroyed_at is null`,
    values: [message, at],
  });
}
