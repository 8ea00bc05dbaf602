import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** Something that somebody or something can do, as a review looks at it. */
export interface Holding {
  readonly kind: 'member' | 'assignment' | 'service-account' | 'api-key';
  /** The person, the assignment, the account or the key. */
  readonly subject: string;
  /** Whose it is; of a machine: who answers for it. */
  readonly person: IdentityId | null;
  /** Roles (by name) or permissions. */
  readonly holds: string[];
  readonly last_used_at: Date | null;
}

/** A holding with what its use is looked up by. */
export interface HoldingRow extends Holding {
  /** Roles as they are stored; null for what holds permissions themselves. */
  readonly roles: string[] | null;
  /** Whose use counts for it: a person, a group's members, a key, an account's keys. */
  readonly users: string[];
}

const MEMBERS = `select 'member' as kind, m.identity as subject, m.identity as person,
    array(select coalesce((select o.name from sealpost.role o where o.organisation = $1 and o.id::text = held.role), held.role)
          from unnest(m.roles) as held (role)) as holds,
    (select max(s.last_used_at) from sealpost.session s
     where s.identity = m.identity and s.organisation = $1) as last_used_at,
    m.roles, array[m.identity] as users
  from sealpost.membership m where m.organisation = $1 and m.ended_at is null`;

// What is given for minutes by emergency access has a review of its own.
const ASSIGNMENTS = `select 'assignment' as kind, a.id as subject,
    case when a.subject_kind = 'identity' then a.subject end as person,
    array[coalesce((select o.name from sealpost.role o where o.organisation = $1 and o.id::text = a.role), a.role)] as holds,
    null::timestamptz as last_used_at, array[a.role] as roles,
    case when a.subject_kind = 'identity' then array[a.subject]
      else array(select g.identity from sealpost.group_member g where g.organisation = $1 and g.access_group = a.subject)
    end as users
  from sealpost.role_assignment a
  where a.organisation = $1 and a.ended_at is null and (a.expires_at is null or a.expires_at > $2)
    and a.source not like 'break-glass:%'`;

/** Everybody who belongs to the organisation, and what is assigned to them or to a group beside it. */
export async function holdingsOfPeople(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
): Promise<HoldingRow[]> {
  return tx.query<HoldingRow>({
    text: `${MEMBERS} union all ${ASSIGNMENTS} order by kind desc, subject`,
    values: [organisation, now],
  });
}

/** Memberships and assignments that give one role. */
export async function holdingsOfRole(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
  role: string,
): Promise<HoldingRow[]> {
  return tx.query<HoldingRow>({
    text: `${MEMBERS} and $3 = any (m.roles) union all ${ASSIGNMENTS} and a.role = $3 order by kind desc, subject`,
    values: [organisation, now, role],
  });
}

/** The members of one group, and what is assigned to the group. */
export async function holdingsOfGroup(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
  group: string,
): Promise<HoldingRow[]> {
  return tx.query<HoldingRow>({
    text: `${MEMBERS} and exists (select from sealpost.group_member g where g.organisation = $1
             and g.identity = m.identity and g.access_group = $3)
           union all ${ASSIGNMENTS} and a.subject = $3 order by kind desc, subject`,
    values: [organisation, now, group],
  });
}

/** Service accounts and keys that stand. */
export async function holdingsOfMachines(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
): Promise<HoldingRow[]> {
  return tx.query<HoldingRow>({
    text: `select 'service-account' as kind, s.id as subject, s.owner as person, s.permissions as holds,
             (select max(k.last_used_at) from sealpost.api_key k
              where k.organisation = $1 and k.service_account = s.id) as last_used_at,
             null::text[] as roles,
             array(select k.id from sealpost.api_key k
                   where k.organisation = $1 and k.service_account = s.id) as users
           from sealpost.service_account s where s.organisation = $1 and s.ended_at is null
           union all
           select 'api-key', k.id, coalesce((select s.owner from sealpost.service_account s
             where s.organisation = $1 and s.id = k.service_account), k.created_by), k.permissions, k.last_used_at,
             null, array[k.id]
           from sealpost.api_key k where k.organisation = $1 and k.revoked_at is null
             and (k.expires_at is null or k.expires_at > $2)
           order by kind desc, subject`,
    values: [organisation, now],
  });
}

/** Ends one assignment; whose it was, null for a group's; undefined where it had ended. */
export async function endAssignment(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<{ readonly subject_kind: string; readonly subject: string } | undefined> {
  return tx.maybe<{ subject_kind: string; subject: string }>({
    text: `update sealpost.role_assignment set ended_at = $3
           where organisation = $1 and id = $2 and ended_at is null returning subject_kind, subject`,
    values: [organisation, id, at],
  });
}

/** Takes one role out of a membership; false where it was not there. */
export async function removeRole(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  role: string,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.membership set roles = array_remove(roles, $3)
           where organisation = $1 and identity = $2 and ended_at is null and $3 = any (roles)`,
    values: [organisation, identity, role],
  });
  return touched === 1;
}

export async function groupMembers(
  tx: Transaction,
  organisation: OrganisationId,
  group: string,
): Promise<IdentityId[]> {
  const rows = await tx.query<{ identity: IdentityId }>({
    text: 'select identity from sealpost.group_member where organisation = $1 and access_group = $2',
    values: [organisation, group],
  });
  return rows.map(({ identity }) => identity);
}

/** The labels of keys and the names of accounts, by id. */
export async function machineNames(
  tx: Transaction,
  organisation: OrganisationId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: ApiKeyId; name: string }>({
    text: `select id, label as name from sealpost.api_key where organisation = $1 and id = any ($2::uuid[])
           union all select id, name from sealpost.service_account where organisation = $1 and id = any ($2::uuid[])`,
    values: [organisation, ids],
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
