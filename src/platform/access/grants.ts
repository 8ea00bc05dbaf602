import { type Permission, SCOPE_KINDS, type Scope } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import { readAssignments, readOwnRoles } from './grants.store.ts';
import { readRoles } from './identity.store.ts';
import { isPermission, isRole, permissionsOf } from './permissions.ts';

/** What a person may do in one organisation: everywhere in it, and for single things. */
export interface Grants {
  readonly permissions: ReadonlySet<Permission>;
  readonly scoped: ReadonlyMap<Permission, readonly Scope[]>;
  /** Every role held, by name or id, however it came. */
  readonly roles: readonly string[];
}

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
  const roles = await readRoles(tx, organisation, identity);
  if (roles === undefined) return undefined;
  const assignments = await readAssignments(tx, organisation, identity, now);
  const own = await ownRoles(tx, organisation, [...roles, ...assignments.map(({ role }) => role)]);
  const given = (role: string): readonly Permission[] => own.get(role) ?? [...permissionsOf([role], false)];
  const permissions = new Set<Permission>(permissionsOf(roles, operator));
  for (const role of roles) for (const permission of given(role)) permissions.add(permission);
  const scoped = new Map<Permission, Scope[]>();
  for (const { id, role, scope_kind, scope_id } of assignments) {
    const kind = SCOPE_KINDS.find((one) => one === scope_kind);
    if (kind === undefined || scope_id === null) {
      // A kind that this release does not know gives nothing, rather than everything.
      if (scope_kind === 'organisation') for (const permission of given(role)) permissions.add(permission);
      continue;
    }
    const opened = await vault.openValue(scopeBinding(organisation, id), scope_id);
    const scope = { kind, id: opened.toString('utf8') };
    for (const permission of given(role)) scoped.set(permission, [...(scoped.get(permission) ?? []), scope]);
  }
  return { permissions, scoped, roles: [...new Set([...roles, ...assignments.map(({ role }) => role)])] };
}

async function ownRoles(
  tx: Transaction,
  organisation: OrganisationId,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly Permission[]>> {
  const ids = [...new Set(names)].filter((name) => !isRole(name));
  const rows = await readOwnRoles(tx, organisation, ids);
  return new Map(rows.map(({ id, permissions }) => [id, permissions.filter(isPermission)]));
}
