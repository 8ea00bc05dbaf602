import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import {
  deleteGroupMember,
  type GroupRow,
  insertGroupMember,
  insertGroupRow,
  listGroupMembers,
  listGroupRows,
  readGroupRow,
  removeGroupRow,
  renameGroupRow,
} from './group.store.ts';
import { givenByGroup } from './group-gives.ts';
import { changeAccess, type GrantingPorts, keepAdministrator } from './holdings.ts';
import { readRoles } from './identity.store.ts';
import { requireAccess } from './permissions.ts';
import { openPerson, type Person } from './person.ts';
import { auditEntry } from './ports.ts';
import type { Wanted } from './standing.ts';

/** The source of groups that are kept here and not by a directory. */
const OWN = 'own';

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly members: number;
  readonly createdAt: Date;
}

export interface GroupMember {
  readonly person: Person;
  readonly since: Date;
}

/** Groups of people. Those that a directory keeps can be read and given roles, and changed only there (`wrong-state`). */
export interface Groups {
  list(caller: Caller, after: string | null, most: number): Promise<Group[]>;
  /** Refusal `already-exists` for a name in use. */
  create(caller: Caller, name: string): Promise<{ readonly id: string }>;
  rename(caller: Caller, id: string, name: string): Promise<void>;
  /** Whoever removes a group must hold what it gives; so for taking somebody out. */
  remove(caller: Caller, id: string): Promise<void>;
  members(caller: Caller, id: string, after: string | null, most: number): Promise<GroupMember[]>;
  /** Nobody is brought into a group that gives more than the caller holds. Refusals `not-found`, `not-permitted`. */
  addMember(caller: Caller, id: string, identity: IdentityId): Promise<void>;
  removeMember(caller: Caller, id: string, identity: IdentityId): Promise<void>;
}

export function createGroups(ports: GrantingPorts): Groups {
  const { database, vault, audit, clock, sessions } = ports;

  async function ownGroup(tx: Transaction, organisation: OrganisationId, id: string): Promise<GroupRow> {
    const row = await readGroupRow(tx, organisation, id);
    if (row === undefined) throw new Refusal('not-found');
    if (row.source !== OWN) throw new Refusal('wrong-state', { reason: 'kept-by-directory' });
    return row;
  }

  const givenBy = (tx: Transaction, organisation: OrganisationId, id: string): Promise<Wanted[]> =>
    givenByGroup(ports, tx, organisation, id);

  async function record(
    tx: Transaction,
    caller: Caller,
    action: string,
    group: string,
    identity?: IdentityId,
  ): Promise<void> {
    const { organisation, actor } = caller;
    const subjects: { readonly kind: string; readonly id: string }[] = [{ kind: 'group', id: group }];
    if (identity !== undefined) subjects.push({ kind: 'identity', id: identity });
    await audit.append(tx, auditEntry(caller, { organisation, action, actor, subjects }));
  }

  return {
    async list(caller, after, most) {
      requireAccess(caller, 'roles:read');
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', (tx) =>
        listGroupRows(tx, organisation, after, most),
      );
      return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at }));
    },

    create: (caller, name) =>
      changeAccess(ports, caller, async (tx) => {
        const id = newId(clock);
        if (!(await insertGroupRow(tx, caller.organisation, { id, name, at: clock.now() })))
          throw new Refusal('already-exists', { path: 'name' });
        await record(tx, caller, 'group.created', id);
        return { id };
      }),

    rename: (caller, id, name) =>
      changeAccess(ports, caller, async (tx) => {
        await ownGroup(tx, caller.organisation, id);
        if (!(await renameGroupRow(tx, caller.organisation, id, name)))
          throw new Refusal('already-exists', { path: 'name' });
        await record(tx, caller, 'group.changed', id);
      }),

    remove: (caller, id) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation } = caller;
        await ownGroup(tx, organisation, id);
        holdings.requireAll(await givenBy(tx, organisation, id));
        await keepAdministrator(tx, ports, organisation, () =>
          removeGroupRow(tx, organisation, id, clock.now()),
        );
        await record(tx, caller, 'group.removed', id);
        tx.afterCommit(sessions.forgetEverybody);
      }),

    async members(caller, id, after, most) {
      requireAccess(caller, 'roles:read');
      requireAccess(caller, 'members:read');
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', async (tx) => {
        if ((await readGroupRow(tx, organisation, id)) === undefined) throw new Refusal('not-found');
        return listGroupMembers(tx, organisation, id, after, most);
      });
      return Promise.all(
        rows.map(async (row) => ({ person: await openPerson(vault, row), since: row.since })),
      );
    },

    addMember: (caller, id, identity) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation } = caller;
        await ownGroup(tx, organisation, id);
        if ((await readRoles(tx, organisation, identity)) === undefined) throw new Refusal('not-found');
        holdings.requireAll(await givenBy(tx, organisation, id));
        if (!(await insertGroupMember(tx, organisation, { group: id, identity, since: clock.now() })))
          throw new Refusal('already-exists');
        await record(tx, caller, 'group.member-added', id, identity);
        tx.afterCommit(() => sessions.forgetPerson(identity));
      }),

    removeMember: (caller, id, identity) =>
      changeAccess(ports, caller, async (tx, holdings) => {
        const { organisation } = caller;
        await ownGroup(tx, organisation, id);
        holdings.requireAll(await givenBy(tx, organisation, id));
        await keepAdministrator(tx, ports, organisation, async () => {
          if (!(await deleteGroupMember(tx, organisation, id, identity))) throw new Refusal('not-found');
        });
        await record(tx, caller, 'group.member-removed', id, identity);
        tx.afterCommit(() => sessions.forgetPerson(identity));
      }),
  };
}
