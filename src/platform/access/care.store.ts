import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface CareRow {
  readonly id: string;
  readonly subject_kind: 'identity' | 'group';
  readonly subject: string;
  readonly address_index: Buffer;
  readonly address: Buffer;
  readonly since: Date;
  readonly until: Date | null;
  readonly source: string;
  readonly created_at: Date;
}

const COLUMNS = 'id, subject_kind, subject, address_index, address, since, until, source, created_at';

export async function insertCareRow(
  tx: Transaction,
  organisation: OrganisationId,
  row: CareRow,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.care_relationship
             (id, organisation, subject_kind, subject, address_index, address, since, until, source, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    values: [
      ...[row.id, organisation, row.subject_kind, row.subject, row.address_index, row.address],
      ...[row.since, row.until, row.source, row.created_at],
    ],
  });
}

/** Those that have not ended, oldest first; of one person or group, of one address, or all. */
export async function listCareRows(
  tx: Transaction,
  organisation: OrganisationId,
  filter: { readonly subject: string | null; readonly addressIndex: Buffer | null; readonly now: Date },
  after: string | null,
  most: number,
): Promise<CareRow[]> {
  return tx.query<CareRow>({
    name: 'care-relationship.list',
    text: `select ${COLUMNS} from sealpost.care_relationship
           where organisation = $1 and ended_at is null and (until is null or until > $4)
             and ($2::uuid is null or subject = $2) and ($3::bytea is null or address_index = $3)
             and ($5::uuid is null or id > $5)
           order by id limit $6`,
    values: [organisation, filter.subject, filter.addressIndex, filter.now, after, most],
  });
}

/** False when it has ended, or there is none such. */
export async function endCareRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.care_relationship set ended_at = $3
           where organisation = $1 and id = $2 and ended_at is null`,
    values: [organisation, id, at],
  });
  return touched === 1;
}

/** Whether a person, by themselves or through a group, cares at `now` for somebody with one of these addresses. */
export async function caresForAny(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  addresses: readonly Buffer[],
  now: Date,
): Promise<boolean> {
  const row = await tx.one<{ cares: boolean }>({
    name: 'care-relationship.any',
    text: `select exists (
             select from sealpost.care_relationship c
             where c.organisation = $1 and c.ended_at is null and c.since <= $4 and (c.until is null or c.until > $4)
               and c.address_index = any ($3)
               and c.subject in (
                 select $2::uuid
                 union all select m.access_group from sealpost.group_member m
                   join sealpost.access_group g on g.id = m.access_group and g.removed_at is null
                   where m.organisation = $1 and m.identity = $2)) as cares`,
    values: [organisation, identity, addresses, now],
  });
  return row.cares;
}

export async function setCareRule(tx: Transaction, organisation: OrganisationId, on: boolean): Promise<void> {
  await tx.execute({
    text: `update sealpost.organisation
           set settings = settings || jsonb_build_object('careRule', $2::boolean) where id = $1`,
    values: [organisation, on],
  });
}

export async function readCareRule(tx: Transaction, organisation: OrganisationId): Promise<boolean> {
  const row = await tx.maybe<{ on: boolean }>({
    text: `select coalesce(settings -> 'careRule' = 'true'::jsonb, false) as on from sealpost.organisation where id = $1`,
    values: [organisation],
  });
  return row?.on ?? false;
}
