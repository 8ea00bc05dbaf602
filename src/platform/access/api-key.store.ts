import type { ApiKeyId, IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface ApiKeyRow {
  readonly id: ApiKeyId;
  readonly organisation: OrganisationId;
  readonly label: string;
  readonly prefix: string;
  readonly secret_mac: Buffer;
  readonly permissions: string[];
  readonly networks: string[];
  readonly created_by: IdentityId | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly last_used_at: Date | null;
  readonly revoked_at: Date | null;
  /** `jwt`: an OAuth client, which proves a key of its own. */
  readonly kind: 'secret' | 'jwt';
  readonly service_account: string | null;
  readonly limits: Buffer | null;
}

/** A row with whether the person or the account behind it still stands. */
export interface ListedApiKeyRow extends ApiKeyRow {
  readonly backed: boolean;
}

const COLUMNS = `id, organisation, label, prefix, secret_mac, permissions, networks, created_by, created_at, expires_at,
  last_used_at, revoked_at, kind, service_account, limits`;

/** Which organisation a prefix belongs to; ids only. */
export async function locateApiKey(
  tx: Transaction,
  prefix: string,
): Promise<{ readonly organisation: OrganisationId; readonly id: ApiKeyId } | undefined> {
  const row = await tx.maybe<{ organisation: OrganisationId; api_key: ApiKeyId }>({
    name: 'api-key.locate',
    text: 'select organisation, api_key from sealpost.find_api_key($1)',
    values: [prefix],
  });
  return row === undefined ? undefined : { organisation: row.organisation, id: row.api_key };
}

export async function readApiKeyRow(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ApiKeyRow | undefined> {
  return tx.maybe<ApiKeyRow>({
    name: 'api-key.read',
    text: `select ${COLUMNS} from sealpost.api_key where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

/** The person who made a key; null where a program or set-up did, or where there is no such key. */
export async function apiKeyMaker(
  tx: Transaction,
  organisation: OrganisationId,
  id: ApiKeyId,
): Promise<IdentityId | null> {
  return (await readApiKeyRow(tx, organisation, id))?.created_by ?? null;
}

export async function listApiKeyRows(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  most: number,
): Promise<ListedApiKeyRow[]> {
  return tx.query<ListedApiKeyRow>({
    name: 'api-key.list',
    text: `select ${COLUMNS}, case
             when service_account is not null then exists (select from sealpost.service_account s
               where s.organisation = $1 and s.id = k.service_account and s.ended_at is null)
             when created_by is not null then exists (select from sealpost.membership m
               where m.organisation = $1 and m.identity = k.created_by and m.ended_at is null)
             else true end as backed
           from sealpost.api_key k
           where organisation = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, most],
  });
}

export async function insertApiKey(
  tx: Transaction,
  row: Omit<ApiKeyRow, 'created_at' | 'last_used_at' | 'revoked_at'>,
): Promise<ApiKeyRow> {
  return tx.one<ApiKeyRow>({
    text: `insert into sealpost.api_key
             (id, organisation, label, prefix, secret_mac, permissions, networks, created_by, expires_at,
              kind, service_account, limits)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning ${COLUMNS}`,
    values: [
      row.id,
      row.organisation,
      row.label,
      row.prefix,
      row.secret_mac,
      row.permissions,
      row.networks,
      row.created_by,
      row.expires_at,
      row.kind,
      row.service_account,
      row.limits,
    ],
  });
}

/** Notes the use of a key, at most once a minute. */
export async function noteApiKeyUse(tx: Transaction, id: ApiKeyId, now: Date): Promise<void> {
  await tx.execute({
    name: 'api-key.used',
    text: `update sealpost.api_key set last_used_at = $2
           where id = $1 and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')`,
    values: [id, now],
  });
}

/** Lets a key end at `at` unless it ends earlier: now (revoked) or after the overlap of a rotation. */
export async function endApiKey(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  end: { readonly revokedAt: Date | null; readonly expiresAt: Date | null },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.api_key
           set revoked_at = coalesce($3, revoked_at),
               expires_at = case when $4::timestamptz is null then expires_at else least(coalesce(expires_at, $4), $4) end
           where organisation = $1 and id = $2 and revoked_at is null`,
    values: [organisation, id, end.revokedAt, end.expiresAt],
  });
  return touched === 1;
}

/** The longest life of new keys in days, where the organisation said one. */
export async function readKeyDays(tx: Transaction, organisation: OrganisationId): Promise<number | null> {
  const row = await tx.maybe<{ days: number | null }>({
    name: 'api-key.days',
    text: `select (settings ->> 'keyDays')::integer as days from sealpost.organisation where id = $1`,
    values: [organisation],
  });
  return row?.days ?? null;
}

export async function updateKeyDays(
  tx: Transaction,
  organisation: OrganisationId,
  days: number,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.organisation set settings = settings || jsonb_build_object('keyDays', $2::integer) where id = $1`,
    values: [organisation, days],
  });
}

/** Marks the keys that end before `until` as told of, each once; ids of those that were not yet. */
export async function takeExpiringKeys(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
  until: Date,
): Promise<{ readonly id: ApiKeyId; readonly expires_at: Date }[]> {
  return tx.query<{ id: ApiKeyId; expires_at: Date }>({
    name: 'api-key.expiring',
    text: `update sealpost.api_key set expiry_told_at = $2
           where organisation = $1 and revoked_at is null and expiry_told_at is null
             and expires_at > $2 and expires_at <= $3
           returning id, expires_at`,
    values: [organisation, now, until],
  });
}
