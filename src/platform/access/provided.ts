import { type Actor, type Caller, PERMISSIONS, type Permission } from '#core/actor';
import type { Address } from '#core/address';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import type { EndAccess } from './end-access.ts';
import { readGrants, readRoleContents } from './grants.ts';
import { keepAdministrator, readHoldings } from './holdings.ts';
import {
  findIdentityByIndex,
  insertMembership,
  isKnownIn,
  membershipsOf,
  readIdentityRow,
  readMembershipEnd,
} from './identity.store.ts';
import { locateDomain } from './organisation.store.ts';
import { hasAccess, OPERATOR_ONLY } from './permissions.ts';
import { addressIndex, makePerson } from './person.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';
import {
  endAllOfSource,
  endAssignment,
  ensureGroup,
  insertProvidedRole,
  readProvidedRoles,
  setGroups,
} from './provided.store.ts';
import { lockAccess } from './role.store.ts';
import type { Sessions } from './sessions.ts';
import { type Grants, wantedOf } from './standing.ts';

/** How a person stands to an organisation that an outside source speaks for. */
export type Standing = 'member' | 'former' | 'elsewhere' | 'disabled';

/**
 * People and roles that an outside source (an identity provider) keeps in step. What it gives is written with its name, and it can
 * take away nothing that others gave.
 */
export interface Provided {
  /** Who has an address, and how they stand to the organisation; null: nobody. */
  find(
    tx: Transaction,
    organisation: OrganisationId,
    address: Address,
  ): Promise<{ readonly identity: IdentityId; readonly standing: Standing } | null>;
  /** `elsewhere` as soon as a person belongs to any other organisation too: a source vouches inside of its own only. */
  standing(tx: Transaction, organisation: OrganisationId, identity: IdentityId): Promise<Standing>;
  /** When a former member's membership ended last; null for a member, or somebody never known here. */
  endedAt(tx: Transaction, organisation: OrganisationId, identity: IdentityId): Promise<Date | null>;
  /** Makes a person and a member without roles; null when somebody was faster, or the domain is not the organisation's. */
  join(
    tx: Transaction,
    organisation: OrganisationId,
    person: { readonly address: Address; readonly displayName: string; readonly source: string },
    from: From,
  ): Promise<IdentityId | null>;
  /** Takes up a membership that the same source has ended. */
  rejoin(
    tx: Transaction,
    organisation: OrganisationId,
    identity: IdentityId,
    source: string,
    from: From,
  ): Promise<void>;
  /**
   * Ends a membership, its roles of this source, and every session there, at once. Refusal `wrong-state` (reason
   * `last-administrator`), with which the transaction must be taken back.
   */
  end(
    tx: Transaction,
    organisation: OrganisationId,
    identity: IdentityId,
    source: string,
    from: From,
  ): Promise<void>;
  /** Makes these the roles and groups of the source; what is not named ends at once. How many changed. */
  sync(
    tx: Transaction,
    organisation: OrganisationId,
    identity: IdentityId,
    source: string,
    wanted: { readonly roles: readonly string[]; readonly groups: readonly string[] },
    from: From,
  ): Promise<number>;
  /** Ends every role of a source. For a source that is removed. */
  endSource(tx: Transaction, organisation: OrganisationId, source: string): Promise<number>;
  /** Everything that a person may do. */
  grants(tx: Transaction, organisation: OrganisationId, identity: IdentityId): Promise<Grants | undefined>;
  /**
   * Whether these roles exist, ready ones or the organisation's own. Refusal `not-permitted` when the caller may not give
   * what they hold.
   */
  mayGive(tx: Transaction, caller: Caller, roles: readonly string[]): Promise<boolean>;
  /** What the caller holds everywhere and without end: the most that anything can give which outlasts this moment. */
  lasting(tx: Transaction, caller: Caller): Promise<ReadonlySet<Permission>>;
}

/** Characters of roles' names in one entry. */
const MOST_NAMES = 250;

const actorOf = (source: string): Actor => ({ kind: 'system', component: source });

