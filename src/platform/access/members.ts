import type { Actor, Caller } from '#core/actor';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { endHandedOver } from './ceremony.store.ts';
import { endCareOf } from './end-access.store.ts';
import type { EndAccess } from './end-access.ts';
import { createFindMembers, type FindMembers } from './find-members.ts';
import { readRoleContents, readStanding } from './grants.ts';
import { keepAdministrator, readHoldings, wantedOfStanding } from './holdings.ts';
import {
  findIdentityByIndex,
  type IdentityRow,
  insertMembership,
  isKnownIn,
  membershipsOf,
  readIdentityRow,
  readOperatorRows,
  readRoles,
  setFirstPassphrase,
} from './identity.store.ts';
import { locateDomain } from './organisation.store.ts';
import { requireAccess } from './permissions.ts';
import { addressIndex, makePerson, openPerson, type Person } from './person.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';
import { endGivenTo, lockAccess } from './role.store.ts';
import { wantedOf } from './standing.ts';

export interface Member {
  readonly person: Person;
  readonly roles: readonly string[];
  readonly factors: readonly string[];
  readonly createdAt: Date;
  /** False until an invitation has been taken up. */
  readonly canSignIn: boolean;
  /** Whether a boundary narrows what their roles give. */
  readonly bounded: boolean;
}

export interface NewMember {
  readonly address: Address;
  readonly displayName: string;
  /** Ready roles by name, own ones by id. */
  readonly roles: readonly string[];
}

export interface AddedMember {
  readonly identity: IdentityId;
  /** False: the person can sign in already and needs no invitation. */
  readonly needsInvitation: boolean;
}

/** People and what they belong to. */
export interface Members extends FindMembers {
  /** Who a person is; undefined when there is none such. */
  person(identity: IdentityId): Promise<Person | undefined>;
  /** The same for a person who is or was a member of the organisation: others have no name there. */
  personIn(organisation: OrganisationId, identity: IdentityId): Promise<Person | undefined>;
  /** Several at once, in one transaction; unknown ids are left out. For lists that show names. */
  people(identities: readonly IdentityId[]): Promise<ReadonlyMap<IdentityId, Person>>;
  /** Organisations a person belongs to. */
  organisationsOf(identity: IdentityId): Promise<OrganisationId[]>;
  /** Who operates the installation, with an organisation that they belong to: for what is told to them. */
  operators(): Promise<readonly { readonly person: Person; readonly organisation: OrganisationId }[]>;
  /**
   * Adds a person in the transaction; the identity is made when the address is new. The giver must hold what the roles
   * give (`caller`), but for the first administrator of an organisation (`caller` null), whose `founder` says who asks.
   * Nobody is joined to a further organisation without their consent, which only their own asking shows. Refusals:
   * `already-exists`, with reason `enrolled-elsewhere` for a person who is known outside of the organisation and for
   * an address on another organisation's sending domain; which of the two is not told.
   */
  add(
    tx: Transaction,
    organisation: OrganisationId,
    member: NewMember & { readonly operator?: boolean; readonly founder?: Actor },
    by: Caller | null,
    from: From,
  ): Promise<AddedMember>;
  /** Ends a membership with all that came of it: sessions there, keys that the person made (`EndAccess`). Refusals `not-found`, `wrong-state` for oneself. */
  remove(caller: Caller, identity: IdentityId): Promise<void>;
  /** The first passphrase of a person. Refusal `gone` when there is one already: no invitation replaces it. */
  setPassphrase(tx: Transaction, identity: IdentityId, hash: string): Promise<void>;
}

