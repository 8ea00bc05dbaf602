import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

interface SignInPolicyRow {
  /** Undefined fields are as usual. */
  readonly rule: unknown;
  readonly demanded_since: Date;
}

/** The kept rule, and since when it demands what it demands: without one, since the organisation was founded. */
export async function readSignInPolicy(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<SignInPolicyRow | undefined> {
  return tx.maybe<SignInPolicyRow>({
    name: 'sign-in-policy.read',
    text: `select coalesce(p.rule, '{}') as rule, coalesce(p.demanded_since, o.created_at) as demanded_since
           from sealpost.organisation o left join sealpost.sign_in_policy p on p.organisation = o.id where o.id = $1`,
    values: [organisation],
  });
}

/** `raisedAt` null leaves the days of grace as they run. */
export async function writeSignInPolicy(
  tx: Transaction,
  organisation: OrganisationId,
  rule: object,
  raisedAt: Date | null,
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.sign_in_policy as p (organisation, rule, demanded_since, changed_at)
           select $1, $2::jsonb, coalesce($3, o.created_at), $4 from sealpost.organisation o where o.id = $1
           on conflict (organisation) do update set rule = excluded.rule, changed_at = excluded.changed_at,
             demanded_since = coalesce($3, p.demanded_since)`,
    values: [organisation, JSON.stringify(rule), raisedAt, at],
  });
}

/** Since when a person belongs to the organisation; undefined for nobody's member. */
export async function memberSince(
  tx: Transaction,
  organisation: OrganisationId,
  identity: IdentityId,
): Promise<Date | undefined> {
  const row = await tx.maybe<{ created_at: Date }>({
    name: 'membership.since',
    text: `select created_at from sealpost.membership
           where organisation = $1 and identity = $2 and ended_at is null`,
    values: [organisation, identity],
  });
  return row?.created_at;
}
