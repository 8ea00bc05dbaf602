import { createHash } from 'node:crypto';
import type { Actor, Caller, Permission, Scope } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId, randomToken } from '#platform/runtime';
import { readGrants } from './grants.ts';
import { membershipsOf } from './identity.store.ts';
import { tokenHash } from './installation.ts';
import { requireMovable, requireOwnSignIn } from './own-sign-in.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';
import {
  endSessionRow,
  endSessionRows,
  findSession,
  insertSession,
  listSessionRows,
  setSessionOrganisation,
  touchSession,
} from './session.store.ts';

const ABSOLUTE_MS = 12 * 60 * 60_000;
const IDLE_MS = 30 * 60_000;
const TOUCH_MS = 60_000;
/** How long a checked session is believed without asking again: the delay of a role change from another process. */
const KEPT_MS = 2_000;
const KEPT_MOST = 5_000;

/** A signed-in person in one organisation. */
export interface LiveSession {
  readonly organisation: OrganisationId;
  readonly actor: Actor;
  readonly permissions: ReadonlySet<Permission>;
  readonly scoped: ReadonlyMap<Permission, readonly Scope[]>;
  readonly session: {
    readonly id: SessionId;
    readonly identity: IdentityId;
    readonly factors: readonly string[];
    readonly expiresAt: Date;
  };
}

export interface SessionEntry {
  readonly id: SessionId;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly address: string | null;
  readonly factors: readonly string[];
}

export interface StartedSession {
  /** For the cookie; stored only as a hash. */
  readonly token: string;
  readonly id: SessionId;
  readonly identity: IdentityId;
  readonly organisation: OrganisationId;
  readonly expiresAt: Date;
}

export interface Sessions {
  /** Who stands behind a session token; null when it ended, is over (12 h), idle (30 min), or membership ended. */
  authenticate(token: string): Promise<LiveSession | null>;
  /**
   * Starts one in the transaction that completes a sign-in; writes `session.started`. Refusal `not-permitted`, reason
   * `single-sign-on`, for who must come by their organisation's provider and does not.
   */
  start(
    tx: Transaction,
    who: {
      identity: IdentityId;
      organisation: OrganisationId;
      factors: readonly string[];
      agent: string | undefined;
      /** Came by this connection of single sign-on; absent: by what the person keeps here themselves. */
      signOn?: string;
    },
    from: From,
  ): Promise<StartedSession>;
  /** The caller's own sessions. */
  list(identity: IdentityId): Promise<SessionEntry[]>;
  /** Ends one of the caller's own sessions at once. Refusal `not-found`. */
  end(caller: Caller, identity: IdentityId, id: SessionId): Promise<void>;
  /**
   * Ends every session of a person but one, at once in this process, in others within two seconds: when they ask, and when
   * what they sign in with or who they are changed. Writes `session.ended` with how many and why; none where none stood.
   */
  endAll(
    tx: Transaction,
    who: { identity: IdentityId; organisation: OrganisationId; but: SessionId | null; reason: string },
    actor: Actor,
    from: From,
  ): Promise<number>;
  /** Ends these of one person's sessions, at once as above: their provider says that they are over. */
  endThese(
    tx: Transaction,
    who: {
      identity: IdentityId;
      organisation: OrganisationId;
      sessions: readonly SessionId[];
      reason: string;
    },
    actor: Actor,
    from: From,
  ): Promise<number>;
  /** Drops what is remembered of a person, so that a change of their rights counts from the next request on. */
  forgetPerson(identity: IdentityId): void;
  /**
   * Moves the session to another organisation of the same person. Refusals `not-found`; `not-permitted` with reason
   * `single-sign-on` where one organisation's provider would open another's door.
   */
  switchTo(
    caller: Caller,
    session: SessionId,
    identity: IdentityId,
    organisation: OrganisationId,
  ): Promise<void>;
}

