import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface ProvidedRole {
  readonly id: string;
  readonly role: string;
}

/** Roles that a source has given to a person, and that stand. */
export async function readProvidedRoles(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  source: string,
): Promise<ProvidedRole[]> {
  return tx.query<ProvidedRole>({
    name: 'role-assignment.provided',
    text: `select id, role from sealpost.role_assignment
           where organisation = $1 and subject_kind = 'identity' and subject = $2 and source = $3 and ended_at is null`,
    values: [organisation, identity, source],
  });
}

export async function insertProvidedRole(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly identity: IdentityId;
    readonly role: string;
    readonly source: string;
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.role_assignment (id, organisation, subject_kind, subject, role, source, created_at)
           values ($1, $2, 'identity', $3, $4, $5, $6)`,
    values: [row.id, row.organisation, row.identity, row.role, row.source, row.at],
  });
}

export async function endAssignment(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.execute({
    text: 'update sealpost.role_assignment set ended_at = $2 where id = $1 and ended_at is null',
    values: [id, at],
  });
}

/** Ends every role that a source gave to anybody; whose they were. */
export async function endAllOfSource(
  tx: Transaction,
  organisation: OrganisationId,
  source: string,
  at: Date,
): Promise<IdentityId[]> {
  const rows = await tx.query<{ subject: IdentityId }>({
    text: `update sealpost.role_assignment set ended_at = $3
           where organisation = $1 and source = $2 and ended_at is null returning subject`,
    values: [organisation, source, at],
  });
  return rows.map(({ subject }) => subject);
}

/** The group of a source by its name there, made when it is new; its id. */
export async function ensureGroup(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly name: string;
    readonly source: string;
    readonly at: Date;
  },
): Promise<string> {
  await tx.execute({
    text: `insert into sealpost.access_group (id, organisation, name, source, external_id, created_at)
           values ($1, $2, $3::text, $4, $3::text, $5) on conflict do nothing`,
    values: [row.id, row.organisation, row.name, row.source, row.at],
  });
  const { id } = await tx.one<{ id: string }>({
    text: `select id from sealpost.access_group
           where organisation = $1 and source = $2 and external_id = $3 and removed_at is null`,
    values: [row.organisation, row.source, row.name],
  });
  return id;
}

/** Makes these the groups of the source that a person is in; how many were joined or left. */
export async function setGroups(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  source: string,
  groups: readonly string[],
  at: Date,
): Promise<number> {
  const left = await tx.execute({
    text: `delete from sealpost.group_member m using sealpost.access_group g
           where m.organisation = $1 and m.identity = $2 and g.id = m.access_group and g.source = $3
             and not (m.access_group = any ($4::uuid[]))`,
    values: [organisation, identity, source, groups],
  });
  const joined = await tx.execute({
    text: `insert into sealpost.group_member (organisation, access_group, identity, since)
           select $1::uuid, g, $2::uuid, $4::timestamptz from unnest($3::uuid[]) as g on conflict do nothing`,
    values: [organisation, identity, groups, at],
  });
  return left + joined;
}
