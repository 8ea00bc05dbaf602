import type { DeliveryId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { PortalAct } from './access.store.ts';

/** What staff see of a copy in the portal. */
export interface PortalDeliveryView {
  readonly delivery: DeliveryId;
  readonly expiresAt: Date;
  readonly firstReadAt: Date | null;
  /** When too many wrong answers ended access; null while it stands. */
  readonly lockedAt: Date | null;
  /** When somebody first came without a possible second proof; null where nobody did. */
  readonly unprovableAt: Date | null;
  readonly acts: readonly {
    readonly act: PortalAct;
    readonly at: Date;
    readonly by: 'recipient' | 'caregiver';
  }[];
}

/** Entries of these deliveries with their access logs, oldest act first (PO-3). */
export async function portalDeliveryViews(
  tx: Transaction,
  organisation: OrganisationId,
  deliveries: readonly DeliveryId[],
): Promise<PortalDeliveryView[]> {
  const rows = await tx.query<{
    delivery: DeliveryId;
    expires_at: Date;
    first_read_at: Date | null;
    locked_at: Date | null;
    unprovable_reported_at: Date | null;
    acts: readonly {
      readonly act: PortalAct;
      readonly at: string;
      readonly by: 'recipient' | 'caregiver';
    }[];
  }>({
    name: 'portal.delivery-views',
    text: `select i.delivery, i.expires_at, coalesce(i.first_read_at, i.caregiver_read_at) as first_read_at,
        i.locked_at, i.unprovable_reported_at,
        coalesce((select jsonb_agg(jsonb_build_object('act', a.act, 'at', a.at,
            'by', case when a.caregiver is null then 'recipient' else 'caregiver' end) order by a.id)
          from sealpost.portal_access a where a.organisation = i.organisation and a.item = i.id), '[]') as acts
      from sealpost.portal_item i where i.organisation = $1 and i.delivery = any ($2::uuid[])`,
    values: [organisation, deliveries],
  });
  return rows.map((row) => ({
    delivery: row.delivery,
    expiresAt: row.expires_at,
    firstReadAt: row.first_read_at,
    lockedAt: row.locked_at,
    unprovableAt: row.unprovable_reported_at,
    acts: row.acts.map(({ act, at, by }) => ({ act, at: new Date(at), by })),
  }));
}
