import type { OrganisationId, PortalPersonId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** By which delegation a session came, and whose and which session it was there, as keyed indexes. */
export interface SessionDelegation {
  readonly id: string;
  readonly subject: Buffer;
  readonly sid: Buffer | null;
}

export interface SessionRow {
  readonly id: string;
  readonly person: PortalPersonId;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  /** What it was proved with; null in sessions of the release before. */
  readonly factors: readonly string[] | null;
  /** The passkey that it was begun with. */
  readonly passkey: string | null;
  /** By whose word it came: an organisation's own patient portal; else null. */
  readonly delegation: string | null;
  readonly delegationSubject: Buffer | null;
  readonly delegationSid: Buffer | null;
  /** Marks of where it is used from; null in sessions of the release before. */
  readonly circumstances: Buffer | null;
}

export async function insertSession(
  tx: Transaction,
  session: {
    readonly id: string;
    readonly organisation: OrganisationId;
    readonly person: PortalPersonId;
    readonly tokenHash: Buffer;
    readonly createdAt: Date;
    readonly expiresAt: Date;
    readonly factors: readonly string[];
    readonly passkey: string | null;
    readonly circumstances: Buffer;
    readonly delegation: SessionDelegation | null;
  },
): Promise<void> {
  await tx.execute({
    name: 'portal-session-insert',
    text: `insert into sealpost.portal_session
             (id, organisation, person, token_hash, created_at, last_used_at, expires_at, factors, passkey,
              circumstances, delegation, delegation_subject, delegation_sid)
           values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12)`,
    values: [
      session.id,
      session.organisation,
      session.person,
      session.tokenHash,
      session.createdAt,
      session.expiresAt,
      session.factors,
      session.passkey,
      session.circumstances,
      session.delegation?.id ?? null,
      session.delegation?.subject ?? null,
      session.delegation?.sid ?? null,
    ],
  });
}

/** Ids only, over all organisations. Works in a system transaction. */
export function findSession(
  tx: Transaction,
  hash: Buffer,
): Promise<{ organisation: OrganisationId; session: string } | undefined> {
  return tx.maybe({
    name: 'portal-session-find',
    text: 'select organisation, session from sealpost.find_portal_session($1)',
    values: [hash],
  });
}

/** A session that has neither ended, nor run out, nor lain idle since `idleSince`. */
export function loadSession(
  tx: Transaction,
  id: string,
  now: Date,
  idleSince: Date,
): Promise<SessionRow | undefined> {
  return tx.maybe({
    name: 'portal-session-load',
    text: `select id, person, last_used_at as "lastUsedAt", expires_at as "expiresAt", factors, passkey,
             circumstances, delegation, delegation_subject as "delegationSubject", delegation_sid as "delegationSid"
           from sealpost.portal_session
           where id = $1 and ended_at is null and expires_at > $2 and last_used_at > $3`,
    values: [id, now, idleSince],
  });
}

export async function touchSession(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.execute({
    name: 'portal-session-touch',
    text: 'update sealpost.portal_session set last_used_at = $2 where id = $1',
    values: [id, at],
  });
}

/** Ends a session; false when it had ended before. */
export async function endSession(tx: Transaction, id: string, at: Date): Promise<boolean> {
  const ended = await tx.execute({
    name: 'portal-session-end',
    text: 'update sealpost.portal_session set ended_at = $2 where id = $1 and ended_at is null',
    values: [id, at],
  });
  return ended === 1;
}

/** Ends every living session of this person. Returns how many. */
export function endSessionsOf(tx: Transaction, person: PortalPersonId, at: Date): Promise<number> {
  return tx.execute({
    name: 'portal-sessions-end',
    text: `update sealpost.portal_session set ended_at = $2
           where person = $1 and ended_at is null and expires_at > $2`,
    values: [person, at],
  });
}
