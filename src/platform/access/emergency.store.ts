import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** The organisation's role for emergencies; undefined where none was made yet, or it was removed. */
export async function readEmergencyRole(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ readonly id: string; readonly permissions: string[]; readonly care_only: boolean } | undefined> {
  return tx.maybe<{ id: string; permissions: string[]; care_only: boolean }>({
    name: 'emergency.role',
    text: `select r.id, r.permissions, r.care_only from sealpost.organisation o
           join sealpost.role r on r.organisation = o.id and r.id::text = o.settings ->> 'emergencyRole'
           where o.id = $1 and r.removed_at is null`,
    values: [organisation],
  });
}

export async function insertEmergencyRole(
  tx: Transaction,
  organisation: OrganisationId,
  row: {
    readonly id: string;
    readonly name: string;
    readonly permissions: readonly string[];
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.role (id, organisation, name, permissions, care_only, created_at, changed_at)
           values ($1, $2, $3, $4, false, $5, $5)`,
    values: [row.id, organisation, row.name, row.permissions, row.at],
  });
  await tx.execute({
    text: `update sealpost.organisation set settings = settings || jsonb_build_object('emergencyRole', $2::text)
           where id = $1`,
    values: [organisation, row.id],
  });
}

export async function updateEmergencyRole(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  permissions: readonly string[],
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.role set permissions = $3, care_only = false, changed_at = $4
           where organisation = $1 and id = $2`,
    values: [organisation, id, permissions, at],
  });
}

/** Gives a person a role everywhere in the organisation until `expiresAt`. */
export async function insertEmergencyGrant(
  tx: Transaction,
  organisation: OrganisationId,
  row: {
    readonly id: string;
    readonly identity: IdentityId;
    readonly role: string;
    readonly source: string;
    readonly at: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.role_assignment
             (id, organisation, subject_kind, subject, role, source, created_by, created_at, expires_at)
           values ($1, $2, 'identity', $3, $4, $5, $3, $6, $7)`,
    values: [row.id, organisation, row.identity, row.role, row.source, row.at, row.expiresAt],
  });
}

export async function endGrantsOf(
  tx: Transaction,
  organisation: OrganisationId,
  source: string,
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.role_assignment set ended_at = $3
           where organisation = $1 and source = $2 and ended_at is null`,
    values: [organisation, source, at],
  });
}

export interface MemberRoles {
  readonly identity: IdentityId;
  readonly operator: boolean;
  /** Direct, assigned, and by groups. */
  readonly roles: string[];
}

/** Everybody who belongs to the organisation and is not disabled, with every role that they hold by any way. */
export async function memberRoles(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
): Promise<MemberRoles[]> {
  return tx.query<MemberRoles>({
    name: 'emergency.member-roles',
    text: `select m.identity, i.operator, m.roles || array(
             select a.role from sealpost.role_assignment a
             where a.organisation = $1 and a.ended_at is null and (a.expires_at is null or a.expires_at > $2)
               and (a.subject = m.identity or a.subject in (
                 select g.access_group from sealpost.group_member g where g.organisation = $1 and g.identity = m.identity))
           ) as roles
           from sealpost.membership m join sealpost.identity i on i.id = m.identity
           where m.organisation = $1 and m.ended_at is null and i.disabled_at is null order by m.identity`,
    values: [organisation, now],
  });
}
