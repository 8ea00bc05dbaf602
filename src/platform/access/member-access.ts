import type { Caller, Permission, Scope } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readRoleContents, readStanding } from './grants.ts';
import { readGroupNames } from './group.store.ts';
import { changeAccess, type GrantingPorts, keepAdministrator, wantedOfStanding } from './holdings.ts';
import { readIdentityRow } from './identity.store.ts';
import { ORGANISATION_PERMISSIONS, requireAccess } from './permissions.ts';
import { auditEntry } from './ports.ts';
import { setMemberBoundary, setMemberRoles } from './role.store.ts';
import {
  bareReason,
  type Explanation,
  explainAccess,
  type Source,
  type Standing,
  sourcesOf,
  wantedOf,
} from './standing.ts';

export interface MemberAccess {
  readonly roles: readonly string[];
  readonly boundary: readonly Permission[] | null;
  readonly sources: readonly Source[];
  readonly groups: ReadonlyMap<string, string>;
}

/** What one member may do, and changes of it. */
export interface MemberRights {
  /** Direct roles, boundary, and every way by which a permission comes to this person. Refusal `not-found`. */
  read(caller: Caller, identity: IdentityId): Promise<MemberAccess>;
  /** Replaces the direct roles. The caller must hold what they gave and what they then give. */
  setRoles(caller: Caller, identity: IdentityId, roles: readonly string[]): Promise<void>;
  /**
   * The most that this person may hold; null for no bound. Whoever widens it must hold what it then lets through, everywhere;
   * whoever narrows it, what the person was given.
   */
  setBoundary(caller: Caller, identity: IdentityId, boundary: readonly Permission[] | null): Promise<void>;
  /** Whether this person may do something, and why. Somebody who is no member is told of as that, not as missing. */
  explain(
    caller: Caller,
    identity: IdentityId,
    permission: Permission,
    scope: Scope | null,
  ): Promise<Explanation & { readonly groups: ReadonlyMap<string, string> }>;
}

export function createMemberRights(ports: GrantingPorts): MemberRights {
  const { database, vault, audit, clock, sessions } = ports;

  async function standingOf(
    tx: Transaction,
    organisation: OrganisationId,
    identity: IdentityId,
  ): Promise<Standing> {
    const standing = await readStanding(tx, vault, organisation, identity, clock.now());
    if (standing === undefined) throw new Refusal('not-found');
    return standing;
  }

  return {
    async read(caller, identity) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const standing = await standingOf(tx, organisation, identity);
        const roles = standing.given.filter(({ via }) => via === 'direct').map(({ role }) => role);
        const groups = await readGroupNames(tx, organisation, groupsOf(standing));
        return { roles, boundary: standing.boundary, sources: sourcesOf(standing), groups };
      });
    },

    setRoles: (caller, identity, wanted) =>
      changeAccess(
        ports,
        caller,
        async (tx, holdings) => {
          const { organisation, actor } = caller;
          const roles = [...new Set(wanted)];
          const standing = await standingOf(tx, organisation, identity);
          const direct = standing.given.filter(({ via }) => via === 'direct');
          const contents = await readRoleContents(tx, organisation, roles);
          if (contents.size < roles.length) throw new Refusal('not-found', { path: 'roles' });
          holdings.requireAll(wantedOfStanding({ ...standing, given: direct }));
          for (const role of contents.values())
            holdings.requireAll(wantedOf(role, { scope: null, until: null }));
          await keepAdministrator(tx, ports, organisation, () =>
            setMemberRoles(tx, organisation, identity, roles),
          );
          const subjects = [{ kind: 'identity', id: identity }];
          const details = { before: direct.map(({ role }) => role).join(' '), roles: roles.join(' ') };
          const entry = { organisation, action: 'member.roles-changed', actor, subjects, details };
          await audit.append(tx, auditEntry(caller, entry));
          tx.afterCommit(() => sessions.forgetPerson(identity));
        },
        'members:write',
      ),

    setBoundary: (caller, identity, boundary) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation, actor } = caller;
        const standing = await standingOf(tx, organisation, identity);
        const [before, after] = [
          standing.boundary ?? ORGANISATION_PERMISSIONS,
          boundary ?? ORGANISATION_PERMISSIONS,
        ];
        const added = after.filter((permission) => !before.includes(permission));
        const all = { permissions: added, careOnly: false };
        holdings.requireAll(wantedOf(all, { scope: null, until: null }));
        // Nobody lowers whoever may do more than they may themselves.
        if (before.some((permission) => !after.includes(permission)))
          holdings.requireAll(wantedOfStanding(standing));
        await keepAdministrator(tx, ports, organisation, () =>
          setMemberBoundary(tx, organisation, identity, boundary),
        );
        const subjects = [{ kind: 'identity', id: identity }];
        const details = {
          permissions: boundary?.join(' ') ?? null,
          before: standing.boundary?.join(' ') ?? null,
        };
        const entry = { organisation, action: 'boundary.changed', actor, subjects, details };
        await audit.append(tx, auditEntry(caller, entry));
        tx.afterCommit(() => sessions.forgetPerson(identity));
      }),

    async explain(caller, identity, permission, scope) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      return database.tenant([organisation], 'app', async (tx) => {
        const row = await readIdentityRow(tx, identity);
        const standing = await readStanding(tx, vault, organisation, identity, clock.now(), row?.operator);
        if (standing === undefined)
          return { allowed: false, reasons: [bareReason('not-a-member')], groups: new Map() };
        const groups = await readGroupNames(tx, organisation, groupsOf(standing));
        return { ...explainAccess(standing, permission, scope), groups };
      });
    },
  };
}

function groupsOf({ given }: Standing): string[] {
  return [...new Set(given.flatMap(({ group }) => (group === null ? [] : [group])))];
}
