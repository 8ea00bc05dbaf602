import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/**
 * Members with a passphrase of ours, here since before that time, who neither had a session nor used a permission since. Who comes
 * by single sign-on alone is their directory's to end.
 */
export async function countUnused(
  tx: Transaction,
  organisation: OrganisationId,
  before: Date,
): Promise<number> {
  const row = await tx.one<{ count: number }>({
    name: 'access-gaps.unused',
    text: `select count(*)::integer as count
           from sealpost.membership m join sealpost.identity i on i.id = m.identity
           where m.organisation = $1 and m.ended_at is null and m.created_at < $2
             and i.passphrase_hash is not null and i.disabled_at is null
             and m.identity not in (
               select s.identity from sealpost.session s where s.organisation = $1 and s.last_used_at >= $2
               union select u.identity from sealpost.permission_use u
                 where u.organisation = $1 and u.day >= ($2 at time zone 'utc')::date)`,
    values: [organisation, before],
  });
  return row.count;
}

export interface Candidate {
  readonly identity: IdentityId;
  readonly operator: boolean;
  /** Direct, assigned, and by groups. */
  readonly roles: string[];
}

/** Members with a passphrase of ours and, unless `all`, without any passkey; with every role that they hold by any way. */
export async function readCandidates(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
  all: boolean,
): Promise<Candidate[]> {
  return tx.query<Candidate>({
    name: 'access-gaps.candidates',
    text: `select i.id as identity, i.operator, m.roles || array(
             select a.role from sealpost.role_assignment a
             where a.organisation = $1 and a.ended_at is null and (a.expires_at is null or a.expires_at > $2)
               and (a.subject = i.id or a.subject in (
                 select g.access_group from sealpost.group_member g where g.organisation = $1 and g.identity = i.id))
           ) as roles
           from sealpost.membership m join sealpost.identity i on i.id = m.identity
           where m.organisation = $1 and m.ended_at is null and i.passphrase_hash is not null and i.disabled_at is null
             and ($3 or not exists (select from sealpost.factor f
               where f.identity = i.id and f.kind = 'passkey' and f.removed_at is null))
           order by i.id`,
    values: [organisation, now, all],
  });
}
