import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface ServiceAccountRow {
  readonly id: string;
  readonly name: string;
  readonly owner: IdentityId;
  readonly permissions: string[];
  readonly created_at: Date;
  readonly changed_at: Date;
  readonly ended_at: Date | null;
}

/** A row with what a list shows beside it. */
export interface ListedServiceAccountRow extends ServiceAccountRow {
  /** Whether the person who answers for it is still a member. */
  readonly owned: boolean;
  /** Credentials that stand. */
  readonly keys: number;
  readonly last_used_at: Date | null;
}

const COLUMNS = 'id, name, owner, permissions, created_at, changed_at, ended_at';

/** False when another one has the name. */
export async function insertServiceAccount(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly name: string;
    readonly owner: IdentityId;
    readonly permissions: readonly string[];
    readonly createdBy: IdentityId | null;
    readonly at: Date;
  },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.service_account
             (id, organisation, name, owner, permissions, created_by, created_at, changed_at)
           values ($1, $2, $3, $4, $5, $6, $7, $7)
           on conflict (organisation, lower(name)) where ended_at is null do nothing`,
    values: [row.id, row.organisation, row.name, row.owner, row.permissions, row.createdBy, row.at],
  });
  return touched === 1;
}

export async function readServiceAccount(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ServiceAccountRow | undefined> {
  return tx.maybe<ServiceAccountRow>({
    name: 'service-account.read',
    text: `select ${COLUMNS} from sealpost.service_account where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

/** Held until the transaction ends. */
export async function lockServiceAccount(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ServiceAccountRow | undefined> {
  return tx.maybe<ServiceAccountRow>({
    name: 'service-account.lock',
    text: `select ${COLUMNS} from sealpost.service_account where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function listServiceAccounts(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  most: number,
  now: Date,
): Promise<ListedServiceAccountRow[]> {
  return tx.query<ListedServiceAccountRow>({
    name: 'service-account.list',
    text: `select ${COLUMNS},
             exists (select from sealpost.membership m
                     where m.organisation = $1 and m.identity = s.owner and m.ended_at is null) as owned,
             (select count(*)::integer from sealpost.api_key k where k.organisation = $1 and k.service_account = s.id
                and k.revoked_at is null and (k.expires_at is null or k.expires_at > $4)) as keys,
             (select max(k.last_used_at) from sealpost.api_key k
              where k.organisation = $1 and k.service_account = s.id) as last_used_at
           from sealpost.service_account s
           where s.organisation = $1 and ($2::uuid is null or s.id < $2) order by s.id desc limit $3`,
    values: [organisation, before, most, now],
  });
}

/** What is to be changed of one that stands; null leaves it as it is. */
export async function updateServiceAccount(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  change: {
    readonly owner: IdentityId | null;
    readonly permissions: readonly string[] | null;
    readonly endedAt: Date | null;
  },
  at: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.service_account
           set owner = coalesce($3, owner), permissions = coalesce($4::text[], permissions),
               ended_at = $5, changed_at = $6
           where organisation = $1 and id = $2 and ended_at is null`,
    values: [organisation, id, change.owner, change.permissions, change.endedAt, at],
  });
  return touched === 1;
}
