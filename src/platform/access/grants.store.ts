import type { Scope } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface AssignmentRow {
  readonly id: string;
  readonly subject_kind: 'identity' | 'group';
  readonly subject: string;
  readonly role: string;
  readonly scope_kind: 'organisation' | Exclude<Scope['kind'], 'care'>;
  readonly scope_id: Buffer | null;
  readonly source: string;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

export const ASSIGNMENT_COLUMNS =
  'a.id, a.subject_kind, a.subject, a.role, a.scope_kind, a.scope_id, a.source, a.created_at, a.expires_at';

/** What is assigned to a person, by themselves or through a group, and stands at `now`. */
export async function readAssignments(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  now: Date,
): Promise<AssignmentRow[]> {
  return tx.query<AssignmentRow>({
    name: 'role-assignment.of',
    text: `select ${ASSIGNMENT_COLUMNS} from sealpost.role_assignment a
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
  readonly name: string;
  readonly description: string;
  readonly permissions: string[];
  readonly care_only: boolean;
  readonly changed_at: Date;
}

export const ROLE_COLUMNS = 'id, name, description, permissions, care_only, changed_at';

/** The organisation's own roles among these names; names of ready roles are not found here. */
export async function readOwnRoles(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
): Promise<RoleRow[]> {
  if (ids.length === 0) return [];
  return tx.query<RoleRow>({
    name: 'role.permissions',
    text: `select ${ROLE_COLUMNS} from sealpost.role
           where organisation = $1 and removed_at is null and id::text = any ($2)`,
    values: [organisation, ids],
  });
}

export interface MembershipRow {
  readonly roles: string[];
  readonly boundary: string[] | null;
  readonly care_rule: boolean;
}

/** What a person is in the organisation by themselves, and whether its rule of care relationships is on; undefined when no member. */
export async function readMembership(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<MembershipRow | undefined> {
  return tx.maybe<MembershipRow>({
    name: 'membership.standing',
    text: `select m.roles, m.boundary, coalesce(o.settings -> 'careRule' = 'true'::jsonb, false) as care_rule
           from sealpost.membership m join sealpost.organisation o on o.id = m.organisation
           where m.organisation = $1 and m.identity = $2 and m.ended_at is null`,
    values: [organisation, identity],
  });
}

export interface GuardrailRow {
  readonly organisation: OrganisationId;
  readonly denied: string[];
  readonly caps: Readonly<Record<string, readonly string[]>>;
}

/** Guardrails of everything above the organisation, nearest first; by an owner function that shows nothing else. */
export async function readGuardrailsAbove(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<GuardrailRow[]> {
  return tx.query<GuardrailRow>({
    name: 'guardrail.above',
    text: 'select organisation, denied, caps from sealpost.guardrails_above($1)',
    values: [organisation],
  });
}