export function createMembers({ database, vault, audit, clock }: AccessPorts, endAccess: EndAccess): Members {
  async function people(identities: readonly IdentityId[]): Promise<Map<IdentityId, Person>> {
    const wanted = [...new Set(identities)];
    const rows = await database.system('app', (tx) =>
      Promise.all(wanted.map((id) => readIdentityRow(tx, id))),
    );
    const found = await Promise.all(
      rows.flatMap((row) => (row === undefined ? [] : [openPerson(vault, row)])),
    );
    return new Map(found.map((person) => [person.id, person]));
  }

  /** `known` is null for an identity made just now. */
  async function findOrMake(
    tx: Transaction,
    organisation: OrganisationId,
    member: NewMember & { readonly operator?: boolean },
    asker: Actor | null,
  ): Promise<{ identity: IdentityId; known: IdentityRow | null }> {
    const index = await addressIndex(vault, member.address);
    const before = await findIdentityByIndex(tx, index);
    const own = before !== undefined && asker?.kind === 'person' && asker.identity === before.id;
    if (!own) await requireOwnDomain(tx, organisation, member.address);
    const made =
      before === undefined
        ? await makePerson(tx, vault, {
            address: member.address,
            displayName: member.displayName,
            operator: member.operator ?? false,
          })
        : null;
    if (made !== null) return { identity: made, known: null };
    // Made by somebody else between the two statements: found the second time.
    const known = before ?? (await findIdentityByIndex(tx, index));
    if (known === undefined) throw new Error('an identity was neither made nor found');
    if (!own) await requireNobodyElses(tx, organisation, known.id);
    return { identity: known.id, known };
  }

  return {
    ...createFindMembers({ database, vault }),
    people,
    person: async (identity) => (await people([identity])).get(identity),
    async personIn(organisation, identity) {
      const known = await database.tenant([organisation], 'app', (tx) =>
        isKnownIn(tx, organisation, identity),
      );
      return known ? (await people([identity])).get(identity) : undefined;
    },
    operators: () =>
      database.system('app', async (tx) => {
        const found = [];
        for (const row of await readOperatorRows(tx)) {
          const [organisation] = await membershipsOf(tx, row.id);
          if (organisation !== undefined) found.push({ person: await openPerson(vault, row), organisation });
        }
        return found;
      }),
    organisationsOf: (identity) => database.system('app', (tx) => membershipsOf(tx, identity)),

    async add(tx, organisation, member, by, from) {
      await lockAccess(tx, organisation);
      const contents = await readRoleContents(tx, organisation, member.roles);
      if (contents.size < new Set(member.roles).size) throw new Refusal('not-found', { path: 'roles' });
      if (by !== null) {
        requireAccess(by, 'members:write');
        const holdings = await readHoldings(tx, { vault, clock }, by);
        for (const role of contents.values())
          holdings.requireAll(wantedOf(role, { scope: null, until: null }));
      }
      const asker = by?.actor ?? member.founder ?? null;
      const { identity, known } = await findOrMake(tx, organisation, member, asker);
      if (!(await insertMembership(tx, organisation, identity, member.roles)))
        throw new Refusal('already-exists');
      // Whoever comes back has what is given now; a boundary of before still holds.
      await endGivenTo(tx, organisation, identity, clock.now());
      await endCareOf(tx, organisation, identity, clock.now());
      await endHandedOver(tx, identity, clock.now());
      const entry = {
        organisation,
        action: 'member.added',
        actor: by?.actor ?? ({ kind: 'system', component: 'set-up' } as const),
        subjects: [{ kind: 'identity', id: identity }],
        details: { roles: member.roles.join(' ') },
      };
      await audit.append(tx, auditEntry(from, entry));
      return { identity, needsInvitation: known === null || known.passphrase_hash === null };
    },

    async remove(caller, identity) {
      requireAccess(caller, 'members:write');
      const { organisation, actor } = caller;
      if (actor.kind === 'person' && actor.identity === identity) {
        throw new Refusal('wrong-state', { reason: 'not-oneself' });
      }
      await database.tenant([organisation], 'app', async (tx) => {
        await lockAccess(tx, organisation);
        const standing = await readStanding(tx, vault, organisation, identity, clock.now());
        if (standing === undefined) throw new Refusal('not-found');
        // What an operator may do stands in no role.
        if ((await readIdentityRow(tx, identity))?.operator === true)
          requireAccess(caller, 'installation:operate');
        // Nobody removes somebody who may do more than they may themselves.
        const holdings = await readHoldings(tx, { vault, clock }, caller);
        holdings.requireAll(wantedOfStanding(standing));
        await keepAdministrator(tx, { vault, clock }, organisation, async () => {
          const who = { identity, organisation, reason: 'member-removed', groups: 'all' } as const;
          const { membership } = await endAccess(tx, who, actor, caller);
          if (!membership) throw new Refusal('not-found');
        });
        const subjects = [{ kind: 'identity', id: identity }];
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'member.removed', actor, subjects }),
        );
      });
    },

    async setPassphrase(tx, identity, hash) {
      if (!(await setFirstPassphrase(tx, identity, hash, clock.now()))) throw new Refusal('gone');
    },
  };
}

/** An address on another organisation's sending domain is that organisation's to invite. */
export async function requireOwnDomain(
  tx: Transaction,
  organisation: OrganisationId,
  address: Address,
): Promise<void> {
  const owner = await locateDomain(tx, address.domain);
  if (owner !== undefined && owner !== organisation) throw enrolledElsewhere();
}

/**
 * An invitation is a token in the hands of whoever asked for it, so an address proves nobody: who enrolled with it
 * elsewhere may not be the person meant here, and the person meant has not agreed. Only an organisation's own people,
 * who belong nowhere else, may be taken up again.
 */
export async function requireNobodyElses(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<void> {
  if ((await readRoles(tx, organisation, identity)) !== undefined) throw new Refusal('already-exists');
  const knownHere = await isKnownIn(tx, organisation, identity);
  if (!knownHere || (await membershipsOf(tx, identity)).length > 0) throw enrolledElsewhere();
}

function enrolledElsewhere(): Refusal {
  return new Refusal('already-exists', { reason: 'enrolled-elsewhere' });
}
