import type { OrganisationId, PortalItemId } from '#core/ids';
import type { SensitivityClass } from '#core/method';
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
  /** Octets of such content up to and with this row, newest first. */
  readonly octets: number;
  readonly level: SensitivityClass;
  readonly lockedAt: Date | null;
}

export interface SearchBounds {
  readonly now: Date;
  /** Only what is older than this id; null: from the newest on. Ids carry the time in which they were made. */
  readonly before: string | null;
  readonly most: number;
}

/** What may still be opened in these places, newest first; content of at most `octets` together. */
export function searchedItems(
  tx: Transaction,
  places: readonly Looking[],
  bounds: SearchBounds & { readonly octets: number },
): Promise<SearchedItem[]> {
  return tx.query({
    name: 'portal-search-items',
    text: `with shown as (
             select i.id, i.organisation, p.grant_id as "grant", c.id as copy, c.object_key as "objectKey", c.summary, c.content,
               coalesce(c.class, 'high') as level, i.locked_at as "lockedAt",
               ${STATE} as state
             from ${PLACES} join sealpost.portal_item i on ${shows('$5')}
               join sealpost.portal_copy c on c.organisation = i.organisation and c.message = i.message
             where i.state in ('waiting', 'read') and i.expires_at > $5 and c.summary is not null
               and ($8::uuid is null or i.id < $8)
             order by i.id desc limit $6
           ), counted as (
             select s.*, coalesce(sum(octet_length(s.content)) filter (where s.state = 'read') over (order by s.id desc), 0) as octets
             from shown s
           )
           select id, organisation, "grant", copy, "objectKey", summary, octets::float8 as octets, level, "lockedAt",
             case when state = 'read' and octets <= $7 then content end as content
           from counted order by id desc`,
    values: [...placeValues(places), bounds.now, bounds.most, bounds.octets, bounds.before],
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
  /** Class of the message it answers; `ordinary` for a letter. */
  readonly level: SensitivityClass;
  readonly lockedAt: Date | null;
}

/** What was written in these places and can still be seen, newest first; as a caregiver only one's own words. */
export function searchedReplies(
  tx: Transaction,
  places: readonly Looking[],
  bounds: SearchBounds,
): Promise<SearchedReply[]> {
  return tx.query({
    name: 'portal-search-replies',
    text: `select r.id, r.organisation, p.grant_id as grant, r.item, r.object_key as "objectKey", r.body,
             r.created_at as "createdAt",
             case when i.id is null then 'ordinary' else coalesce(c.class, 'high') end as level, i.locked_at as "lockedAt"
           from ${PLACES} join sealpost.portal_reply r on r.organisation = p.organisation and r.person = p.person
             left join sealpost.portal_item i on i.id = r.item and ${shows('$5')}
             left join sealpost.portal_copy c on c.organisation = i.organisation and c.message = i.message
           where (p.grant_id is null or r.caregiver = p.caregiver) and r.state <> 'refused' and r.body is not null
             and coalesce(r.expires_at, i.expires_at) > $5
             and (r.item is null and p.grant_id is null or i.state in ('waiting', 'read'))
             and ($7::uuid is null or r.id < $7)
           order by r.id desc limit $6`,
    values: [...placeValues(places), bounds.now, bounds.most, bounds.before],
  });
}
