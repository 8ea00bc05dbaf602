import type { SqlValue } from '#platform/database';
import type { Looking } from './place.ts';

/**
 * Pieces of statements that say what a place shows. A place stands in a statement as `p (organisation, person, grant_id,
 * caregiver)`; an item as `i`. Every statement over items joins them by the pair of organisation and person, so that a
 * transaction of several organisations mixes nobody's rows, and reads the grant itself, so that one which ended a moment
 * ago shows nothing more.
 */
export const PLACES =
  'unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as p (organisation, person, grant_id, caregiver)';

/** The first four values of such a statement. */
export function placeValues(places: readonly Looking[]): SqlValue[] {
  return [
    places.map((place) => place.organisation),
    places.map((place) => place.person),
    places.map((place) => place.care?.grant ?? null),
    places.map((place) => place.care?.caregiver ?? null),
  ];
}

/** An item of the place's person, and within the grant where it is seen by one (45 CFR 164.502(b): no more than that). */
export function shows(now: string): string {
  return `i.organisation = p.organisation and i.person = p.person and (p.grant_id is null or exists (
    select 1 from sealpost.portal_caregiver g
      join sealpost.message m on m.organisation = i.organisation and m.id = i.message
    where g.organisation = i.organisation and g.id = p.grant_id and g.patient = i.person and g.caregiver = p.caregiver
      and g.ended_at is null and g.starts_at <= ${now} and g.expires_at > ${now} and m.stream = any (g.streams)
      and array_position(array['ordinary', 'light', 'high'], m.class)
        <= array_position(array['ordinary', 'light', 'high'], g.highest_class)))`;
}

/**
 * The state as this place's viewer sees it: a caregiver has read what the access log says they opened, whoever else did.
 * So neither is shown words of a message that they have not opened, nor does one's reading hide what is new for the other.
 */
export const STATE = `case when p.grant_id is null or i.state in ('expired', 'retracted') then i.state
    when exists (select 1 from sealpost.portal_access a where a.organisation = i.organisation and a.item = i.id
      and a.caregiver = p.caregiver and a.act = 'opened') then 'read' else 'waiting' end`;
