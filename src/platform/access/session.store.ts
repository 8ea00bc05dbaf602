import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface SessionRow {
  readonly id: SessionId;
  readonly identity: IdentityId;
  readonly organisation: OrganisationId | null;
  readonly factors: string[];
  readonly address: string | null;
  readonly agent: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
  readonly idle_seconds: number;
  readonly proven_at: Date | null;
  readonly proof_key: Buffer | null;
  readonly device: string | null;
  readonly risk: number;
}

const COLUMNS = `s.id, s.identity, s.organisation, s.factors, s.address, s.agent, s.created_at, s.last_used_at,
  s.expires_at, s.idle_seconds, s.proven_at, s.proof_key, s.device, s.risk`;
const LIVE = `s.ended_at is null and s.expires_at > $2
  and s.last_used_at > $2::timestamptz - s.idle_seconds * interval '1 second'`;

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
    readonly agent: string | null;
    readonly proofKey: Buffer | null;
    readonly at: Date;
    readonly expiresAt: Date;
    readonly idleSeconds: number;
    readonly device: string | null;
    readonly risk: number;
    /** Denied by a rule: it is over before it began. */
    readonly denied: boolean;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.session
             (id, token_hash, identity, organisation, factors, address, agent_hash, agent, proof_key, bound_at,
              created_at, last_used_at, proven_at, expires_at, idle_seconds, device, risk, ended_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $9::bytea is null then null else $10::timestamptz end,
             $10, $10, $10, $11, $12, $13, $14, case when $15 then $10::timestamptz end)`,
    values: [
      row.id,
      row.tokenHash,
      row.identity,
      row.organisation,
      row.factors,
      row.address,
      row.agentHash,
      row.agent,
      row.proofKey,
      row.at,
      row.expiresAt,
      row.idleSeconds,
      row.device,
      row.risk,
      row.denied,
    ],
  });
}

/** The session behind a token, unless it has ended, is over, or was idle for longer than it may be. */
export async function findSession(
  tx: Transaction,
  tokenHash: Buffer,
  now: Date,
): Promise<(SessionRow & { readonly operator: boolean }) | undefined> {
  return tx.maybe<SessionRow & { operator: boolean }>({
    name: 'session.find',
    text: `select ${COLUMNS}, i.operator
           from sealpost.session s join sealpost.identity i on i.id = s.identity
           where s.token_hash = $1 and ${LIVE} and i.disabled_at is null`,
    values: [tokenHash, now],
  });
}

/** What a session was begun with. */
export async function factorsOf(tx: Transaction, id: SessionId): Promise<readonly string[]> {
  const row = await tx.maybe<{ factors: string[] }>({
    text: 'select factors from sealpost.session where id = $1 and ended_at is null',
    values: [id],
  });
  return row?.factors ?? [];
}

export async function touchSession(tx: Transaction, id: SessionId, now: Date): Promise<void> {
  await tx.execute({
    name: 'session.touch',
    text: 'update sealpost.session set last_used_at = $2 where id = $1 and ended_at is null',
    values: [id, now],
  });
}

/** Gives a session its key; false when it has one, has ended, or was started before `since`. */
export async function bindSessionRow(
  tx: Transaction,
  id: SessionId,
  proofKey: Buffer,
  device: string,
  now: Date,
  since: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.session set proof_key = $2, bound_at = $3, device = $5
           where id = $1 and proof_key is null and ended_at is null and created_at > $4`,
    values: [id, proofKey, now, since, device],
  });
  return touched === 1;
}

/** Moves a session under a new token, into that organisation; false when it has ended. */
export async function renewSessionRow(
  tx: Transaction,
  row: { readonly id: SessionId; readonly tokenHash: Buffer; readonly organisation: OrganisationId },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.session set token_hash = $2, organisation = $3 where id = $1 and ended_at is null`,
    values: [row.id, row.tokenHash, row.organisation],
  });
  return touched === 1;
}

export async function setSessionProven(
  tx: Transaction,
  id: SessionId,
  factor: string,
  now: Date,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.session set proven_at = $3,
             factors = case when $2 = any (factors) then factors else array_append(factors, $2) end
           where id = $1 and ended_at is null`,
    values: [id, factor, now],
  });
}

/** A person's live sessions, newest first; with `organisation` only those that work in it. */
export async function listSessionRows(
  tx: Transaction,
  identity: IdentityId,
  now: Date,
  organisation: OrganisationId | null,
): Promise<SessionRow[]> {
  return tx.query<SessionRow>({
    text: `select ${COLUMNS} from sealpost.session s
           where s.identity = $1 and ${LIVE} and ($3::uuid is null or s.organisation = $3)
           order by s.id desc limit 100`,
    values: [identity, now, organisation],
  });
}

/** Ends one session of this person, with `only` if it works in that organisation; false when there is none such. */
export async function endSessionRow(
  tx: Transaction,
  identity: IdentityId,
  id: SessionId,
  now: Date,
  only: OrganisationId | null = null,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `update sealpost.session set ended_at = $3
           where id = $2 and identity = $1 and ended_at is null and ($4::uuid is null or organisation = $4)`,
    values: [identity, id, now, only],
  });
  return touched === 1;
}

/** Ends all sessions of this person but one, everywhere or in one organisation; how many that were. */
export async function endSessionRows(
  tx: Transaction,
  identity: IdentityId,
  but: SessionId | null,
  now: Date,
  only: OrganisationId | null = null,
): Promise<number> {
  return tx.execute({
    text: `update sealpost.session set ended_at = $3
           where identity = $1 and ended_at is null and ($2::uuid is null or id <> $2)
             and ($4::uuid is null or organisation = $4)`,
    values: [identity, but, now, only],
  });
}

/** Ends the oldest live sessions of this person in an organisation, so that `most` are left; how many that were. */
export async function endOldestSessions(
  tx: Transaction,
  identity: IdentityId,
  organisation: OrganisationId,
  most: number,
  now: Date,
): Promise<number> {
  return tx.execute({
    text: `update sealpost.session set ended_at = $2 where id in (
             select s.id from sealpost.session s
             where s.identity = $1 and s.organisation = $3 and ${LIVE} order by s.id desc offset $4)`,
    values: [identity, now, organisation, most],
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
