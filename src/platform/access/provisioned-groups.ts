import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { type IdentityId, isUuid, type OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { endAssignmentsOf } from './end-access.store.ts';
import { givenByGroup } from './group-gives.ts';
import { keepForDirectory, readHoldings } from './holdings.ts';
import { type AccessPorts, auditEntry } from './ports.ts';
import {
  addMembers,
  dropMembers,
  type GroupRow,
  groupMembers,
  groupRows,
  groupsOfPeople,
  groupTaken,
  insertGroup,
  lockGroup,
  noteGroupChange,
  removeGroup,
  renameGroup,
} from './provisioned-group.store.ts';
import type { DirectoryHand } from './provisioned-people.ts';
import { readProvisioned } from './provisioned-person.store.ts';
import { lockAccess } from './role.store.ts';
import type { Sessions } from './sessions.ts';

/** A group as an outside directory keeps it. */
export interface GroupRecord {
  readonly name: string;
  readonly externalId: string | null;
  readonly members: readonly IdentityId[];
}

export interface ProvisionedGroup extends GroupRecord {
  readonly id: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

type Kept = Pick<DirectoryHand, 'organisation' | 'source'>;

/**
 * Groups of one outside directory, in the caller's transaction. What a group's roles give reaches its members with their next
 * request, also in live sessions.
 */
export interface ProvisionedGroups {
  /** All of them; without members they are read cheaply. */
  list(tx: Transaction, of: Kept, withMembers: boolean): Promise<ProvisionedGroup[]>;
  /** Refusal `not-found`. */
  read(tx: Transaction, of: Kept, id: string): Promise<ProvisionedGroup>;
  /** Ids and names of the directory's groups that these people are in. */
  groupsOf(
    tx: Transaction,
    of: Kept,
    people: readonly IdentityId[],
  ): Promise<ReadonlyMap<IdentityId, readonly { readonly id: string; readonly name: string }[]>>;
  /**
   * Refusals `already-exists`, `invalid` for a member who is nobody of the organisation, and `not-permitted` (reason
   * `last-administrator`) where nobody who can give rights to others would be left.
   */
  add(tx: Transaction, by: DirectoryHand, record: GroupRecord): Promise<string>;
  /** Makes a group what the record says. False: it is so already. Refusals as above, and `not-found`. */
  change(tx: Transaction, by: DirectoryHand, id: string, record: GroupRecord): Promise<boolean>;
  /** Ends it with what was assigned to it. Refusals as above for the last administrator, and `not-found`. */
  remove(tx: Transaction, by: DirectoryHand, id: string): Promise<void>;
  /**
   * Who says where a directory is says who is in its groups, so they must hold all that those give. Refusal `not-permitted`
   * naming the first permission that is too much.
   */
  requireGiven(tx: Transaction, caller: Caller, source: string): Promise<void>;
}

export function createProvisionedGroups(
  { vault, audit, clock }: AccessPorts,
  sessions: Pick<Sessions, 'forgetPerson'>,
): ProvisionedGroups {
  async function onRecord(
    tx: Transaction,
    by: DirectoryHand,
    id: string,
    details: Readonly<Record<string, string | number>>,
  ): Promise<void> {
    const { organisation, actor, from } = by;
    const subjects = [{ kind: 'group', id }];
    const action = 'provisioning.group-changed';
    await audit.append(tx, auditEntry(from, { organisation, action, actor, subjects, details }));
  }

  async function setMembers(
    tx: Transaction,
    by: DirectoryHand,
    id: string,
    before: readonly IdentityId[],
    after: readonly IdentityId[],
  ): Promise<{ readonly joined: number; readonly left: number }> {
    const { organisation } = by;
    const [had, has] = [new Set(before), new Set(after)];
    const joined = [...has].filter((one) => !had.has(one));
    const left = [...had].filter((one) => !has.has(one));
    await requireKnown(tx, organisation, joined);
    if (joined.length > 0) await addMembers(tx, organisation, id, joined, clock.now());
    if (left.length > 0)
      await keepForDirectory(tx, { vault, clock }, organisation, () =>
        dropMembers(tx, organisation, id, left),
      );
    tx.afterCommit(() => {
      for (const one of [...joined, ...left]) sessions.forgetPerson(one);
    });
    return { joined: joined.length, left: left.length };
  }

  async function locked(tx: Transaction, of: Kept, id: string): Promise<ProvisionedGroup> {
    await lockAccess(tx, of.organisation);
    const row = isUuid(id) ? await lockGroup(tx, of.organisation, of.source, id) : undefined;
    if (row === undefined) throw new Refusal('not-found');
    const members = await groupMembers(tx, of.organisation, [id]);
    return groupOf(
      row,
      members.map(({ identity }) => identity),
    );
  }

  return {
    read: locked,

    async requireGiven(tx, caller, source) {
      const { organisation } = caller;
      const holdings = await readHoldings(tx, { vault, clock }, caller);
      for (const { id } of await groupRows(tx, organisation, source))
        holdings.requireAll(await givenByGroup({ vault, clock }, tx, organisation, id));
    },

    async list(tx, of, withMembers) {
      const rows = await groupRows(tx, of.organisation, of.source);
      const ids = rows.map(({ id }) => id);
      const members = withMembers ? await groupMembers(tx, of.organisation, ids) : [];
      const grouped = Map.groupBy(members, ({ access_group }) => access_group);
      return rows.map((row) =>
        groupOf(
          row,
          (grouped.get(row.id) ?? []).map(({ identity }) => identity),
        ),
      );
    },

    async groupsOf(tx, of, people) {
      const rows = await groupsOfPeople(tx, of.organisation, of.source, people);
      const grouped = Map.groupBy(rows, ({ identity }) => identity);
      return new Map(
        [...grouped].map(([person, groups]) => [
          person,
          groups.map(({ access_group, name }) => ({ id: access_group, name })),
        ]),
      );
    },

    async add(tx, by, record) {
      const { organisation, source } = by;
      const id = newId(clock);
      await lockAccess(tx, organisation);
      const row = { id, name: record.name, source, externalId: record.externalId, at: clock.now() };
      if (!(await insertGroup(tx, organisation, row))) throw new Refusal('already-exists');
      const { joined } = await setMembers(tx, by, id, [], record.members);
      await noteGroupChange(tx, organisation, id, row.at);
      await onRecord(tx, by, id, { change: 'added', joined, left: 0, source });
      return id;
    },

    async change(tx, by, id, record) {
      const { organisation, source } = by;
      const before = await locked(tx, by, id);
      const renamed = before.name !== record.name || before.externalId !== record.externalId;
      if (renamed) {
        const row = { id, name: record.name, source, externalId: record.externalId };
        if (await groupTaken(tx, organisation, row)) throw new Refusal('already-exists');
        await renameGroup(tx, organisation, row);
      }
      const { joined, left } = await setMembers(tx, by, id, before.members, record.members);
      if (!renamed && joined + left === 0) return false;
      await noteGroupChange(tx, organisation, id, clock.now());
      await onRecord(tx, by, id, { change: renamed ? 'renamed' : 'members', joined, left, source });
      return true;
    },

    async remove(tx, by, id) {
      const { organisation, source } = by;
      const before = await locked(tx, by, id);
      const { left } = await setMembers(tx, by, id, before.members, []);
      await endAssignmentsOf(tx, organisation, id, clock.now());
      await removeGroup(tx, organisation, id, clock.now());
      await onRecord(tx, by, id, { change: 'removed', joined: 0, left, source });
    },
  };
}

function groupOf(row: GroupRow, members: readonly IdentityId[]): ProvisionedGroup {
  return {
    id: row.id,
    name: row.name,
    externalId: row.external_id,
    members,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}

/** Only people of the organisation: an id of anybody else is as unknown as one that does not exist. */
async function requireKnown(
  tx: Transaction,
  organisation: OrganisationId,
  people: readonly string[],
): Promise<void> {
  if (people.length === 0) return;
  const known = people.every(isUuid) ? await readProvisioned(tx, organisation, people) : [];
  if (known.length < people.length)
    throw new Refusal('invalid', { path: 'members', reason: 'unknown-member', scimType: 'invalidValue' });
}
