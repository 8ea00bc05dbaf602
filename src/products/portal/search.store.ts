import type { PortalItemId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface SearchedItem {
  readonly id: PortalItemId;
  readonly copy: string;
  readonly objectKey: Buffer;
  readonly summary: Buffer;
  /** Only of what was read before, stands in its row and is within the octets of one search. */
  readonly content: Buffer | null;
  /** Octets of such content up to and with this row, newest first. */
  readonly octets: number;
}

export interface SearchBounds {
  readonly now: Date;
  /** Only what is older than this id; null: from the newest on. Ids carry the time in which they were made. */
  readonly before: string | null;
  readonly most: number;
}

/** What a person may still open, newest first; content of at most `octets` together. */
export function searchedItems(
  tx: Transaction,
  person: PortalPersonId,
  bounds: SearchBounds & { readonly octets: number },
): Promise<SearchedItem[]> {
  return tx.query({
    name: 'portal-search-items',
    text: `select id, copy, "objectKey", summary, octets::float8 as octets,
             case when state = 'read' and octets <= $4 then content end as content
           from (
             select i.id, i.state, c.id as copy, c.object_key as "objectKey", c.summary, c.content,
               coalesce(sum(octet_length(c.content)) filter (where i.state = 'read') over (order by i.id desc), 0) as octets
             from sealpost.portal_item i join sealpost.portal_copy c on c.message = i.message
             where i.person = $1 and i.state in ('waiting', 'read') and i.expires_at > $2 and c.summary is not null
               and ($5::uuid is null or i.id < $5)
             order by i.id desc limit $3
           ) found order by id desc`,
    values: [person, bounds.now, bounds.most, bounds.octets, bounds.before],
  });
}

export interface SearchedReply {
  readonly id: string;
  /** The message that it answers; null for a letter. */
  readonly item: PortalItemId | null;
  readonly objectKey: Buffer;
  readonly body: Buffer;
  readonly createdAt: Date;
}

/** What a person wrote and can still see, newest first. */
export function searchedReplies(
  tx: Transaction,
  person: PortalPersonId,
  bounds: SearchBounds,
): Promise<SearchedReply[]> {
  return tx.query({
    name: 'portal-search-replies',
    text: `select r.id, r.item, r.object_key as "objectKey", r.body, r.created_at as "createdAt"
           from sealpost.portal_reply r left join sealpost.portal_item i on i.id = r.item
           where r.person = $1 and r.state <> 'refused' and r.body is not null
             and coalesce(r.expires_at, i.expires_at) > $2 and (i.id is null or i.state in ('waiting', 'read'))
             and ($4::uuid is null or r.id < $4)
           order by r.id desc limit $3`,
    values: [person, bounds.now, bounds.most, bounds.before],
  });
}
