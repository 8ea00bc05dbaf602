import type { Caller } from '#core/actor';
import type { Address } from '#core/address';
import type { OrganisationId } from '#core/ids';
import {
  findMemberRow,
  listMemberRows,
  listNamedRows,
  type MemberRow,
  type NamedRow,
  readMemberRows,
} from './identity.store.ts';
import { nameMatcher } from './match-name.ts';
import type { Member } from './members.ts';
import { requireAccess } from './permissions.ts';
import { addressIndex, openPerson } from './person.ts';
import type { AccessPorts } from './ports.ts';

/** Members whose sealed names one search opens at most. */
const MOST_OPENED = 5_000;
/** So many at once: between them other requests have their turn. */
const SLICE = 250;

export interface MemberSearch {
  /** Beginnings of words of a name or address. */
  readonly text: string;
  /** The text as an address where it is a whole one: found by its index, however many members there are. */
  readonly address: Address | null;
  readonly most: number;
}

export interface FoundMembers {
  /** In the order of their names. */
  readonly members: Member[];
  /** Whether more match than are given. */
  readonly more: boolean;
  /** False: the organisation has more members than one search opens (5,000), and the later ones were not looked at. */
  readonly whole: boolean;
}

/** Looks for members. All ask for `members:read`, and none finds who is not a member of the caller's organisation now. */
export interface FindMembers {
  list(caller: Caller, after: string | null, most: number): Promise<Member[]>;
  /** Those of the identities who are members now; others are left out. */
  named(caller: Caller, identities: readonly string[]): Promise<Member[]>;
  /** Names are sealed, so they are opened and compared here: about 0.04 ms a member on one core. */
  search(caller: Caller, wanted: MemberSearch): Promise<FoundMembers>;
}

type Ports = Pick<AccessPorts, 'database' | 'vault'>;

export function createFindMembers({ database, vault }: Ports): FindMembers {
  const view = async (row: MemberRow): Promise<Member> => ({
    person: await openPerson(vault, row),
    roles: row.roles,
    factors: row.factors,
    createdAt: row.since,
    canSignIn: row.passphrase_hash !== null,
    bounded: row.bounded,
  });

  const slice = (organisation: OrganisationId, after: string | null, most: number): Promise<NamedRow[]> =>
    database.tenant([organisation], 'app', (tx) => listNamedRows(tx, organisation, after, most));

  /** Ids of matching members, at most `most`. */
  async function matching(organisation: OrganisationId, { text, most }: MemberSearch) {
    const matches = nameMatcher(text);
    const ids: string[] = [];
    let after: string | null = null;
    for (let opened = 0; opened < MOST_OPENED; opened += SLICE) {
      const rows = await slice(organisation, after, SLICE);
      const people = await Promise.all(rows.map((row) => openPerson(vault, row)));
      ids.push(...people.filter(matches).map(({ id }) => id));
      if (ids.length > most) return { ids: ids.slice(0, most), more: true, whole: true };
      after = rows.at(-1)?.id ?? null;
      if (rows.length < SLICE) return { ids, more: false, whole: true };
    }
    const [beyond] = await slice(organisation, after, 1);
    return { ids, more: false, whole: beyond === undefined };
  }

  return {
    async list(caller, after, most) {
      requireAccess(caller, 'members:read');
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', (tx) =>
        listMemberRows(tx, organisation, after, most),
      );
      return Promise.all(rows.map(view));
    },

    async named(caller, identities) {
      requireAccess(caller, 'members:read');
      const { organisation } = caller;
      const rows = await database.tenant([organisation], 'app', (tx) =>
        readMemberRows(tx, organisation, identities),
      );
      return Promise.all(rows.map(view));
    },

    async search(caller, wanted) {
      requireAccess(caller, 'members:read');
      const { organisation } = caller;
      if (wanted.address !== null) {
        const index = await addressIndex(vault, wanted.address);
        const row = await database.tenant([organisation], 'app', (tx) =>
          findMemberRow(tx, organisation, index),
        );
        if (row !== undefined) return { members: [await view(row)], more: false, whole: true };
      }
      const { ids, ...rest } = await matching(organisation, wanted);
      const rows = await database.tenant([organisation], 'app', (tx) =>
        readMemberRows(tx, organisation, ids),
      );
      const members = await Promise.all(rows.map(view));
      members.sort((a, b) => a.person.displayName.localeCompare(b.person.displayName, 'en'));
      return { members, ...rest };
    },
  };
}
