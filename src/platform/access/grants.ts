import { type Permission, SCOPE_KINDS, type Scope } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import {
  type AssignmentRow,
  type GuardrailRow,
  readAssignments,
  readGuardrailsAbove,
  readMembership,
  readOwnRoles,
} from './grants.store.ts';
import { isPermission, isRole, readyRole } from './permissions.ts';
import {
  type Given,
  type Grants,
  type Guardrail,
  grantsOf,
  guardrailStop,
  type RoleContents,
  type Standing,
} from './standing.ts';

export const scopeBinding = (organisation: OrganisationId, row: string) => ({
  organisation,
  field: 'role-assignment.scope',
  row,
});

/** Everything that a person's roles, groups and assignments give at `now`; undefined when they are no member. */
export async function readGrants(
  tx: Transaction,
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  identity: IdentityId,
  now: Date,
  operator = false,
): Promise<Grants | undefined> {
  const standing = await readStanding(tx, vault, organisation, identity, now, operator);
  return standing === undefined ? undefined : grantsOf(standing);
}

/** All that decides what a person may do at `now`; undefined when they are no member. */
export async function readStanding(
  tx: Transaction,
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  identity: IdentityId,
  now: Date,
  operator = false,
): Promise<Standing | undefined> {
  const [membership, assignments, guardrails] = await Promise.all([
    readMembership(tx, organisation, identity),
    readAssignments(tx, organisation, identity, now),
    readGuardrailsAbove(tx, organisation),
  ]);
  if (membership === undefined) return undefined;
  const direct = membership.roles.map((role): Given => ({ ...DIRECT, role }));
  const assigned = await Promise.all(assignments.map((row) => givenBy(vault, organisation, row)));
  const given = [...direct, ...assigned.filter((one) => one !== null)];
  return {
    operator,
    given,
    roles: await readRoleContents(
      tx,
      organisation,
      given.map(({ role }) => role),
    ),
    boundary: membership.boundary?.filter(isPermission) ?? null,
    guardrails: guardrails.map(guardrailOf),
    careRule: membership.care_rule,
  };
}

const DIRECT = { via: 'direct', assignment: null, group: null, scope: null, until: null } as const;

/** A kind of scope that this release does not know gives nothing, rather than everything. */
async function givenBy(
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  row: AssignmentRow,
): Promise<Given | null> {
  const scope = await openScope(vault, organisation, row);
  if (scope === undefined) return null;
  const group = row.subject_kind === 'group' ? row.subject : null;
  const via = group === null ? 'assignment' : 'group';
  return { role: row.role, via, assignment: row.id, group, scope, until: row.expires_at };
}

/** Null: everywhere. Undefined: of a kind that this release does not know. */
export async function openScope(
  vault: Pick<Vault, 'openValue'>,
  organisation: OrganisationId,
  row: Pick<AssignmentRow, 'id' | 'scope_kind' | 'scope_id'>,
): Promise<Scope | null | undefined> {
  if (row.scope_kind === 'organisation') return null;
  const kind = SCOPE_KINDS.find((one) => one === row.scope_kind);
  if (kind === undefined || row.scope_id === null) return undefined;
  const opened = await vault.openValue(scopeBinding(organisation, row.id), row.scope_id);
  return { kind, id: opened.toString('utf8') };
}

/** What these roles hold, ready ones and the organisation's own; roles that are none, or no more, are left out. */
export async function readRoleContents(
  tx: Transaction,
  organisation: OrganisationId,
  names: readonly string[],
): Promise<ReadonlyMap<string, RoleContents>> {
  const wanted = [...new Set(names)];
  const own = await readOwnRoles(
    tx,
    organisation,
    wanted.filter((name) => !isRole(name)),
  );
  const contents = new Map<string, RoleContents>();
  for (const name of wanted) if (isRole(name)) contents.set(name, { name, ...readyRole(name) });
  for (const { id, name, permissions, care_only } of own)
    contents.set(id, { name, permissions: permissions.filter(isPermission), careOnly: care_only });
  return contents;
}

export function guardrailOf({ organisation, denied, caps }: GuardrailRow): Guardrail {
  const known = Object.entries(caps).map(([role, most]) => [role, most.filter(isPermission)] as const);
  return { organisation, denied: denied.filter(isPermission), caps: Object.fromEntries(known) };
}

/**
 * Of the permissions that an API key was given, those that no guardrail above its organisation denies. Keys have no role,
 * so caps of roles do not speak of them.
 */
export async function withinGuardrails(
  tx: Transaction,
  organisation: OrganisationId,
  permissions: readonly Permission[],
): Promise<Permission[]> {
  const guardrails = (await readGuardrailsAbove(tx, organisation)).map(guardrailOf);
  return permissions.filter((permission) => guardrailStop(guardrails, '', permission) === null);
}
