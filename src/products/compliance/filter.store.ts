import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** A search that somebody keeps; name and terms sealed. */
export interface FilterRow {
  readonly id: string;
  readonly identity: string;
  readonly shared: boolean;
  readonly name: Buffer;
  readonly query: Buffer;
  readonly created_at: Date;
}

/** A person's own filters and those that are shared, oldest first. */
export async function filtersFor(
  tx: Transaction,
  organisation: OrganisationId,
  identity: string,
): Promise<FilterRow[]> {
  return tx.query<FilterRow>({
    name: 'audit-filter.list',
    text: `select id, identity, shared, name, query, created_at from audit_filter
           where organisation = $1 and removed_at is null and (shared or identity = $2) order by id limit 200`,
    values: [organisation, identity],
  });
}

export async function insertFilter(
  tx: Transaction,
  organisation: OrganisationId,
  row: FilterRow,
): Promise<void> {
  await tx.execute({
    name: 'audit-filter.insert',
    text: `insert into audit_filter (id, organisation, identity, shared, name, query, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [row.id, organisation, row.identity, row.shared, row.name, row.query, row.created_at],
  });
}

/** False where there is none of this person's. */
export async function removeFilter(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  identity: string,
  at: Date,
): Promise<boolean> {
  const removed = await tx.execute({
    name: 'audit-filter.remove',
    text: `update audit_filter set removed_at = $4
           where organisation = $1 and id = $2 and identity = $3 and removed_at is null`,
    values: [organisation, id, identity, at],
  });
  return removed === 1;
}
