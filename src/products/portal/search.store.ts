import type { PortalItemId, PortalPersonId } from '#core/ids';
import type { SensitivityClass } from '#core/method';
import type { Transaction } from '#platform/database';

export interface SearchedItem {
  readonly id: PortalItemId;
  readonly copy: string;
  readonly objectKey: Buffer;
  readonly summary: Buffer;
  /** Only of what was read before, stands in its row and is within the octets of one search. */
  readonly content: Buffer | null;
  readonly level: SensitivityClass;
  readonly lockedAt: Date | null;
}

/** What a person may still open, newest first; content of at most `octets` together. */
export function searchedItems(
  tx: Transaction,
  person: PortalPersonId,
  bounds: { readonly now: Date; readonly most: number; readonly octets: number },
): Promise<SearchedItem[]> {
  return tx.query({
    name: 'portal-search-items',
    text: `select i.id, c.id as copy, c.object_key as "objectKey", c.summary,
             case when i.state = 'read'
               and sum(octet_length(c.content)) filter (where i.state = 'read') over (order by i.id desc) <= $4
               then c.content end as content,
             coalesce(c.class, 'high') as level, i.locked_at as "lockedAt"
           from sealpost.portal_item i join sealpost.portal_copy c on c.message = i.message
           where i.person = $1 and i.state in ('waiting', 'read') and i.expires_at > $2 and c.summary is not null
           order by i.id desc limit $3`,
    values: [person, bounds.now, bounds.most, bounds.octets],
  });
}

export interface SearchedReply {
  readonly id: string;
  /** The message that it answers; null for a letter. */
  readonly item: PortalItemId | null;
  readonly objectKey: Buffer;
  readonly body: Buffer;
  readonly createdAt: Date;
  /** Class of the message it answers; `ordinary` for a letter. */
  readonly level: SensitivityClass;
  readonly lockedAt: Date | null;
}

/** What a person wrote and can still see, newest first. */
export function searchedReplies(
  tx: Transaction,
  person: PortalPersonId,
  bounds: { readonly now: Date; readonly most: number },
): Promise<SearchedReply[]> {
  return tx.query({
    name: 'portal-search-replies',
    text: `select r.id, r.item, r.object_key as "objectKey", r.body, r.created_at as "createdAt",
             case when i.id is null then 'ordinary' else coalesce(c.class, 'high') end as level, i.locked_at as "lockedAt"
           from sealpost.portal_reply r left join sealpost.portal_item i on i.id = r.item
             left join sealpost.portal_copy c on c.message = i.message
           where r.person = $1 and r.state <> 'refused' and r.body is not null
             and coalesce(r.expires_at, i.expires_at) > $2 and (i.id is null or i.state in ('waiting', 'read'))
           order by r.id desc limit $3`,
    values: [person, bounds.now, bounds.most],
  });
}
