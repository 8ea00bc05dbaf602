import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { ASSIGNMENT_COLUMNS, type AssignmentRow } from './grants.store.ts';
import type { IdentityRow } from './identity.store.ts';

export interface GroupRow {
  readonly id: string;
  readonly name: string;
  /** `own`, or the connection of the directory that keeps its members. */
  readonly source: string;
  readonly created_at: Date;
  readonly members: number;
}

const COLUMNS = `g.id, g.name, g.source, g.created_at,
  (select count(*)::integer from sealpost.group_member m where m.organisation = $1 and m.access_group = g.id) as members`;

export async function listGroupRows(
  tx: Transaction,
  organisation: OrganisationId,
  after: string | null,
  most: number,
): Promise<GroupRow[]> {
  return tx.query<GroupRow>({
    name: 'access-group.list',
    text: `select ${COLUMNS} from sealpost.access_group g
           where g.organisation = $1 and g.removed_at is null and ($2::uuid is null or g.id > $2)
           order by g.id limit $3`,
    values: [organisation, after, most],
  });
}

export async function readGroupRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<GroupRow | undefined> {
  return tx.maybe<GroupRow>({
    name: 'access-group.read',
    text: `select ${COLUMNS} from sealpost.access_group g
           where g.organisation = $1 and g.id = $2 and g.removed_at is null`,
    values: [organisation, id],
  });
}

/** False when an own group of this name exists. */
export async function insertGroupRow(
  tx: Transaction,
  organisation: OrganisationId,
  row: { readonly id: string; readonly name: string; readonly at: Date },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.access_group (id, organisation, name, created_at) values ($1, $2, $3, $4)
           on conflict (organisation, source, lower(name)) where removed_at is null do nothing`,
    values: [row.id, organisation, row.name, row.at],
  });
  return touched === 1;
}

/** False when another own group has this name. */
export async function renameGroupRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  name: string,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.access_group set name = $3
           where organisation = $1 and id = $2 and removed_at is null and not exists (
             select from sealpost.access_group o where o.organisation = $1 and o.source = 'own' and o.id <> $2
               and o.removed_at is null and lower(o.name) = lower($3))`,
    values: [organisation, id, name],
  });
  return touched === 1;
}

/** Ends a group, its members and what was assigned to it. */
export async function removeGroupRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<void> {
  await Promise.all([
    tx.execute({
      text: 'update sealpost.access_group set removed_at = $3 where organisation = $1 and id = $2',
      values: [organisation, id, at],
    }),
    tx.execute({
      text: 'delete from sealpost.group_member where organisation = $1 and access_group = $2',
      values: [organisation, id],
    }),
    tx.execute({
      text: `update sealpost.role_assignment set ended_at = $3
             where organisation = $1 and subject = $2 and ended_at is null`,
      values: [organisation, id, at],
    }),
  ]);
}

/** False when the person is in it already. */
export async function insertGroupMember(
  tx: Transaction,
  organisation: OrganisationId,
  row: { readonly group: string; readonly identity: IdentityId; readonly since: Date },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.group_member (organisation, access_group, identity, since) values ($1, $2, $3, $4)
           on conflict do nothing`,
    values: [organisation, row.group, row.identity, row.since],
  });
  return touched === 1;
}

/** False when the person is not in it. */
export async function deleteGroupMember(
  tx: Transaction,
  organisation: OrganisationId,
  group: string,
  identity: IdentityId,
): Promise<boolean> {
  const touched = await tx.execute({
    text: 'delete from sealpost.group_member where organisation = $1 and access_group = $2 and identity = $3',
    values: [organisation, group, identity],
  });
  return touched === 1;
}

export async function listGroupMembers(
  tx: Transaction,
  organisation: OrganisationId,
  group: string,
  after: string | null,
  most: number,
): Promise<(IdentityRow & { readonly since: Date })[]> {
  return tx.query<IdentityRow & { since: Date }>({
    name: 'group-member.list',
    text: `select i.id, i.address, i.display_name, i.locale, i.passphrase_hash, i.disabled_at, i.operator, m.since
           from sealpost.group_member m join sealpost.identity i on i.id = m.identity
           where m.organisation = $1 and m.access_group = $2 and ($3::uuid is null or m.identity > $3)
           order by m.identity limit $4`,
    values: [organisation, group, after, most],
  });
}

/** Names of groups, also of removed ones, for those who read what was. */
export async function readGroupNames(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<{ id: string; name: string }>({
    text: 'select id, name from sealpost.access_group where organisation = $1 and id = any ($2)',
    values: [organisation, ids],
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** What is assigned to one person or group and stands at `now`; null lists those of everybody. */
export async function listAssignmentRows(
  tx: Transaction,
  organisation: OrganisationId,
  filter: { readonly subject: string | null; readonly after: string | null; readonly now: Date },
  most: number,
): Promise<AssignmentRow[]> {
  return tx.query<AssignmentRow>({
    name: 'role-assignment.list',
    text: `select ${ASSIGNMENT_COLUMNS} from sealpost.role_assignment a
           where a.organisation = $1 and a.ended_at is null and (a.expires_at is null or a.expires_at > $3)
             and ($2::uuid is null or a.subject = $2) and ($4::uuid is null or a.id > $4)
           order by a.id limit $5`,
    values: [organisation, filter.subject, filter.now, filter.after, most],
  });
}

export async function readAssignmentRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  now: Date,
): Promise<AssignmentRow | undefined> {
  return tx.maybe<AssignmentRow>({
    text: `select ${ASSIGNMENT_COLUMNS} from sealpost.role_assignment a
           where a.organisation = $1 and a.id = $2 and a.ended_at is null and (a.expires_at is null or a.expires_at > $3)`,
    values: [organisation, id, now],
  });
}

export async function insertAssignmentRow(
  tx: Transaction,
  organisation: OrganisationId,
  row: AssignmentRow & { readonly created_by: IdentityId | null },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.role_assignment
             (id, organisation, subject_kind, subject, role, scope_kind, scope_id, source, created_by, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [
      ...[row.id, organisation, row.subject_kind, row.subject, row.role, row.scope_kind, row.scope_id],
      ...[row.source, row.created_by, row.created_at, row.expires_at],
    ],
  });
}

export async function endAssignmentRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.role_assignment set ended_at = $3
           where organisation = $1 and id = $2 and ended_at is null`,
    values: [organisation, id, at],
  });
}
