import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface ProvisionedRow {
  readonly identity: IdentityId;
  readonly source: string | null;
  readonly attributes: Buffer | null;
  readonly active: boolean;
  readonly created_at: Date;
  readonly changed_at: Date;
  readonly address: Buffer;
  readonly display_name: Buffer;
}

// Members whom nobody keeps in step stand beside those who are kept, so that a directory can find them and take them over.
const PEOPLE = `
  select i.id as identity, p.source, p.attributes, m.ended_at is null as active,
    coalesce(p.created_at, m.created_at) as created_at, coalesce(p.changed_at, m.created_at) as changed_at,
    i.address, i.display_name
  from sealpost.membership m join sealpost.identity i on i.id = m.identity
    left join sealpost.provisioned_person p on p.organisation = m.organisation and p.identity = m.identity
  where m.organisation = $1 and (m.ended_at is null or p.identity is not null)`;

/** Everybody whom a directory may see, by id; `most` and `skip` for pages. */
export async function listProvisioned(
  tx: Transaction,
  organisation: OrganisationId,
  skip: number,
  most: number,
): Promise<ProvisionedRow[]> {
  return tx.query<ProvisionedRow>({
    name: 'provisioned.list',
    text: `${PEOPLE} order by i.id offset $2 limit $3`,
    values: [organisation, skip, most],
  });
}

export async function countProvisioned(tx: Transaction, organisation: OrganisationId): Promise<number> {
  const row = await tx.one<{ count: number | string }>({
    name: 'provisioned.count',
    text: `select count(*) as count from sealpost.membership m
             left join sealpost.provisioned_person p on p.organisation = m.organisation and p.identity = m.identity
           where m.organisation = $1 and (m.ended_at is null or p.identity is not null)`,
    values: [organisation],
  });
  return Number(row.count);
}

/** Those of these ids whom a directory may see. */
export async function readProvisioned(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
): Promise<ProvisionedRow[]> {
  return tx.query<ProvisionedRow>({
    name: 'provisioned.read',
    text: `${PEOPLE} and m.identity = any ($2::uuid[])`,
    values: [organisation, ids],
  });
}

export async function provisionedByExternal(
  tx: Transaction,
  organisation: OrganisationId,
  index: Buffer,
): Promise<ProvisionedRow[]> {
  return tx.query<ProvisionedRow>({
    name: 'provisioned.by-external',
    text: `${PEOPLE} and p.external_index = $2`,
    values: [organisation, index],
  });
}

/** Locks a person's membership, so that two changes of one person come one after the other. */
export async function lockMembership(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<{ readonly roles: string[]; readonly ended: boolean } | undefined> {
  return tx.maybe<{ roles: string[]; ended: boolean }>({
    name: 'membership.lock',
    text: `select roles, ended_at is not null as ended from sealpost.membership
           where organisation = $1 and identity = $2 for update`,
    values: [organisation, identity],
  });
}

export async function putProvisioned(
  tx: Transaction,
  organisation: OrganisationId,
  row: {
    readonly identity: IdentityId;
    readonly source: string;
    readonly externalIndex: Buffer | null;
    readonly attributes: Buffer;
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'provisioned.put',
    text: `insert into sealpost.provisioned_person
             (organisation, identity, source, external_index, attributes, created_at, changed_at)
           values ($1, $2, $3, $4, $5, $6, $6)
           on conflict (organisation, identity) do update set source = excluded.source,
             external_index = excluded.external_index, attributes = excluded.attributes,
             changed_at = excluded.changed_at`,
    values: [organisation, row.identity, row.source, row.externalIndex, row.attributes, row.at],
  });
}

export async function deleteProvisioned(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<void> {
  await tx.execute({
    text: 'delete from sealpost.provisioned_person where organisation = $1 and identity = $2',
    values: [organisation, identity],
  });
}

/** Forgets what one directory said of everybody; how many that were. */
export async function releaseProvisioned(
  tx: Transaction,
  organisation: OrganisationId,
  source: string,
): Promise<number> {
  return tx.execute({
    text: 'delete from sealpost.provisioned_person where organisation = $1 and source = $2',
    values: [organisation, source],
  });
}

/** Name and address of a person; false when the address is somebody else's. */
export async function updateIdentity(
  tx: Transaction,
  row: {
    readonly id: IdentityId;
    readonly addressIndex: Buffer;
    readonly address: Buffer;
    readonly displayName: Buffer;
    readonly locale: string | null;
  },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.identity set address_index = $2, address = $3, display_name = $4, locale = coalesce($5, locale)
           where id = $1 and not exists (select from sealpost.identity o where o.address_index = $2 and o.id <> $1)`,
    values: [row.id, row.addressIndex, row.address, row.displayName, row.locale],
  });
  return touched === 1;
}

/** How many others hold a role by themselves in the organisation now. */
export async function countOthersWithRole(
  tx: Transaction,
  organisation: OrganisationId,
  role: string,
  but: readonly string[],
): Promise<number> {
  const row = await tx.one<{ count: number | string }>({
    text: `select count(*) as count from sealpost.membership
           where organisation = $1 and ended_at is null and $2 = any (roles) and not (identity = any ($3::uuid[]))`,
    values: [organisation, role, but],
  });
  return Number(row.count);
}

/** Domains of people's addresses that are allowed beside the organisation's own. */
export async function readFurtherDomains(tx: Transaction, organisation: OrganisationId): Promise<string[]> {
  const row = await tx.maybe<{ domains: string[] }>({
    name: 'provisioning-setting.domains',
    text: 'select domains from sealpost.provisioning_setting where organisation = $1',
    values: [organisation],
  });
  return row?.domains ?? [];
}

export async function putFurtherDomains(
  tx: Transaction,
  organisation: OrganisationId,
  domains: readonly string[],
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.provisioning_setting (organisation, domains, changed_at) values ($1, $2, $3)
           on conflict (organisation) do update set domains = excluded.domains, changed_at = excluded.changed_at`,
    values: [organisation, domains, at],
  });
}
