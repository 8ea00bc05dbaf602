import type { DeliveryId, OrganisationId, PortalItemId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';

export type PortalAct = 'opened' | 'downloaded' | 'replied';

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
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-access-insert',
    text: `insert into sealpost.portal_access (id, organisation, item, person, act, sealed_address, at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [
      access.id,
      access.organisation,
      access.item,
      access.person,
      access.act,
      access.sealedAddress,
      access.at,
    ],
  });
}

export interface AccessRow {
  readonly id: string;
  readonly act: PortalAct;
  readonly at: Date;
  readonly sealedAddress: Buffer | null;
  /** In clear only in rows of the release before, until the worker has sealed them. */
  readonly clearAddress: string | null;
}

/** Who did what with one delivery's copy, oldest first, at most 500: the access log for the sender (PO-3). */
export function accessRows(tx: Transaction, delivery: DeliveryId): Promise<AccessRow[]> {
  return tx.query({
    name: 'portal-access-of-delivery',
    text: `select a.id, a.act, a.at, a.sealed_address as "sealedAddress", a.address as "clearAddress"
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
