import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import {
  endMembershipRow,
  findIdentityByIndex,
  insertMembership,
  isKnownIn,
  listMemberRows,
  membershipsOf,
  readIdentityRow,
  readRoles,
  setPassphrase,
} from './identity.store.ts';
import { permissionsOf, type Role, requireAccess, requireGrantable } from './permissions.ts';
import { addressIndex, makePerson, openPerson, type Person } from './person.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';

export interface Member {
  readonly person: Person;
  readonly roles: readonly string[];
  readonly factors: readonly string[];
  readonly createdAt: Date;
  /** False until an invitation has been taken up. */
  readonly canSignIn: boolean;
}

export interface NewMember {
  readonly address: Address;
  readonly displayName: string;
  readonly roles: readonly Role[];
}

export interface AddedMember {
  readonly identity: IdentityId;
  /** False: the person can sign in already and needs no invitation. */
  readonly needsInvitation: boolean;
}

/** People and what they belong to. */
export interface Members {
  /** Who a person is; undefined when there is none such. */
  person(identity: IdentityId): Promise<Person | undefined>;
  /** The same for a person who is or was a member of the organisation: others have no name there. */
  personIn(organisation: OrganisationId, identity: IdentityId): Promise<Person | undefined>;
  /** Several at once, in one transaction; unknown ids are left out. For lists that show names. */
  people(identities: readonly IdentityId[]): Promise<ReadonlyMap<IdentityId, Person>>;
  /** Organisations a person belongs to. */
  organisationsOf(identity: IdentityId): Promise<OrganisationId[]>;
  list(caller: Caller, after: string | null, most: number): Promise<Member[]>;
  /**
   * Adds a person in the transaction; the identity is made when the address is new. The giver must hold what the roles
   * give (`caller`), but for the first administrator of an organisation (`caller` null). Refusal `already-exists`.
   */
  add(
    tx: Transaction,
    organisation: OrganisationId,
    member: NewMember & { readonly operator?: boolean },
    by: Caller | null,
    from: From,
  ): Promise<AddedMember>;
  /** Ends a membership: live sessions there end within seconds. Refusals `not-found`, `wrong-state` for oneself. */
  remove(caller: Caller, identity: IdentityId): Promise<void>;
  setPassphrase(tx: Transaction, identity: IdentityId, hash: string): Promise<void>;
}

export function createMembers({ database, vault, audit, clock }: AccessPorts): Members {
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

  return {
    people,
    person: async (identity) => (await people([identity])).get(identity),
    async personIn(organisation, identity) {
      const known = await database.tenant([organisation], 'app', (tx) =>
        isKnownIn(tx, organisation, identity),
      );
      return known ? (await people([identity])).get(identity) : undefined;
    },
    organisationsOf: (identity) => database.system('app', (tx) => membershipsOf(tx, identity)),

    async list(caller, after, most) {
      requireAccess(caller, 'members:read');
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', (tx) =>
        listMemberRows(tx, organisation, after, most),
      );
      return Promise.all(
        rows.map(async (row) => ({
          person: await openPerson(vault, row),
          roles: row.roles,
          factors: row.factors,
          createdAt: row.since,
          canSignIn: row.passphrase_hash !== null,
        })),
      );
    },

    async add(tx, organisation, member, by, from) {
      if (by !== null) {
        requireAccess(by, 'members:write');
        requireGrantable(by, [...permissionsOf(member.roles, false)]);
      }
      const index = await addressIndex(vault, member.address);
      const known = await findIdentityByIndex(tx, index);
      // An invitation is a token in the hands of whoever asked for it. For a person whom somebody else has invited and
      // who has not enrolled yet, it would open the other organisation too; and the other's token would open this one.
      if (known?.passphrase_hash === null && !(await isKnownIn(tx, organisation, known.id)))
        throw new Refusal('already-exists', { reason: 'invited-elsewhere' });
      const made =
        known === undefined ? await makePerson(tx, vault, { operator: false, ...member }) : known.id;
      // Made by somebody else between the two statements: found the second time.
      const identity = made ?? (await findIdentityByIndex(tx, index))?.id;
      if (identity === undefined) throw new Error('an identity was neither made nor found');
      if (!(await insertMembership(tx, organisation, identity, member.roles)))
        throw new Refusal('already-exists');
      const entry = {
        organisation,
        action: 'member.added',
        actor: by?.actor ?? ({ kind: 'system', component: 'set-up' } as const),
        subjects: [{ kind: 'identity', id: identity }],
        details: { roles: member.roles.join(' ') },
      };
      await audit.append(tx, auditEntry(from, entry));
      return { identity, needsInvitation: known?.passphrase_hash == null };
    },

    async remove(caller, identity) {
      requireAccess(caller, 'members:write');
      const { organisation, actor } = caller;
      if (actor.kind === 'person' && actor.identity === identity) {
        throw new Refusal('wrong-state', { reason: 'not-oneself' });
      }
      await database.tenant([organisation], 'app', async (tx) => {
        const roles = await readRoles(tx, organisation, identity);
        if (roles === undefined) throw new Refusal('not-found');
        // Nobody removes somebody who may do more than they may themselves.
        requireGrantable(caller, [...permissionsOf(roles, false)]);
        if (!(await endMembershipRow(tx, organisation, identity, clock.now())))
          throw new Refusal('not-found');
        const subjects = [{ kind: 'identity', id: identity }];
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'member.removed', actor, subjects }),
        );
      });
    },

    setPassphrase: (tx, identity, hash) => setPassphrase(tx, identity, hash, clock.now()),
  };
}
