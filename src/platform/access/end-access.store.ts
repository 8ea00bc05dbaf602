import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** Ends the keys that a person made in an organisation; which those were. A service account's keys outlive who made them. */
export async function endApiKeysOf(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  now: Date,
): Promise<ApiKeyId[]> {
  const rows = await tx.query<{ id: ApiKeyId }>({
    text: `update sealpost.api_key set revoked_at = $3
           where organisation = $1 and created_by = $2 and service_account is null and revoked_at is null returning id`,
    values: [organisation, identity, now],
  });
  return rows.map(({ id }) => id);
}

/** Ends what was assigned to the person alone. */
export async function endAssignmentsOf(
  tx: Transaction,
  organisation: OrganisationId,
  subject: string,
  now: Date,
): Promise<number> {
  return tx.execute({
    text: `update sealpost.role_assignment set ended_at = $3
           where organisation = $1 and subject = $2 and ended_at is null`,
    values: [organisation, subject, now],
  });
}

/** Ends the care relationships of the person alone: they open messages as assignments do. */
export async function endCareOf(
  tx: Transaction,
  organisation: OrganisationId,
  subject: string,
  now: Date,
): Promise<number> {
  return tx.execute({
    text: `update sealpost.care_relationship set ended_at = $3
           where organisation = $1 and subject = $2 and ended_at is null`,
    values: [organisation, subject, now],
  });
}

/** Takes a person out of the groups that the organisation keeps itself, or out of all. */
export async function leaveGroups(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
  which: 'own' | 'all',
): Promise<number> {
  return tx.execute({
    text: `delete from sealpost.group_member m using sealpost.access_group g
           where m.organisation = $1 and m.identity = $2 and g.id = m.access_group and ($3 = 'all' or g.source = 'own')`,
    values: [organisation, identity, which],
  });
}
