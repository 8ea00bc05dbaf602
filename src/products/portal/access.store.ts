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
    readonly address: string | null;
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-access-insert',
    text: `insert into sealpost.portal_access (id, organisation, item, person, act, address, at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [
      access.id,
      access.organisation,
      access.item,
      access.person,
      access.act,
      access.address,
      access.at,
    ],
  });
}

/** Who did what with one delivery's copy, oldest first, at most 500: the access log for the sender (PO-3). */
export function accessLog(
  tx: Transaction,
  delivery: DeliveryId,
): Promise<{ act: PortalAct; at: Date; address: string | null }[]> {
  return tx.query({
    name: 'portal-access-of-delivery',
    text: `select a.act, a.at, a.address from sealpost.portal_access a
           join sealpost.portal_item i on i.id = a.item
           where i.delivery = $1 order by a.id limit 500`,
    values: [delivery],
  });
}
