import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface GroupRow {
  readonly id: string;
  readonly name: string;
  readonly external_id: string | null;
  readonly created_at: Date;
  readonly changed_at: Date;
}

const GROUPS = `
  select g.id, g.name, g.external_id, g.created_at, coalesce(p.changed_at, g.created_at) as changed_at
  from sealpost.access_group g left join sealpost.provisioned_group p on p.access_group = g.id
  where g.organisation = $1 and g.source = $2 and g.removed_at is null`;

/** All groups of one directory. There are hundreds at most. */
export async function groupRows(
  tx: Transaction,
  organisation: OrganisationId,
  source: string,
): Promise<GroupRow[]> {
  return tx.query<GroupRow>({
    name: 'provisioned-group.list',
    text: `${GROUPS} order by g.id`,
    values: [organisation, source],
  });
}

/** One group, locked, so that two changes of it come one after the other. */
export async function lockGroup(
  tx: Transaction,
  organisation: OrganisationId,
  source: string,
  id: string,
): Promise<GroupRow | undefined> {
  return tx.maybe<GroupRow>({
    name: 'provisioned-group.lock',
    text: `${GROUPS} and g.id = $3 for update of g`,
    values: [organisation, source, id],
  });
}

/** False when the directory has a group of that name or external id already. */
export async function insertGroup(
  tx: Transaction,
  organisation: OrganisationId,
  row: {
    readonly id: string;
    readonly name: string;
    readonly source: string;
    readonly externalId: string | null;
    readonly at: Date;
  },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.access_group (id, organisation, name, source, external_id, created_at)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    values: [row.id, organisation, row.name, row.source, row.externalId, row.at],
  });
  return touched === 1;
}

/** Whether another group of the directory has this name or external id. */
export async function groupTaken(
  tx: Transaction,
  organisation: OrganisationId,
  row: {
    readonly id: string;
    readonly name: string;
    readonly source: string;
    readonly externalId: string | null;
  },
): Promise<boolean> {
  const other = await tx.maybe({
    text: `select from sealpost.access_group where organisation = $1 and source = $2 and removed_at is null and id <> $3
             and (lower(name) = lower($4) or external_id = $5) limit 1`,
    values: [organisation, row.source, row.id, row.name, row.externalId],
  });
  return other !== undefined;
}

export async function renameGroup(
  tx: Transaction,
  organisation: OrganisationId,
  row: { readonly id: string; readonly name: string; readonly externalId: string | null },
): Promise<void> {
  await tx.execute({
    text: 'update sealpost.access_group set name = $3, external_id = $4 where organisation = $1 and id = $2',
    values: [organisation, row.id, row.name, row.externalId],
  });
}

export async function removeGroup(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<void> {
  await tx.execute({
    text: 'update sealpost.access_group set removed_at = $3 where organisation = $1 and id = $2',
    values: [organisation, id, at],
  });
  await tx.execute({
    text: 'delete from sealpost.provisioned_group where organisation = $1 and access_group = $2',
    values: [organisation, id],
  });
}

export async function noteGroupChange(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.provisioned_group (organisation, access_group, changed_at) values ($1, $2, $3)
           on conflict (access_group) do update set changed_at = excluded.changed_at`,
    values: [organisation, id, at],
  });
}

export interface GroupMemberRow {
  readonly access_group: string;
  readonly identity: IdentityId;
}

export async function groupMembers(
  tx: Transaction,
  organisation: OrganisationId,
  groups: readonly string[],
): Promise<GroupMemberRow[]> {
  return tx.query<GroupMemberRow>({
    name: 'group-member.of-groups',
    text: `select access_group, identity from sealpost.group_member
           where organisation = $1 and access_group = any ($2::uuid[]) order by identity`,
    values: [organisation, groups],
  });
}

/** Which groups of a directory these people are in. */
export async function groupsOfPeople(
  tx: Transaction,
  organisation: OrganisationId,
  source: string,
  people: readonly string[],
): Promise<(GroupMemberRow & { readonly name: string })[]> {
  return tx.query<GroupMemberRow & { name: string }>({
    name: 'group-member.of-people',
    text: `select m.access_group, m.identity, g.name from sealpost.group_member m
             join sealpost.access_group g on g.id = m.access_group and g.removed_at is null
           where m.organisation = $1 and g.source = $2 and m.identity = any ($3::uuid[]) order by g.name`,
    values: [organisation, source, people],
  });
}

export async function addMembers(
  tx: Transaction,
  organisation: OrganisationId,
  group: string,
  people: readonly string[],
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.group_member (organisation, access_group, identity, since)
           select $1, $2, one, $4 from unnest($3::uuid[]) one on conflict do nothing`,
    values: [organisation, group, people, at],
  });
}

export async function dropMembers(
  tx: Transaction,
  organisation: OrganisationId,
  group: string,
  people: readonly string[],
): Promise<void> {
  await tx.execute({
    text: `delete from sealpost.group_member where organisation = $1 and access_group = $2 and identity = any ($3::uuid[])`,
    values: [organisation, group, people],
  });
}
