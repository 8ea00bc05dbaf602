import { type Caller, SCOPE_KINDS, type ScopeKind } from '#core/actor';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { readRoleContents, scopeBinding } from './grants.ts';
import {
  directoryGroups,
  endGroupAssignments,
  type GroupAssignmentRow,
  groupAssignments,
  insertGroupAssignment,
  lockDirectoryGroup,
} from './group-roles.store.ts';
import { keepAdministrator, readHoldings } from './holdings.ts';
import { requireAccess } from './permissions.ts';
import { type AccessPorts, auditEntry } from './ports.ts';
import { groupMembers } from './provisioned-group.store.ts';
import { lockAccess } from './role.store.ts';
import type { Sessions } from './sessions.ts';
import { wantedOf } from './standing.ts';

/** A role that the members of a group hold: everywhere, or for one thing. */
export interface GroupRole {
  /** A ready role's name, or the id of one of the organisation's own. */
  readonly role: string;
  readonly scope: { readonly kind: ScopeKind; readonly id: string } | null;
}

export interface MappedGroup {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly members: number;
  /** With the name of a role of the organisation's own. */
  readonly roles: readonly (GroupRole & { readonly name: string | null })[];
}

/** Which roles the groups of outside directories give. */
export interface GroupRoles {
  list(caller: Caller): Promise<MappedGroup[]>;
  /**
   * Makes these the roles of a group, for its members at once. Nobody gives, and nobody takes, what they do not hold
   * themselves: `not-permitted`. Refusals `not-found`, and `invalid` for a role that does not exist.
   */
  set(caller: Caller, group: string, roles: readonly GroupRole[]): Promise<void>;
}

const keyOf = ({ role, scope }: GroupRole) => JSON.stringify([role, scope?.kind ?? null, scope?.id ?? null]);

export function createGroupRoles(
  { database, vault, audit, clock }: AccessPorts,
  sessions: Pick<Sessions, 'forgetPerson'>,
): GroupRoles {
  async function opened(organisation: OrganisationId, row: GroupAssignmentRow) {
    const kind = SCOPE_KINDS.find((one) => one === row.scope_kind);
    const known = { id: row.id, group: row.subject, role: row.role, name: row.role_name };
    if (kind === undefined || row.scope_id === null) return { ...known, scope: null };
    const id = (await vault.openValue(scopeBinding(organisation, row.id), row.scope_id)).toString('utf8');
    return { ...known, scope: { kind, id } };
  }

  async function assigned(tx: Transaction, organisation: OrganisationId, groups: readonly string[]) {
    const rows = await groupAssignments(tx, organisation, groups);
    return Promise.all(rows.map((row) => opened(organisation, row)));
  }

  async function requireRoles(
    tx: Transaction,
    caller: Caller,
    roles: readonly GroupRole[],
    mustExist: boolean,
  ): Promise<void> {
    const holdings = await readHoldings(tx, { vault, clock }, caller);
    const names = roles.map(({ role }) => role);
    const contents = await readRoleContents(tx, caller.organisation, names);
    for (const { role, scope } of roles) {
      const held = contents.get(role);
      if (held !== undefined) holdings.requireAll(wantedOf(held, { scope, until: null }));
      else if (mustExist) throw new Refusal('invalid', { path: 'roles', reason: 'unknown-role' });
    }
  }

  return {
    list: (caller) => {
      requireAccess(caller, 'sign-in:read');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const groups = await directoryGroups(tx, organisation);
        const all = await assigned(
          tx,
          organisation,
          groups.map(({ id }) => id),
        );
        const grouped = Map.groupBy(all, ({ group }) => group);
        return groups.map((group) => ({
          ...group,
          roles: (grouped.get(group.id) ?? []).map(({ role, name, scope }) => ({ role, name, scope })),
        }));
      });
    },

    set: (caller, group, roles) => {
      requireAccess(caller, 'sign-in:write');
      const { organisation, actor } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        await lockAccess(tx, organisation);
        if (!(await lockDirectoryGroup(tx, organisation, group))) throw new Refusal('not-found');
        const before = await assigned(tx, organisation, [group]);
        const wanted = new Map(roles.map((one) => [keyOf(one), one]));
        const had = new Set(before.map(keyOf));
        const given = [...wanted].filter(([key]) => !had.has(key)).map(([, one]) => one);
        const taken = before.filter((one) => !wanted.has(keyOf(one)));
        await requireRoles(tx, caller, given, true);
        await requireRoles(tx, caller, taken, false);
        const at = clock.now();
        const by = actor.kind === 'person' ? actor.identity : null;
        for (const { role, scope } of given) {
          const id = newId(clock);
          const sealed =
            scope === null
              ? null
              : await vault.sealValue('configuration', scopeBinding(organisation, id), scope.id);
          const scopeKind = scope?.kind ?? 'organisation';
          await insertGroupAssignment(tx, organisation, {
            ...{ id, group, role, scopeKind, by, at },
            scopeId: sealed,
          });
        }
        const ended = taken.map(({ id }) => id);
        if (ended.length > 0) {
          await keepAdministrator(tx, { vault, clock }, organisation, async () => {
            await endGroupAssignments(tx, organisation, ended, at);
          });
        }
        if (given.length + taken.length === 0) return;
        const subjects = [{ kind: 'group', id: group }];
        const details = { change: 'roles', given: given.length, taken: taken.length };
        const action = 'provisioning.group-changed';
        await audit.append(tx, auditEntry(caller, { organisation, action, actor, subjects, details }));
        const members = await groupMembers(tx, organisation, [group]);
        tx.afterCommit(() => {
          for (const { identity } of members) sessions.forgetPerson(identity);
        });
      });
    },
  };
}
