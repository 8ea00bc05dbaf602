import type { Caller, Permission } from '#core/actor';
import { Refusal } from '#core/errors';
import { newId } from '#platform/runtime';
import { readEmergencyRole } from './emergency.store.ts';
import { type RoleRow, readGuardrailsAbove, readOwnRoles } from './grants.store.ts';
import { guardrailOf } from './grants.ts';
import { changeAccess, type GrantingPorts, keepAdministrator } from './holdings.ts';
import { isPermission, isRole, OPERATOR_ONLY, ROLES, readyRole, requireAccess } from './permissions.ts';
import { auditEntry } from './ports.ts';
import { insertRoleRow, isRoleNameTaken, listRoleRows, removeRoleRow, updateRoleRow } from './role.store.ts';
import { guardrailStop, type RoleContents, type Stop, wantedOf } from './standing.ts';

export interface RoleView {
  /** A ready role's name, or the id of one of the organisation's own. */
  readonly id: string;
  readonly kind: 'ready' | 'own';
  /** Null for a ready role, whose name is worded where it is read. */
  readonly name: string | null;
  readonly description: string;
  readonly careOnly: boolean;
  /** What the role holds; `stopped` where a guardrail from above keeps it from everybody here. */
  readonly permissions: readonly { readonly permission: Permission; readonly stopped: Stop | null }[];
}

export interface NewRole {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
  readonly careOnly: boolean;
}

/** Roles of an organisation: the ready ones and those it makes. */
export interface OwnRoles {
  list(caller: Caller): Promise<RoleView[]>;
  /** Refusals `not-permitted` for what the maker does not hold everywhere and without end, `already-exists` for the name. */
  create(caller: Caller, role: NewRole): Promise<{ readonly id: string }>;
  /** Whoever changes a role must hold what it held and what it then holds. Refusals also `not-found`, `wrong-state`. */
  change(caller: Caller, id: string, role: NewRole): Promise<void>;
  /** Ends the role and every assignment of it. Refusals as for a change. */
  remove(caller: Caller, id: string): Promise<void>;
}

const EVERYWHERE = { scope: null, until: null } as const;

export function createOwnRoles(ports: GrantingPorts): OwnRoles {
  const { database, audit, clock, sessions } = ports;
  const subjects = (id: string) => [{ kind: 'role', id }];

  return {
    async list(caller) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      const [rows, above] = await database.tenant([organisation], 'app', (tx) =>
        Promise.all([listRoleRows(tx, organisation), readGuardrailsAbove(tx, organisation)]),
      );
      const guardrails = above.map(guardrailOf);
      const permissionsOf = ({ name, permissions }: RoleContents) =>
        permissions.map((permission) => ({
          permission,
          stopped: guardrailStop(guardrails, name, permission),
        }));
      const ready = ROLES.map((id): RoleView => {
        const contents = { name: id, ...readyRole(id) };
        const { careOnly } = contents;
        return {
          id,
          kind: 'ready',
          name: null,
          description: '',
          careOnly,
          permissions: permissionsOf(contents),
        };
      });
      const own = rows.map((row): RoleView => {
        const contents = contentsOf(row);
        const { name, careOnly } = contents;
        const { id, description } = row;
        return { id, kind: 'own', name, description, careOnly, permissions: permissionsOf(contents) };
      });
      return [...ready, ...own];
    },

    create: (caller, role) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        requireUsable(role);
        holdings.requireAll(wantedOf(role, EVERYWHERE));
        const id = newId(clock);
        if (!(await insertRoleRow(tx, caller.organisation, rowOf(id, role, clock.now()))))
          throw new Refusal('already-exists', { path: 'name' });
        const { organisation, actor } = caller;
        const details = { permissions: role.permissions.length, careOnly: role.careOnly };
        const entry = { organisation, action: 'role.created', actor, subjects: subjects(id), details };
        await audit.append(tx, auditEntry(caller, entry));
        return { id };
      }),

    change: (caller, id, role) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation, actor } = caller;
        requireUsable(role);
        const [row] = await readOwnRoles(tx, organisation, [id]);
        if (row === undefined) throw new Refusal('not-found');
        const before = contentsOf(row);
        holdings.requireAll([...wantedOf(before, EVERYWHERE), ...wantedOf(role, EVERYWHERE)]);
        if (await isRoleNameTaken(tx, organisation, role.name, id))
          throw new Refusal('already-exists', { path: 'name' });
        await keepAdministrator(tx, ports, organisation, () =>
          updateRoleRow(tx, organisation, rowOf(id, role, clock.now())),
        );
        const details = {
          added: role.permissions.filter((one) => !before.permissions.includes(one)).join(' '),
          removed: before.permissions.filter((one) => !role.permissions.includes(one)).join(' '),
          careOnly: role.careOnly,
        };
        const entry = { organisation, action: 'role.changed', actor, subjects: subjects(id), details };
        await audit.append(tx, auditEntry(caller, entry));
        tx.afterCommit(sessions.forgetEverybody);
      }),

    remove: (caller, id) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation, actor } = caller;
        const [row] = await readOwnRoles(tx, organisation, [id]);
        if (row === undefined) throw new Refusal('not-found');
        // Without it emergencies would open again what is given where the organisation said nothing.
        if ((await readEmergencyRole(tx, organisation))?.id === id)
          throw new Refusal('wrong-state', { reason: 'emergency-role' });
        // Nobody takes from others what they do not hold themselves.
        holdings.requireAll(wantedOf(contentsOf(row), EVERYWHERE));
        await keepAdministrator(tx, ports, organisation, () =>
          removeRoleRow(tx, organisation, id, clock.now()),
        );
        const entry = { organisation, action: 'role.removed', actor, subjects: subjects(id) };
        await audit.append(tx, auditEntry(caller, entry));
        tx.afterCommit(sessions.forgetEverybody);
      }),
  };
}

/** A ready role's name would make guardrails and people mistake one for the other. */
function requireUsable({ name, permissions }: NewRole): void {
  if (isRole(name.trim().toLowerCase())) throw new Refusal('already-exists', { path: 'name' });
  const operating = permissions.find((permission) => OPERATOR_ONLY.includes(permission));
  if (operating !== undefined) throw new Refusal('not-permitted', { permission: operating });
}

function contentsOf(row: RoleRow): RoleContents {
  return { name: row.name, permissions: row.permissions.filter(isPermission), careOnly: row.care_only };
}

function rowOf(id: string, role: NewRole, at: Date): RoleRow {
  const { name, description, permissions, careOnly } = role;
  return {
    id,
    name,
    description,
    permissions: [...new Set(permissions)],
    care_only: careOnly,
    changed_at: at,
  };
}
