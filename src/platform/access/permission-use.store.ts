import type { Permission } from '#core/actor';
import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface UseCount {
  /** A person, or an API key. */
  readonly identity: IdentityId | ApiKeyId;
  readonly permission: Permission;
  /** UTC, `2026-11-27`. */
  readonly day: string;
  readonly uses: number;
}

export async function addUses(
  tx: Transaction,
  organisation: OrganisationId,
  counts: readonly UseCount[],
): Promise<void> {
  await tx.execute({
    name: 'permission-use.add',
    text: `insert into sealpost.permission_use as p (organisation, identity, permission, day, uses)
           select $1, * from unnest($2::uuid[], $3::text[], $4::date[], $5::bigint[])
           on conflict (organisation, identity, permission, day) do update set uses = p.uses + excluded.uses`,
    values: [
      organisation,
      counts.map(({ identity }) => identity),
      counts.map(({ permission }) => permission),
      counts.map(({ day }) => day),
      counts.map(({ uses }) => uses),
    ],
  });
}

/** What these people used on or after a day. */
export async function usedSince(
  tx: Transaction,
  organisation: OrganisationId,
  identities: readonly IdentityId[],
  day: string,
): Promise<{ readonly identity: IdentityId; readonly permission: string }[]> {
  return tx.query({
    text: `select distinct identity, permission from sealpost.permission_use
           where organisation = $1 and identity = any ($2) and day >= $3::date`,
    values: [organisation, identities, day],
  });
}

/** The last day of each permission that these people or keys used, and how often all in all. */
export async function lastUses(
  tx: Transaction,
  organisation: OrganisationId,
  identities: readonly string[],
): Promise<
  { readonly identity: string; readonly permission: string; readonly last: string; readonly uses: number }[]
> {
  return tx.query({
    text: `select identity, permission, max(day)::text as last, sum(uses)::double precision as uses
           from sealpost.permission_use where organisation = $1 and identity = any ($2::uuid[])
           group by identity, permission`,
    values: [organisation, identities],
  });
}

/** The first day that anything was counted on; null where nothing was. */
export async function countedSince(tx: Transaction, organisation: OrganisationId): Promise<string | null> {
  const row = await tx.one<{ day: string | null }>({
    text: 'select min(day)::text as day from sealpost.permission_use where organisation = $1',
    values: [organisation],
  });
  return row.day;
}

/** Counts older than any report reaches. */
export async function sweepPermissionUse(tx: Transaction): Promise<number> {
  return tx.execute({
    text: `delete from sealpost.permission_use where day < (now() at time zone 'utc')::date - 400`,
  });
}