export function createSessions({ database, vault, audit, clock }: AccessPorts): Sessions {
  const kept = new Map<string, { readonly live: LiveSession; readonly until: number }>();
  // A look-up that began before a session was ended must not be kept after it.
  let changes = 0;
  const forget = (id: SessionId): void => {
    changes += 1;
    for (const [key, { live }] of kept) if (live.session.id === id) kept.delete(key);
  };
  const forgetPerson = (identity: IdentityId): void => {
    changes += 1;
    for (const [key, { live }] of kept) if (live.session.identity === identity) kept.delete(key);
  };
  const idleSince = (now: Date): Date => new Date(now.getTime() - IDLE_MS);

  async function load(hash: Buffer): Promise<LiveSession | null> {
    const now = clock.now();
    const row = await database.system('app', async (tx) => {
      const found = await findSession(tx, hash, now, idleSince(now));
      if (found !== undefined && now.getTime() - found.last_used_at.getTime() > TOUCH_MS) {
        await touchSession(tx, found.id, now);
      }
      return found;
    });
    const organisation = row?.organisation;
    if (row === undefined || organisation === null || organisation === undefined) return null;
    const grants = await database.tenant([organisation], 'app', (tx) =>
      readGrants(tx, vault, organisation, row.identity, now, row.operator),
    );
    if (grants === undefined) return null;
    return {
      organisation,
      actor: { kind: 'person', identity: row.identity, session: row.id },
      ...grants,
      session: { id: row.id, identity: row.identity, factors: row.factors, expiresAt: row.expires_at },
    };
  }

  return {
    async authenticate(token) {
      const hash = tokenHash(token);
      const key = hash.toString('base64');
      const known = kept.get(key);
      const now = clock.monotonic();
      if (known !== undefined && known.until > now) return known.live;
      const before = changes;
      const live = await load(hash);
      kept.delete(key);
      if (live === null) return null;
      if (changes !== before) return live;
      if (kept.size >= KEPT_MOST) kept.clear();
      kept.set(key, { live, until: now + KEPT_MS });
      return live;
    },

    async start(tx, who, from) {
      if (who.signOn === undefined) await requireOwnSignIn(tx, vault, who.organisation, who.identity);
      const id = newId(clock) as SessionId;
      const token = randomToken();
      const at = clock.now();
      const expiresAt = new Date(at.getTime() + ABSOLUTE_MS);
      await insertSession(tx, {
        id,
        tokenHash: tokenHash(token),
        identity: who.identity,
        organisation: who.organisation,
        factors: who.factors,
        address: from.origin.address,
        agentHash: who.agent === undefined ? null : createHash('sha256').update(who.agent).digest(),
        at,
        expiresAt,
      });
      const actor = { kind: 'person', identity: who.identity, session: id } as const;
      await audit.append(
        tx,
        auditEntry(from, {
          organisation: who.organisation,
          action: 'session.started',
          actor,
          subjects: [{ kind: 'identity', id: who.identity }],
          details: { factors: who.factors.join(' ') },
        }),
      );
      return { token, id, identity: who.identity, organisation: who.organisation, expiresAt };
    },

    async list(identity) {
      const now = clock.now();
      const rows = await database.system('app', (tx) => listSessionRows(tx, identity, now, idleSince(now)));
      return rows.map((row) => ({
        id: row.id,
        createdAt: row.created_at,
        lastUsedAt: row.last_used_at,
        expiresAt: row.expires_at,
        address: row.address,
        factors: row.factors,
      }));
    },

    async end(caller, identity, id) {
      await database.tenant([caller.organisation], 'app', async (tx) => {
        if (!(await endSessionRow(tx, identity, id, clock.now()))) throw new Refusal('not-found');
        const subjects = [{ kind: 'session', id }];
        const { organisation, actor } = caller;
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'session.ended', actor, subjects }),
        );
        tx.afterCommit(() => forget(id));
      });
      forget(id);
    },

    async endAll(tx, { identity, organisation, but, reason }, actor, from) {
      const ended = await endSessionRows(tx, identity, but, clock.now());
      if (ended > 0) {
        const subjects = [{ kind: 'identity', id: identity }];
        const details = { sessions: ended, reason };
        await audit.append(
          tx,
          auditEntry(from, { organisation, action: 'session.ended', actor, subjects, details }),
        );
      }
      tx.afterCommit(() => forgetPerson(identity));
      return ended;
    },

    async endThese(tx, { identity, organisation, sessions, reason }, actor, from) {
      const now = clock.now();
      let ended = 0;
      for (const id of sessions) if (await endSessionRow(tx, identity, id, now)) ended += 1;
      if (ended > 0) {
        const subjects = [{ kind: 'identity', id: identity }];
        const details = { sessions: ended, reason };
        await audit.append(
          tx,
          auditEntry(from, { organisation, action: 'session.ended', actor, subjects, details }),
        );
      }
      tx.afterCommit(() => forgetPerson(identity));
      return ended;
    },

    forgetPerson,

    async switchTo(caller, session, identity, organisation) {
      const mine = await database.system('app', (tx) => membershipsOf(tx, identity));
      if (!mine.includes(organisation)) throw new Refusal('not-found');
      await database.tenant([organisation], 'app', async (tx) => {
        await requireMovable(tx, vault, session, organisation, identity);
        await setSessionOrganisation(tx, session, organisation);
        const subjects = [{ kind: 'session', id: session }];
        const { actor } = caller;
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'session.moved', actor, subjects }),
        );
        tx.afterCommit(() => forget(session));
      });
    },
  };
}
