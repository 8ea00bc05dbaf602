import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface AttemptRow {
  readonly id: string;
  readonly purpose: string;
  readonly browser_hash: Buffer;
  readonly state: Buffer;
}

export async function insertAttempt(
  tx: Transaction,
  row: AttemptRow & {
    readonly organisation: OrganisationId;
    readonly connection: string;
    readonly lookup_hash: Buffer;
    readonly expires_at: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.sso_attempt
             (id, organisation, connection, purpose, lookup_hash, browser_hash, state, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      row.id,
      row.organisation,
      row.connection,
      row.purpose,
      row.lookup_hash,
      row.browser_hash,
      row.state,
      row.expires_at,
    ],
  });
}

export async function findAttempt(
  tx: Transaction,
  connection: string,
  lookupHash: Buffer,
  now: Date,
): Promise<AttemptRow | undefined> {
  return tx.maybe<AttemptRow>({
    name: 'sso-attempt.find',
    text: `select id, purpose, browser_hash, state from sealpost.sso_attempt
           where connection = $1 and lookup_hash = $2 and used_at is null and expires_at > $3`,
    values: [connection, lookupHash, now],
  });
}

/** Uses an attempt up; false when it was used already. */
export async function useAttempt(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const touched = await tx.execute({
    text: 'update sealpost.sso_attempt set used_at = $2 where id = $1 and used_at is null',
    values: [id, at],
  });
  return touched === 1;
}

export async function setResult(tx: Transaction, id: string, result: Buffer): Promise<void> {
  await tx.execute({
    text: 'update sealpost.sso_attempt set result = $2 where id = $1',
    values: [id, result],
  });
}

/** What a try has shown, while it is kept. */
export async function readResult(
  tx: Transaction,
  connection: string,
  id: string,
  now: Date,
): Promise<{ readonly state: Buffer; readonly result: Buffer | null } | undefined> {
  return tx.maybe<{ state: Buffer; result: Buffer | null }>({
    text: `select state, result from sealpost.sso_attempt
           where connection = $1 and id = $2 and purpose = 'try' and expires_at > $3`,
    values: [connection, id, now],
  });
}

/** Remembers what must not come twice; false when it has come before. */
export async function rememberSeen(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
  what: Buffer,
  until: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.sso_seen (organisation, connection, what, expires_at) values ($1, $2, $3, $4)
           on conflict do nothing`,
    values: [organisation, connection, what, until],
  });
  return touched === 1;
}

export interface LinkRow {
  readonly identity: IdentityId;
  readonly suspended_at: Date | null;
}

export async function findLink(
  tx: Transaction,
  connection: string,
  subjectIndex: Buffer,
): Promise<LinkRow | undefined> {
  return tx.maybe<LinkRow>({
    name: 'sso-link.find',
    text: 'select identity, suspended_at from sealpost.sso_link where connection = $1 and subject_index = $2',
    values: [connection, subjectIndex],
  });
}

/** Links a subject to a person; false when either is linked there already. */
export async function insertLink(
  tx: Transaction,
  row: {
    readonly organisation: OrganisationId;
    readonly connection: string;
    readonly subjectIndex: Buffer;
    readonly identity: IdentityId;
    readonly at: Date;
  },
): Promise<boolean> {
  const touched = await tx.execute({
    text: `insert into sealpost.sso_link (organisation, connection, subject_index, identity, linked_at, last_used_at)
           select $1::uuid, $2::uuid, $3::bytea, $4::uuid, $5::timestamptz, $5::timestamptz
           where not exists (select from sealpost.sso_link where connection = $2 and identity = $4)
           on conflict do nothing`,
    values: [row.organisation, row.connection, row.subjectIndex, row.identity, row.at],
  });
  return touched === 1;
}

export async function touchLink(
  tx: Transaction,
  connection: string,
  subjectIndex: Buffer,
  at: Date,
  suspended: boolean,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.sso_link set last_used_at = $3::timestamptz, suspended_at = case when $4::boolean then $3::timestamptz end
           where connection = $1 and subject_index = $2`,
    values: [connection, subjectIndex, at, suspended],
  });
}

export async function deleteLinks(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
): Promise<number> {
  return tx.execute({
    text: 'delete from sealpost.sso_link where organisation = $1 and connection = $2',
    values: [organisation, connection],
  });
}

export interface SignOnSession {
  readonly session: SessionId;
  readonly identity: IdentityId;
}

export async function insertSignOnSession(
  tx: Transaction,
  row: SignOnSession & {
    readonly organisation: OrganisationId;
    readonly connection: string;
    readonly subjectIndex: Buffer;
    readonly sidIndex: Buffer | null;
    readonly hint: Buffer | null;
    readonly at: Date;
  },
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.sso_session
             (organisation, session, connection, identity, subject_index, sid_index, hint, started_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      row.organisation,
      row.session,
      row.connection,
      row.identity,
      row.subjectIndex,
      row.sidIndex,
      row.hint,
      row.at,
    ],
  });
}

/** Sessions of a provider's subject, or of one of its sessions; with both given, both must fit. */
export async function sessionsOf(
  tx: Transaction,
  connection: string,
  subjectIndex: Buffer | null,
  sidIndex: Buffer | null,
): Promise<SignOnSession[]> {
  return tx.query<SignOnSession>({
    name: 'sso-session.of',
    text: `select session, identity from sealpost.sso_session
           where connection = $1 and ($2::bytea is null or subject_index = $2) and ($3::bytea is null or sid_index = $3)`,
    values: [connection, subjectIndex, sidIndex],
  });
}

export async function allSessionsOf(
  tx: Transaction,
  organisation: OrganisationId,
  connection: string,
): Promise<SignOnSession[]> {
  return tx.query<SignOnSession>({
    text: 'select session, identity from sealpost.sso_session where organisation = $1 and connection = $2',
    values: [organisation, connection],
  });
}

/** By which connection a session came, and what the provider wants back when it ends. */
export async function readSignOnSession(
  tx: Transaction,
  session: SessionId,
): Promise<{ readonly connection: string; readonly hint: Buffer | null } | undefined> {
  return tx.maybe<{ connection: string; hint: Buffer | null }>({
    text: 'select connection, hint from sealpost.sso_session where session = $1',
    values: [session],
  });
}

/** Removes what is over, in one organisation: attempts, what came once, sessions older than any session can be. */
export async function sweepSignOn(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
  oldest: Date,
): Promise<number> {
  const attempts = await tx.execute({
    name: 'sso-attempt.sweep',
    text: 'delete from sealpost.sso_attempt where organisation = $1 and expires_at <= $2',
    values: [organisation, now],
  });
  const seen = await tx.execute({
    name: 'sso-seen.sweep',
    text: 'delete from sealpost.sso_seen where organisation = $1 and expires_at <= $2',
    values: [organisation, now],
  });
  const sessions = await tx.execute({
    name: 'sso-session.sweep',
    text: 'delete from sealpost.sso_session where organisation = $1 and started_at <= $2',
    values: [organisation, oldest],
  });
  return attempts + seen + sessions;
}
