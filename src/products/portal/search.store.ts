import type { OrganisationId, PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Looking } from './place.ts';
import { PLACES, placeValues, STATE, shows } from './scope.store.ts';

export interface SearchedItem {
  readonly id: PortalItemId;
  readonly organisation: OrganisationId;
  /** The grant that it is seen by; null for the reader's own. */
  readonly grant: string | null;
  readonly copy: string;
  readonly objectKey: Buffer;
  readonly summary: Buffer;
  /** Only of what was read before, stands in its row and is within the octets of one search. */
  readonly content: Buffer | null;
}

/** What may still be opened in these places, newest first; content of at most `octets` together. */
export function searchedItems(
  tx: Transaction,
  places: readonly Looking[],
  bounds: { readonly now: Date; readonly most: number; readonly octets: number },
): Promise<SearchedItem[]> {
  return tx.query({
    name: 'portal-search-items',
    text: `with shown as (
             select i.id, i.organisation, p.grant_id as grant, i.message, ${STATE} as state
             from ${PLACES} join sealpost.portal_item i on ${shows('$5')}
             where i.state in ('waiting', 'read') and i.expires_at > $5 order by i.id desc limit $6
           )
           select s.id, s.organisation, s.grant, c.id as copy, c.object_key as "objectKey", c.summary,
             case when s.state = 'read'
               and sum(octet_length(c.content)) filter (where s.state = 'read') over (order by s.id desc) <= $7
               then c.content end as content
           from shown s
             join sealpost.portal_copy c on c.organisation = s.organisation and c.message = s.message
           where c.summary is not null order by s.id desc`,
    values: [...placeValues(places), bounds.now, bounds.most, bounds.octets],
  });
}

export interface SearchedReply {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly grant: string | null;
  /** The message that it answers; null for a letter. */
  readonly item: PortalItemId | null;
  readonly objectKey: Buffer;
  readonly body: Buffer;
  readonly createdAt: Date;
}

/** What was written in these places and can still be seen, newest first; as a caregiver only one's own words. */
export function searchedReplies(
  tx: Transaction,
  places: readonly Looking[],
  bounds: { readonly now: Date; readonly most: number },
): Promise<SearchedReply[]> {
  return tx.query({
    name: 'portal-search-replies',
    text: `select r.id, r.organisation, p.grant_id as grant, r.item, r.object_key as "objectKey", r.body,
             r.created_at as "createdAt"
           from ${PLACES} join sealpost.portal_reply r on r.organisation = p.organisation and r.person = p.person
             left join sealpost.portal_item i on i.id = r.item and ${shows('$5')}
           where (p.grant_id is null or r.caregiver = p.caregiver) and r.state <> 'refused' and r.body is not null
             and coalesce(r.expires_at, i.expires_at) > $5
             and (r.item is null and p.grant_id is null or i.state in ('waiting', 'read'))
           order by r.id desc limit $6`,
    values: [...placeValues(places), bounds.now, bounds.most],
  });
}
