import type { MessageId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface ReplyRow {
  readonly id: string;
  readonly objectKey: Buffer;
  readonly body: Buffer | null;
  readonly state: 'sending' | 'sent' | 'refused';
  readonly createdAt: Date;
}

export async function insertReply(
  tx: Transaction,
  reply: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly item: PortalItemId;
    readonly person: PortalPersonId;
    readonly objectKey: Buffer;
    readonly body: Buffer;
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-reply-insert',
    text: `insert into sealpost.portal_reply (id, organisation, item, person, object_key, body, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [reply.id, reply.organisation, reply.item, reply.person, reply.objectKey, reply.body, reply.at],
  });
}

export async function settleReply(
  tx: Transaction,
  id: string,
  state: 'sent' | 'refused',
  message: MessageId | null,
): Promise<void> {
  await tx.execute({
    name: 'portal-reply-settle',
    text: 'update sealpost.portal_reply set state = $2, message = $3 where id = $1',
    values: [id, state, message],
  });
}

/** What was answered to one item, oldest first, at most 100. */
export function listReplies(tx: Transaction, item: PortalItemId): Promise<ReplyRow[]> {
  return tx.query({
    name: 'portal-replies',
    text: `select id, object_key as "objectKey", body, state, created_at as "createdAt"
           from sealpost.portal_reply where item = $1 and destroyed_at is null and state <> 'refused'
           order by id limit 100`,
    values: [item],
  });
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
