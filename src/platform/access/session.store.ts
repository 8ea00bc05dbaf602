import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface SessionRow {
  readonly id: SessionId;
  readonly identity: IdentityId;
  readonly organisation: OrganisationId | null;
  readonly factors: string[];
  readonly address: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
}

const COLUMNS = 'id, identity, organisation, factors, address, created_at, last_used_at, expires_at';

export async function insertSession(
  tx: Transaction,
  row: {
    readonly id: SessionId;
    readonly tokenHash: Buffer;
    readonly identity: IdentityId;
    readonly organisation: OrganisationId;
    readonly factors: readonly string[];
    readonly address: string | null;
    readonly agentHash: Buffer | null;
    readonly at: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.session
             (id, token_hash, identity, organisation, factors, address, agent_hash, created_at, last_used_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)`,
    values: [
      row.id,
      row.tokenHash,
      row.identity,
      row.organisation,
      row.factors,
      row.address,
      row.agentHash,
      row.at,
      row.expiresAt,
    ],
  });
}

/** The session behind a token, unless it has ended, is over, or was idle since `idleSince`. */
export async function findSession(
  tx: Transaction,
  tokenHash: Buffer,
  now: Date,
  idleSince: Date,
): Promise<(SessionRow & { readonly operator: boolean }) | undefined> {
  return tx.maybe<SessionRow & { operator: boolean }>({
    name: 'session.find',
    text: `select s.id, s.identity, s.organisation, s.factors, s.address, s.created_at, s.last_used_at, s.expires_at,
             i.operator
           from sealpost.session s join sealpost.identity i on i.id = s.identity
           where s.token_hash = $1 and s.ended_at is null and s.expires_at > $2 and s.last_used_at > $3
             and i.disabled_at is null`,
    values: [tokenHash, now, idleSince],
  });
}

export async function touchSession(tx: Transaction, id: SessionId, now: Date): Promise<void> {
  await tx.execute({
    name: 'session.touch',
    text: 'update sealpost.session set last_used_at = $2 where id = $1 and ended_at is null',
    values: [id, now],
  });
}

export async function setSessionOrganisation(
  tx: Transaction,
  id: SessionId,
  organisation: OrganisationId,
): Promise<void> {
  await tx.execute({
    text: 'update sealpost.session set organisation = $2 where id = $1 and ended_at is null',
    values: [id, organisation],
  });
}

export async function listSessionRows(
  tx: Transaction,
  identity: IdentityId,
  now: Date,
  idleSince: Date,
): Promise<SessionRow[]> {
  return tx.query<SessionRow>({
    text: `select ${COLUMNS} from sealpost.session
           where identity = $1 and ended_at is null and expires_at > $2 and last_used_at > $3
           order by id desc limit 100`,
    values: [identity, now, idleSince],
  });
}

/** Ends one session of this person; false when there is none such. */
export async function endSessionRow(
  tx: Transaction,
  identity: IdentityId,
  id: SessionId,
  now: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: 'update sealpost.session set ended_at = $3 where id = $2 and identity = $1 and ended_at is null',
    values: [identity, id, now],
  });
  return touched === 1;
}

/** Ends all sessions of this person but one; how many that were. */
export async function endSessionRows(
  tx: Transaction,
  identity: IdentityId,
  but: SessionId | null,
  now: Date,
): Promise<number> {
  return tx.execute({
    text: `update sealpost.session set ended_at = $3
           where identity = $1 and ended_at is null and ($2::uuid is null or id <> $2)`,
    values: [identity, but, now],
  });
}

/** Whether an organisation's provider vouched for this session. */
export async function cameBySignOn(tx: Transaction, id: SessionId): Promise<boolean> {
  const row = await tx.maybe({
    name: 'session.by-sign-on',
    text: `select from sealpost.session where id = $1 and factors && array['oidc', 'saml']`,
    values: [id],
  });
  return row !== undefined;
}
