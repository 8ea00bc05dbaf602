import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface DirectoryGroupRow {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly members: number;
}

/** Groups that outside directories keep, by name. */
export async function directoryGroups(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<DirectoryGroupRow[]> {
  const rows = await tx.query<Omit<DirectoryGroupRow, 'members'> & { members: number | string }>({
    name: 'access-group.of-directories',
    text: `select g.id, g.name, g.source,
             (select count(*) from sealpost.group_member m where m.access_group = g.id) as members
           from sealpost.access_group g
           where g.organisation = $1 and g.removed_at is null and (g.source like 'scim:%' or g.source like 'ldap:%')
           order by lower(g.name), g.id`,
    values: [organisation],
  });
  return rows.map((row) => ({ ...row, members: Number(row.members) }));
}

export interface GroupAssignmentRow {
  readonly id: string;
  readonly subject: string;
  readonly role: string;
  readonly role_name: string | null;
  readonly scope_kind: string;
  readonly scope_id: Buffer | null;
}

/** What is assigned to these groups without an end. */
export async function groupAssignments(
  tx: Transaction,
  organisation: OrganisationId,
  groups: readonly string[],
): Promise<GroupAssignmentRow[]> {
  return tx.query<GroupAssignmentRow>({
    name: 'role-assignment.of-groups',
    text: `select a.id, a.subject, a.role, a.scope_kind, a.scope_id, r.name as role_name
           from sealpost.role_assignment a left join sealpost.role r on r.id::text = a.role
           where a.organisation = $1 and a.subject_kind = 'group' and a.subject = any ($2::uuid[]) and a.ended_at is null
             and a.expires_at is null
           order by a.role, a.id`,
    values: [organisation, groups],
  });
}

/** One group of a directory, held until the transaction ends. */
export async function lockDirectoryGroup(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<boolean> {
  const row = await tx.maybe({
    text: `select from sealpost.access_group
           where organisation = $1 and id = $2 and removed_at is null and source <> 'own' for update`,
    values: [organisation, id],
  });
  return row !== undefined;
}

export async function insertGroupAssignment(
  tx: Transaction,
  organisation: OrganisationId,
  row: {
    readonly id: string;
    readonly group: string;
    readonly role: string;
    readonly scopeKind: string;
    readonly scopeId: Buffer | null;
    readonly by: IdentityId | null;
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.role_assignment
             (id, organisation, subject_kind, subject, role, scope_kind, scope_id, created_by, created_at)
           values ($1, $2, 'group', $3, $4, $5, $6, $7, $8)`,
    values: [row.id, organisation, row.group, row.role, row.scopeKind, row.scopeId, row.by, row.at],
  });
}

export async function endGroupAssignments(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.role_assignment set ended_at = $3
           where organisation = $1 and id = any ($2::uuid[]) and ended_at is null`,
    values: [organisation, ids, at],
  });
}
