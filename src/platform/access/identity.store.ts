import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface IdentityRow {
  readonly id: IdentityId;
  readonly address: Buffer;
  readonly display_name: Buffer;
  readonly locale: string;
  readonly passphrase_hash: string | null;
  readonly passphrase_changed_at: Date | null;
  readonly disabled_at: Date | null;
  readonly operator: boolean;
}

const COLUMNS =
  'id, address, display_name, locale, passphrase_hash, passphrase_changed_at, disabled_at, operator';

export async function findIdentityByIndex(tx: Transaction, index: Buffer): Promise<IdentityRow | undefined> {
  return tx.maybe<IdentityRow>({
    name: 'identity.by-index',
    text: `select ${COLUMNS} from sealpost.identity where address_index = $1`,
    values: [index],
  });
}

export async function readIdentityRow(tx: Transaction, id: IdentityId): Promise<IdentityRow | undefined> {
  return tx.maybe<IdentityRow>({
    name: 'identity.read',
    text: `select ${COLUMNS} from sealpost.identity where id = $1`,
    values: [id],
  });
}

/** Everybody who operates the installation and may still sign in; a handful. */
export async function readOperatorRows(tx: Transaction): Promise<IdentityRow[]> {
  return tx.query<IdentityRow>({
    name: 'identity.operators',
    text: `select ${COLUMNS} from sealpost.identity where operator and disabled_at is null order by id limit 100`,
    values: [],
  });
}

export async function insertIdentity(
  tx: Transaction,
  row: {
    readonly id: IdentityId;
    readonly addressIndex: Buffer;
    readonly address: Buffer;
    readonly displayName: Buffer;
    readonly operator: boolean;
  },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.identity (id, address_index, address, display_name, operator)
           values ($1, $2, $3, $4, $5) on conflict (address_index) do nothing`,
    values: [row.id, row.addressIndex, row.address, row.displayName, row.operator],
  });
  return touched === 1;
}

export async function setPassphrase(tx: Transaction, id: IdentityId, hash: string, at: Date): Promise<void> {
  await tx.execute({
    text: 'update sealpost.identity set passphrase_hash = $2, passphrase_changed_at = $3 where id = $1',
    values: [id, hash, at],
  });
}

/** Sets a passphrase where there is none yet; false when the person has one. */
export async function setFirstPassphrase(
  tx: Transaction,
  id: IdentityId,
  hash: string,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.identity set passphrase_hash = $2, passphrase_changed_at = $3
           where id = $1 and passphrase_hash is null`,
    values: [id, hash, at],
  });
  return touched === 1;
}

/** Organisations a person belongs to, oldest membership first; ids only, over all organisations. */
export async function membershipsOf(tx: Transaction, id: IdentityId): Promise<OrganisationId[]> {
  const rows = await tx.query<{ organisation: OrganisationId }>({
    name: 'identity.memberships',
    text: 'select organisation from sealpost.memberships_of($1)',
    values: [id],
  });
  return rows.map((row) => row.organisation);
}

export async function readRoles(
  tx: Transaction,
  organisation: OrganisationId,
  id: IdentityId,
): Promise<readonly string[] | undefined> {
  const row = await tx.maybe<{ roles: string[] }>({
    name: 'membership.roles',
    text: 'select roles from sealpost.membership where organisation = $1 and identity = $2 and ended_at is null',
    values: [organisation, id],
  });
  return row?.roles;
}

/** Whether a person is or ever was a member of the organisation. */
export async function isKnownIn(
  tx: Transaction,
  organisation: OrganisationId,
  id: IdentityId,
): Promise<boolean> {
  const row = await tx.maybe({
    name: 'membership.known',
    text: 'select from sealpost.membership where organisation = $1 and identity = $2',
    values: [organisation, id],
  });
  return row !== undefined;
}

/** When a membership ended; null where it stands, or there never was one. */
export async function readMembershipEnd(
  tx: Transaction,
  organisation: OrganisationId,
  id: IdentityId,
): Promise<Date | null> {
  const row = await tx.maybe<{ ended_at: Date | null }>({
    name: 'membership.end-read',
    text: 'select ended_at from sealpost.membership where organisation = $1 and identity = $2',
    values: [organisation, id],
  });
  return row?.ended_at ?? null;
}

/** Adds a membership, or takes up an ended one; false when it stands already. */
export async function insertMembership(
  tx: Transaction,
  organisation: OrganisationId,
  id: IdentityId,
  roles: readonly string[],
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.membership as m (organisation, identity, roles) values ($1, $2, $3)
           on conflict (organisation, identity) do update set roles = excluded.roles, ended_at = null, created_at = now()
           where m.ended_at is not null`,
    values: [organisation, id, roles],
  });
  return touched === 1;
}

export async function endMembershipRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: IdentityId,
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.membership set ended_at = $3
           where organisation = $1 and identity = $2 and ended_at is null`,
    values: [organisation, id, at],
  });
  return touched === 1;
}

export interface MemberRow extends IdentityRow {
  readonly roles: string[];
  readonly since: Date;
  readonly factors: string[];
  readonly bounded: boolean;
}

/** A member as a list shows them; conditions on `m` and `i` come after it. */
const MEMBERS = `select i.id, i.address, i.display_name, i.locale, i.passphrase_hash, i.passphrase_changed_at, i.disabled_at, i.operator,
             m.roles, m.created_at as since, m.boundary is not null as bounded,
             array(select distinct f.kind from sealpost.factor f
                   where f.identity = i.id and f.removed_at is null order by f.kind) as factors
           from sealpost.membership m join sealpost.identity i on i.id = m.identity
           where m.organisation = $1 and m.ended_at is null`;

export async function listMemberRows(
  tx: Transaction,
  organisation: OrganisationId,
  after: string | null,
  most: number,
): Promise<MemberRow[]> {
  return tx.query<MemberRow>({
    name: 'membership.list',
    text: `${MEMBERS} and ($2::uuid is null or m.identity > $2) order by m.identity limit $3`,
    values: [organisation, after, most],
  });
}

/** Those of the identities that are members now, in the order of their ids. */
export async function readMemberRows(
  tx: Transaction,
  organisation: OrganisationId,
  identities: readonly string[],
): Promise<MemberRow[]> {
  return tx.query<MemberRow>({
    name: 'membership.by-ids',
    text: `${MEMBERS} and m.identity = any($2::uuid[]) order by m.identity`,
    values: [organisation, [...identities]],
  });
}

/** The member with this address. One statement over both tables: who belongs elsewhere takes no longer than who is nobody. */
export async function findMemberRow(
  tx: Transaction,
  organisation: OrganisationId,
  index: Buffer,
): Promise<MemberRow | undefined> {
  return tx.maybe<MemberRow>({
    name: 'membership.by-address',
    text: `${MEMBERS} and i.address_index = $2`,
    values: [organisation, index],
  });
}

/** What a search by name needs of members, and no more. */
export type NamedRow = Pick<IdentityRow, 'id' | 'address' | 'display_name'>;

export async function listNamedRows(
  tx: Transaction,
  organisation: OrganisationId,
  after: string | null,
  most: number,
): Promise<NamedRow[]> {
  return tx.query<NamedRow>({
    name: 'membership.names',
    text: `select i.id, i.address, i.display_name
           from sealpost.membership m join sealpost.identity i on i.id = m.identity
           where m.organisation = $1 and m.ended_at is null and ($2::uuid is null or m.identity > $2)
           order by m.identity limit $3`,
    values: [organisation, after, most],
  });
}
