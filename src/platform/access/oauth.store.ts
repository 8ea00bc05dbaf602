import type { ApiKeyId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface OauthClientRow {
  readonly api_key: ApiKeyId;
  readonly key_source: Buffer;
  readonly token_seconds: number;
  readonly bind_certificate: boolean;
}

export async function putOauthClient(
  tx: Transaction,
  organisation: OrganisationId,
  row: OauthClientRow,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.oauth_client (api_key, organisation, key_source, token_seconds, bind_certificate)
           values ($1, $2, $3, $4, $5)
           on conflict (api_key) do update set key_source = excluded.key_source,
             token_seconds = excluded.token_seconds, bind_certificate = excluded.bind_certificate
           where oauth_client.organisation = $2`,
    values: [row.api_key, organisation, row.key_source, row.token_seconds, row.bind_certificate],
  });
}

export async function readOauthClient(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<OauthClientRow | undefined> {
  return tx.maybe<OauthClientRow>({
    name: 'oauth-client.read',
    text: `select api_key, key_source, token_seconds, bind_certificate from sealpost.oauth_client
           where organisation = $1 and api_key = $2`,
    values: [organisation, id],
  });
}

/** The sealed source of a client's keys, which stays as it is until the transaction ends. */
export async function holdKeySource(
  tx: Transaction,
  organisation: OrganisationId,
  id: ApiKeyId,
): Promise<Buffer | null> {
  const row = await tx.maybe<{ key_source: Buffer }>({
    name: 'oauth-client.hold',
    text: `select key_source from sealpost.oauth_client where organisation = $1 and api_key = $2 for share`,
    values: [organisation, id],
  });
  return row?.key_source ?? null;
}

/** Ends the tokens that a client has now; how many. */
export async function endTokensOf(
  tx: Transaction,
  organisation: OrganisationId,
  client: ApiKeyId,
  at: Date,
): Promise<number> {
  return tx.execute({
    text: `update sealpost.oauth_token set ended_at = $3
           where organisation = $1 and client = $2 and ended_at is null and expires_at > $3`,
    values: [organisation, client, at],
  });
}

/** Takes an assertion's id; false when this client used it before. Twins in flight wait for one another at the key. */
export async function takeAssertion(
  tx: Transaction,
  organisation: OrganisationId,
  client: ApiKeyId,
  jtiHash: Buffer,
  expiresAt: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    name: 'oauth-assertion.take',
    text: `insert into sealpost.oauth_assertion (client, organisation, jti_hash, expires_at)
           values ($1, $2, $3, $4) on conflict do nothing`,
    values: [client, organisation, jtiHash, expiresAt],
  });
  return touched === 1;
}

export interface OauthTokenRow {
  readonly id: string;
  readonly client: ApiKeyId;
  readonly permissions: string[];
  /** SHA-256 of the certificate that must come with it. */
  readonly certificate: Buffer | null;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
}

export async function insertToken(
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<OauthTokenRow, 'ended_at'> & { readonly tokenHash: Buffer; readonly at: Date },
): Promise<void> {
  await tx.execute({
    name: 'oauth-token.insert',
    text: `insert into sealpost.oauth_token
             (id, organisation, client, token_hash, permissions, certificate, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      row.id,
      organisation,
      row.client,
      row.tokenHash,
      row.permissions,
      row.certificate,
      row.at,
      row.expires_at,
    ],
  });
}

/** Which organisation a token belongs to; ids only. */
export async function locateToken(
  tx: Transaction,
  hash: Buffer,
): Promise<{ readonly organisation: OrganisationId; readonly id: string } | undefined> {
  const row = await tx.maybe<{ organisation: OrganisationId; oauth_token: string }>({
    name: 'oauth-token.locate',
    text: 'select organisation, oauth_token from sealpost.find_oauth_token($1)',
    values: [hash],
  });
  return row === undefined ? undefined : { organisation: row.organisation, id: row.oauth_token };
}

export async function readToken(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<OauthTokenRow | undefined> {
  return tx.maybe<OauthTokenRow>({
    name: 'oauth-token.read',
    text: `select id, client, permissions, certificate, expires_at, ended_at from sealpost.oauth_token
           where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

/** Removes tokens and assertions that are over. */
export async function sweepOauth(tx: Transaction, organisation: OrganisationId, now: Date): Promise<number> {
  const tokens = await tx.execute({
    name: 'oauth-token.sweep',
    text: 'delete from sealpost.oauth_token where organisation = $1 and expires_at <= $2',
    values: [organisation, now],
  });
  const assertions = await tx.execute({
    name: 'oauth-assertion.sweep',
    text: 'delete from sealpost.oauth_assertion where organisation = $1 and expires_at <= $2',
    values: [organisation, now],
  });
  return tokens + assertions;
}
