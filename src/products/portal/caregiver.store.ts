import type { Actor } from '#core/actor';
import type { MessageId, OrganisationId, PortalPersonId } from '#core/ids';
import type { SensitivityClass, Stream } from '#core/method';
import type { Transaction } from '#platform/database';
import type { Looking } from './place.ts';

export const RELATIONS = ['parent', 'guardian', 'representative', 'family', 'other'] as const;
export type Relation = (typeof RELATIONS)[number];

export interface CaregiverRow {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly patient: PortalPersonId;
  readonly caregiver: PortalPersonId;
  readonly relation: Relation;
  readonly streams: readonly Stream[];
  readonly highestClass: SensitivityClass;
  readonly mayReply: boolean;
  readonly showsAddress: boolean;
  readonly notices: boolean;
  readonly label: Buffer;
  readonly reason: Buffer;
  readonly grantedBy: Actor;
  readonly grantedAt: Date;
  readonly startsAt: Date;
  readonly expiresAt: Date;
  readonly endedAs: 'withdrawn' | 'replaced' | null;
  readonly endedBy: Actor | null;
  readonly endedAt: Date | null;
}

export interface GrantEnd {
  readonly as: 'withdrawn' | 'replaced';
  readonly by: Actor;
  readonly at: Date;
}

const COLUMNS = `g.id, g.organisation, g.patient, g.caregiver, g.relation, g.streams, g.highest_class as "highestClass",
  g.may_reply as "mayReply", g.shows_address as "showsAddress", g.notices, g.label, g.reason,
  g.granted_by as "grantedBy", g.granted_at as "grantedAt", g.starts_at as "startsAt", g.expires_at as "expiresAt",
  g.ended_as as "endedAs", g.ended_by as "endedBy", g.ended_at as "endedAt"`;

const IN_FORCE = 'g.ended_at is null and g.starts_at <= $1 and g.expires_at > $1';

type Pair = Pick<Looking, 'organisation' | 'person'>;
const PAIRS = 'unnest($2::uuid[], $3::uuid[]) as p (organisation, person)';
const pairValues = (pairs: readonly Pair[]): string[][] => [
  pairs.map((one) => one.organisation),
  pairs.map((one) => one.person),
];

/** Grants in force by which these people see others' messages, at most 50. */
export function grantsHeld(tx: Transaction, pairs: readonly Pair[], now: Date): Promise<CaregiverRow[]> {
  return tx.query({
    name: 'portal-grants-held',
    text: `select ${COLUMNS} from ${PAIRS} join sealpost.portal_caregiver g
             on g.organisation = p.organisation and g.caregiver = p.person
           where ${IN_FORCE} order by g.id limit 50`,
    values: [now, ...pairValues(pairs)],
  });
}

/** Grants in force, or to come, by which others see these people's messages. */
export function grantsOver(tx: Transaction, pairs: readonly Pair[], now: Date): Promise<CaregiverRow[]> {
  return tx.query({
    name: 'portal-grants-over',
    text: `select ${COLUMNS} from ${PAIRS} join sealpost.portal_caregiver g
             on g.organisation = p.organisation and g.patient = p.person
           where g.ended_at is null and g.expires_at > $1 order by g.id limit 100`,
    values: [now, ...pairValues(pairs)],
  });
}

/** Caregivers who are to be told of a new message of this person's: in force, wanted, and within the scope. */
export function grantsToTell(
  tx: Transaction,
  pair: Pair,
  message: MessageId,
  now: Date,
): Promise<{ id: string; caregiver: PortalPersonId }[]> {
  return tx.query({
    name: 'portal-grants-to-tell',
    text: `select g.id, g.caregiver from sealpost.portal_caregiver g
             join sealpost.message m on m.organisation = g.organisation and m.id = $4
           where ${IN_FORCE} and g.organisation = $2 and g.patient = $3 and g.notices and m.stream = any (g.streams)
             and array_position(array['ordinary', 'light', 'high'], m.class)
               <= array_position(array['ordinary', 'light', 'high'], g.highest_class)
           order by g.id limit 20`,
    values: [now, pair.organisation, pair.person, message],
  });
}

/** False where somebody else made one for the same two people in the meantime. */
export async function insertGrant(
  tx: Transaction,
  row: Omit<CaregiverRow, 'endedAs' | 'endedBy' | 'endedAt'>,
): Promise<boolean> {
  const added = await tx.execute({
    name: 'portal-grant-insert',
    text: `insert into sealpost.portal_caregiver
             (id, organisation, patient, caregiver, relation, streams, highest_class, may_reply, shows_address, notices,
              label, reason, granted_by, granted_at, starts_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict do nothing`,
    values: [
      row.id,
      row.organisation,
      row.patient,
      row.caregiver,
      row.relation,
      row.streams,
      row.highestClass,
      row.mayReply,
      row.showsAddress,
      row.notices,
      row.label,
      row.reason,
      JSON.stringify(row.grantedBy),
      row.grantedAt,
      row.startsAt,
      row.expiresAt,
    ],
  });
  return added === 1;
}

/** Ends the open grant of two people, if there is one; its id. */
export async function endGrantBetween(
  tx: Transaction,
  organisation: OrganisationId,
  between: { readonly patient: PortalPersonId; readonly caregiver: PortalPersonId },
  end: GrantEnd,
): Promise<string | null> {
  const row = await tx.maybe<{ id: string }>({
    name: 'portal-grant-end-between',
    text: `update sealpost.portal_caregiver set ended_as = $4, ended_by = $5, ended_at = $6
           where organisation = $1 and patient = $2 and caregiver = $3 and ended_at is null returning id`,
    values: [organisation, between.patient, between.caregiver, end.as, JSON.stringify(end.by), end.at],
  });
  return row?.id ?? null;
}

/** Ends one grant; `patient` where only that person's may be ended. Undefined where there is none that is open. */
export function endGrant(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  patient: PortalPersonId | null,
  end: GrantEnd,
): Promise<CaregiverRow | undefined> {
  return tx.maybe({
    name: 'portal-grant-end',
    text: `update sealpost.portal_caregiver g set ended_as = $4, ended_by = $5, ended_at = $6
           where g.organisation = $1 and g.id = $2 and ($3::uuid is null or g.patient = $3) and g.ended_at is null
           returning ${COLUMNS}`,
    values: [organisation, id, patient, end.as, JSON.stringify(end.by), end.at],
  });
}

export function grantById(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<CaregiverRow | undefined> {
  return tx.maybe({
    name: 'portal-grant',
    text: `select ${COLUMNS} from sealpost.portal_caregiver g where g.organisation = $1 and g.id = $2`,
    values: [organisation, id],
  });
}

/** A page, newest first. */
export function listGrants(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  limit: number,
): Promise<CaregiverRow[]> {
  return tx.query({
    name: 'portal-grants',
    text: `select ${COLUMNS} from sealpost.portal_caregiver g
           where g.organisation = $1 and g.id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
           order by g.id desc limit $3`,
    values: [organisation, before, limit],
  });
}
