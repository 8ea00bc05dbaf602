import type { OrganisationId, PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** A further link to an entry, beside that of its first notice. */
export async function insertLink(
  tx: Transaction,
  link: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly item: PortalItemId;
    readonly hash: Buffer;
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-link-insert',
    text: `insert into sealpost.portal_link (id, organisation, item, link_hash, created_at) values ($1, $2, $3, $4, $5)`,
    values: [link.id, link.organisation, link.item, link.hash, link.at],
  });
}
