import type { OrganisationId, PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Looking } from './place.ts';
import type { ReplyRow } from './reply.store.ts';

/** One letter of this person's and of nobody else. */
export function findLetter(
  tx: Transaction,
  letter: string,
  place: Pick<Looking, 'organisation' | 'person'>,
): Promise<(ReplyRow & { readonly expiresAt: Date }) | undefined> {
  return tx.maybe({
    name: 'portal-letter',
    text: `select id, object_key as "objectKey", body, state, created_at as "createdAt", expires_at as "expiresAt",
             caregiver
           from sealpost.portal_reply
           where id = $1 and organisation = $2 and person = $3 and item is null and state <> 'refused' and destroyed_at is null`,
    values: [letter, place.organisation, place.person],
  });
}

/** Whose letter it is among these people; null for none of theirs. */
export async function locateLetter(
  tx: Transaction,
  places: readonly Pick<Looking, 'organisation' | 'person'>[],
  letter: string,
): Promise<OrganisationId | null> {
  const row = await tx.maybe<{ organisation: OrganisationId }>({
    name: 'portal-letter-locate',
    text: `select p.organisation from unnest($1::uuid[], $2::uuid[]) as p (organisation, person)
           join sealpost.portal_reply r on r.organisation = p.organisation and r.person = p.person
           where r.id = $3 and r.item is null`,
    values: [places.map((one) => one.organisation), places.map((one) => one.person), letter],
  });
  return row?.organisation ?? null;
}

/** Summaries of what a person may still open, newest first: who wrote to them. */
export function openSummaries(
  tx: Transaction,
  place: Pick<Looking, 'organisation' | 'person'>,
  now: Date,
  most: number,
): Promise<{ item: PortalItemId; copy: string; objectKey: Buffer; summary: Buffer }[]> {
  return tx.query({
    name: 'portal-open-summaries',
    text: `select i.id as item, c.id as copy, c.object_key as "objectKey", c.summary
           from sealpost.portal_item i join sealpost.portal_copy c on c.message = i.message
           where i.organisation = $1 and i.person = $2 and i.state in ('waiting', 'read') and i.expires_at > $3
             and c.summary is not null
           order by i.id desc limit $4`,
    values: [place.organisation, place.person, now, most],
  });
}

/** Letters whose time is over, over all organisations; ids only. Works in a system transaction of the worker. */
export function findExpiredLetters(
  tx: Transaction,
  now: Date,
  most: number,
): Promise<{ organisation: OrganisationId; reply: string }[]> {
  return tx.query({
    name: 'portal-letters-expired',
    text: 'select organisation, reply from sealpost.expired_portal_letters($1, $2)',
    values: [now, most],
  });
}

/** Empties letters that are due. Returns how many. */
export function destroyLetters(tx: Transaction, letters: readonly string[], at: Date): Promise<number> {
  return tx.execute({
    name: 'portal-letters-destroy',
    text: `update sealpost.portal_reply set body = null, object_key = '', destroyed_at = $2
           where id = any ($1::uuid[]) and item is null and destroyed_at is null and expires_at <= $2`,
    values: [letters, at],
  });
}