export function createProvided(
  { vault, audit, clock }: Pick<AccessPorts, 'vault' | 'audit' | 'clock'>,
  sessions: Pick<Sessions, 'forgetPerson'>,
  endAccess: EndAccess,
): Provided {
  async function record(
    tx: Transaction,
    organisation: OrganisationId,
    identity: IdentityId,
    entry: {
      readonly action: string;
      readonly source: string;
      readonly details?: Record<string, number | string>;
    },
    from: From,
  ): Promise<void> {
    const subjects = [{ kind: 'identity', id: identity }];
    const details = { source: entry.source, ...entry.details };
    const actor = actorOf('single-sign-on');
    await audit.append(
      tx,
      auditEntry(from, { organisation, action: entry.action, actor, subjects, details }),
    );
  }

  async function standing(
    tx: Transaction,
    organisation: OrganisationId,
    identity: IdentityId,
  ): Promise<Standing> {
    const row = await readIdentityRow(tx, identity);
    if (row === undefined || row.disabled_at !== null) return 'disabled';
    const homes = await membershipsOf(tx, identity);
    if (homes.some((home) => home !== organisation)) return 'elsewhere';
    if (homes.includes(organisation)) return 'member';
    return (await isKnownIn(tx, organisation, identity)) ? 'former' : 'elsewhere';
  }

  return {
    standing,
    endedAt: readMembershipEnd,

    async find(tx, organisation, address) {
      const row = await findIdentityByIndex(tx, await addressIndex(vault, address));
      return row === undefined
        ? null
        : { identity: row.id, standing: await standing(tx, organisation, row.id) };
    },

    async join(tx, organisation, { address, displayName, source }, from) {
      if ((await locateDomain(tx, address.domain)) !== organisation) return null;
      const identity = await makePerson(tx, vault, { address, displayName, operator: false });
      if (identity === null) return null;
      await insertMembership(tx, organisation, identity, []);
      await record(tx, organisation, identity, { action: 'member.added', source }, from);
      return identity;
    },

    async rejoin(tx, organisation, identity, source, from) {
      await insertMembership(tx, organisation, identity, []);
      await record(tx, organisation, identity, { action: 'member.added', source }, from);
    },

    async end(tx, organisation, identity, source, from) {
      await lockAccess(tx, organisation);
      const who = { identity, organisation, reason: 'membership-ended', groups: 'all' } as const;
      const { membership } = await keepAdministrator(tx, { vault, clock }, organisation, async () => {
        for (const { id } of await readProvidedRoles(tx, organisation, identity, source))
          await endAssignment(tx, id, clock.now());
        await setGroups(tx, organisation, identity, source, [], clock.now());
        return endAccess(tx, who, actorOf('single-sign-on'), from);
      });
      if (membership) await record(tx, organisation, identity, { action: 'member.removed', source }, from);
    },

    async sync(tx, organisation, identity, source, wanted, from) {
      const at = clock.now();
      const held = await readProvidedRoles(tx, organisation, identity, source);
      const roles = new Set(wanted.roles);
      const gone = held.filter(({ role }) => !roles.has(role));
      const fresh = [...roles].filter((role) => !held.some((one) => one.role === role));
      for (const { id } of gone) await endAssignment(tx, id, at);
      for (const role of fresh)
        await insertProvidedRole(tx, { id: newId(clock), organisation, identity, role, source, at });
      const groups: string[] = [];
      for (const name of new Set(wanted.groups))
        groups.push(await ensureGroup(tx, { id: newId(clock), organisation, name, source, at }));
      const moved = await setGroups(tx, organisation, identity, source, groups, at);
      const changed = gone.length + fresh.length + moved;
      if (changed > 0) {
        const names = fresh.join(' ').slice(0, MOST_NAMES);
        const details = { given: fresh.length, ended: gone.length, groups: moved, roles: names };
        await record(tx, organisation, identity, { action: 'sso.roles-synced', source, details }, from);
        tx.afterCommit(() => sessions.forgetPerson(identity));
      }
      return changed;
    },

    async endSource(tx, organisation, source) {
      const people = await endAllOfSource(tx, organisation, source, clock.now());
      tx.afterCommit(() => {
        for (const identity of people) sessions.forgetPerson(identity);
      });
      return people.length;
    },

    async grants(tx, organisation, identity) {
      const row = await readIdentityRow(tx, identity);
      return readGrants(tx, vault, organisation, identity, clock.now(), row?.operator ?? false);
    },

    async mayGive(tx, caller, roles) {
      const contents = await readRoleContents(tx, caller.organisation, roles);
      if (contents.size !== new Set(roles).size) return false;
      const everywhere = { scope: null, until: null };
      const holdings = await readHoldings(tx, { vault, clock }, caller);
      holdings.requireAll([...contents.values()].flatMap((role) => wantedOf(role, everywhere)));
      return true;
    },

    async lasting(tx, caller) {
      const holdings = await readHoldings(tx, { vault, clock }, caller);
      const everywhere = { ...{ scope: null, until: null, role: null }, careOnly: false };
      // What is the operator's stands in no role: the session says whether it is held, and nobody holds it for a time.
      const held = PERMISSIONS.filter(
        (permission) =>
          hasAccess(caller, permission) &&
          (OPERATOR_ONLY.includes(permission) || holdings.holds({ ...everywhere, permission })),
      );
      return new Set(held);
    },
  };
}
