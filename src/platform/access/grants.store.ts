import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface AssignmentRow {
  readonly id: string;
  readonly role: string;
  readonly scope_kind: string;
  readonly scope_id: Buffer | null;
}

/** What is assigned to a person, by themselves or through a group, and stands at `now`. */
export async function readAssignments(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  now: Date,
): Promise<AssignmentRow[]> {
  return tx.query<AssignmentRow>({
    name: 'role-assignment.of',
    text: `select a.id, a.role, a.scope_kind, a.scope_id from sealpost.role_assignment a
           where a.organisation = $1 and a.ended_at is null and (a.expires_at is null or a.expires_at > $3)
             and a.subject in (
               select $2::uuid
               union all select m.access_group from sealpost.group_member m
                 join sealpost.access_group g on g.id = m.access_group and g.removed_at is null
                 where m.organisation = $1 and m.identity = $2)`,
    values: [organisation, identity, now],
  });
}

export interface RoleRow {
  readonly id: string;
  readonly permissions: string[];
}

/** The organisation's own roles among these names; names of ready roles are not found here. */
export async function readOwnRoles(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
): Promise<RoleRow[]> {
  if (ids.length === 0) return [];
  return tx.query<RoleRow>({
    name: 'role.permissions',
    text: `select id, permissions from sealpost.role
           where organisation = $1 and removed_at is null and id::text = any ($2)`,
    values: [organisation, ids],
  });
}
