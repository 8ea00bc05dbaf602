import type { DeliveryId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { SensitivityClass } from '#core/method';
import type { Transaction } from '#platform/database';
import type { Looking } from './place.ts';
import { PLACES, placeValues, shows } from './scope.store.ts';

export type PortalAct = 'opened' | 'downloaded' | 'replied' | 'printed';

export async function insertAccess(
  tx: Transaction,
  access: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly item: PortalItemId;
    readonly person: PortalPersonId;
    readonly act: PortalAct;
    readonly sealedAddress: Buffer | null;
    readonly at: Date;
    /** Who did it in the person's place; null for the person. */
    readonly caregiver: PortalPersonId | null;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-access-insert',
    text: `insert into sealpost.portal_access (id, organisation, item, person, act, sealed_address, at, caregiver)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      access.id,
      access.organisation,
      access.item,
      access.person,
      access.act,
      access.sealedAddress,
      access.at,
      access.caregiver,
    ],
  });
}

/** One act on a message of these people's own, with the copy's summary while it stands. */
export interface OwnAccessRow {
  readonly organisation: OrganisationId;
  readonly act: PortalAct;
  readonly at: Date;
  readonly caregiver: PortalPersonId | null;
  readonly copy: string | null;
  readonly objectKey: Buffer | null;
  readonly summary: Buffer | null;
  readonly level: SensitivityClass;
  readonly lockedAt: Date | null;
}

/** What was done with these people's messages, newest first. */
export function accessOf(
  tx: Transaction,
  places: readonly Looking[],
  now: Date,
  most: number,
): Promise<OwnAccessRow[]> {
  return tx.query({
    name: 'portal-access-of-people',
    text: `select a.organisation, a.act, a.at, a.caregiver, c.id as copy, c.object_key as "objectKey", c.summary,
             coalesce(c.class, 'high') as level, i.locked_at as "lockedAt"
           from ${PLACES} join sealpost.portal_item i on ${shows('$5')}
             join sealpost.portal_access a on a.organisation = i.organisation and a.item = i.id
             left join sealpost.portal_copy c on c.organisation = i.organisation and c.message = i.message
               and c.destroyed_at is null
           order by a.id desc limit $6`,
    values: [...placeValues(places), now, most],
  });
}

export interface AccessRow {
  readonly id: string;
  readonly act: PortalAct;
  readonly at: Date;
  readonly byCaregiver: boolean;
  readonly sealedAddress: Buffer | null;
  /** In clear only in rows of the release before, until the worker has sealed them. */
  readonly clearAddress: string | null;
}

/** Who did what with one delivery's copy, oldest first, at most 500: the access log for the sender (PO-3). */
export function accessRows(tx: Transaction, delivery: DeliveryId): Promise<AccessRow[]> {
  return tx.query({
    name: 'portal-access-of-delivery',
    text: `select a.id, a.act, a.at, a.sealed_address as "sealedAddress", a.address as "clearAddress",
             a.caregiver is not null as "byCaregiver"
           from sealpost.portal_access a join sealpost.portal_item i on i.id = a.item
           where i.delivery = $1 order by a.id limit 500`,
    values: [delivery],
  });
}

/** Rows with an address in clear, over all organisations; ids only. Works in a system transaction of the worker. */
export function findUnsealed(
  tx: Transaction,
  most: number,
): Promise<{ organisation: OrganisationId; access: string }[]> {
  return tx.query({
    name: 'portal-access-unsealed',
    text: 'select organisation, access from sealpost.unsealed_portal_access($1)',
    values: [most],
  });
}

/** The clear addresses of these rows, locked; rows that another process has in hand are left to it. */
export function lockUnsealed(
  tx: Transaction,
  ids: readonly string[],
): Promise<{ id: string; address: string }[]> {
  return tx.query({
    name: 'portal-access-lock-unsealed',
    text: `select id, address from sealpost.portal_access
           where id = any ($1::uuid[]) and address is not null for update skip locked`,
    values: [ids],
  });
}

/** Puts sealed addresses in the place of clear ones. */
export async function replaceAddresses(
  tx: Transaction,
  rows: readonly { readonly id: string; readonly sealed: Buffer }[],
): Promise<void> {
  await tx.execute({
    name: 'portal-access-seal',
    text: `update sealpost.portal_access a set sealed_address = given.sealed, address = null
           from unnest($1::uuid[], $2::bytea[]) as given (id, sealed) where a.id = given.id`,
    values: [rows.map((row) => row.id), rows.map((row) => row.sealed)],
  });
}
