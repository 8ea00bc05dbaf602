import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { ROLE_COLUMNS, type RoleRow } from './grants.store.ts';

/**
 * Changes of who may do what in one organisation come one after the other: what a change is judged by must not change
 * beside it. First statement of its transaction, so that all later ones see what stood before it.
 */
export async function lockAccess(tx: Transaction, organisation: OrganisationId): Promise<void> {
  await tx.execute({
    name: 'access.lock',
    text: "select pg_advisory_xact_lock(hashtextextended('sealpost.access:' || $1::text, 0))",
    values: [organisation],
  });
}

export async function listRoleRows(tx: Transaction, organisation: OrganisationId): Promise<RoleRow[]> {
  return tx.query<RoleRow>({
    name: 'role.list',
    text: `select ${ROLE_COLUMNS} from sealpost.role where organisation = $1 and removed_at is null
           order by lower(name), id limit 1000`,
    values: [organisation],
  });
}

/** False when the name is taken. */
export async function insertRoleRow(
  tx: Transaction,
  organisation: OrganisationId,
  row: RoleRow,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.role
             (id, organisation, name, description, permissions, care_only, created_at, changed_at)
           values ($1, $2, $3, $4, $5, $6, $7, $7)
           on conflict (organisation, lower(name)) where removed_at is null do nothing`,
    values: [row.id, organisation, row.name, row.description, row.permissions, row.care_only, row.changed_at],
  });
  return touched === 1;
}

/** Whether another role of the organisation goes by this name. */
export async function isRoleNameTaken(
  tx: Transaction,
  organisation: OrganisationId,
  name: string,
  but: string,
): Promise<boolean> {
  const row = await tx.maybe({
    text: `select from sealpost.role
           where organisation = $1 and lower(name) = lower($2) and removed_at is null and id <> $3`,
    values: [organisation, name, but],
  });
  return row !== undefined;
}

export async function updateRoleRow(
  tx: Transaction,
  organisation: OrganisationId,
  row: RoleRow,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.role
           set name = $3, description = $4, permissions = $5, care_only = $6, changed_at = $7
           where organisation = $1 and id = $2 and removed_at is null`,
    values: [organisation, row.id, row.name, row.description, row.permissions, row.care_only, row.changed_at],
  });
}

/** Ends a role, every assignment of it, and takes it from those who hold it directly. */
export async function removeRoleRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  at: Date,
): Promise<void> {
  await Promise.all([
    tx.execute({
      text: 'update sealpost.role set removed_at = $3 where organisation = $1 and id = $2 and removed_at is null',
      values: [organisation, id, at],
    }),
    tx.execute({
      text: `update sealpost.role_assignment set ended_at = $3
             where organisation = $1 and role = $2 and ended_at is null`,
      values: [organisation, id, at],
    }),
    tx.execute({
      text: `update sealpost.membership set roles = array_remove(roles, $2)
             where organisation = $1 and $2 = any (roles)`,
      values: [organisation, id],
    }),
  ]);
}

/** The organisation's own roles that hold all of these permissions. */
export async function ownRolesHolding(
  tx: Transaction,
  organisation: OrganisationId,
  permission: string,
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>({
    text: `select id from sealpost.role
           where organisation = $1 and removed_at is null and $2 = any (permissions)`,
    values: [organisation, permission],
  });
  return rows.map(({ id }) => id);
}

/** Members, not disabled, who have one of these roles everywhere and without end, by themselves or through a group. */
export async function holdersOf(
  tx: Transaction,
  organisation: OrganisationId,
  roles: readonly string[],
): Promise<IdentityId[]> {
  const rows = await tx.query<{ identity: IdentityId }>({
    text: `select m.identity from sealpost.membership m join sealpost.identity i on i.id = m.identity
           where m.organisation = $1 and m.ended_at is null and i.disabled_at is null
             and (m.roles && $2::text[] or exists (
               select from sealpost.role_assignment a
               where a.organisation = $1 and a.ended_at is null and a.expires_at is null
                 and a.scope_kind = 'organisation' and a.role = any ($2)
                 and (a.subject = m.identity or a.subject in (
                   select gm.access_group from sealpost.group_member gm
                   join sealpost.access_group g on g.id = gm.access_group and g.removed_at is null
                   where gm.organisation = $1 and gm.identity = m.identity))))
           order by m.created_at, m.identity`,
    values: [organisation, roles],
  });
  return rows.map(({ identity }) => identity);
}

export async function setMemberRoles(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  roles: readonly string[],
): Promise<void> {
  await tx.execute({
    text: `update sealpost.membership set roles = $3
           where organisation = $1 and identity = $2 and ended_at is null`,
    values: [organisation, identity, roles],
  });
}

/** Null takes the bound away. */
export async function setMemberBoundary(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  boundary: readonly string[] | null,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.membership set boundary = $3
           where organisation = $1 and identity = $2 and ended_at is null`,
    values: [organisation, identity, boundary],
  });
}

/** Ends what a person was given beside their direct roles: a membership that is taken up again begins with nothing. */
export async function endGivenTo(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  at: Date,
): Promise<void> {
  await Promise.all([
    tx.execute({
      text: `update sealpost.role_assignment set ended_at = $3
             where organisation = $1 and subject = $2 and ended_at is null`,
      values: [organisation, identity, at],
    }),
    tx.execute({
      text: 'delete from sealpost.group_member where organisation = $1 and identity = $2',
      values: [organisation, identity],
    }),
  ]);
}

export interface GuardrailSettings {
  readonly denied: string[];
  readonly caps: Readonly<Record<string, readonly string[]>>;
}

/** What an organisation forbids those below it; undefined where it never said anything. */
export async function readGuardrailRow(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<GuardrailSettings | undefined> {
  return tx.maybe<GuardrailSettings>({
    text: 'select denied, caps from sealpost.guardrail where organisation = $1',
    values: [organisation],
  });
}

export async function writeGuardrailRow(
  tx: Transaction,
  organisation: OrganisationId,
  { denied, caps }: GuardrailSettings,
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.guardrail (organisation, denied, caps, changed_at) values ($1, $2, $3, $4)
           on conflict (organisation) do update set denied = excluded.denied, caps = excluded.caps, changed_at = excluded.changed_at`,
    values: [organisation, denied, JSON.stringify(caps), at],
  });
}

/** False: it would stand below itself, too deep, or below none. The transaction carries the child. */
export async function placeBelow(
  tx: Transaction,
  child: OrganisationId,
  parent: OrganisationId | null,
): Promise<boolean> {
  const row = await tx.one<{ placed: boolean }>({
    text: 'select sealpost.place_below($1, $2) as placed',
    values: [child, parent],
  });
  return row.placed;
}
