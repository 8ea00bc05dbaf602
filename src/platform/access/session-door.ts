import type { KeyObject } from 'node:crypto';
import type { Actor, Caller, Permission, Scope } from '#core/actor';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Standing } from './access-rules.ts';
import type { AccessRule } from './judge-access.ts';
import type { From } from './ports.ts';
import type { NewSession, StartedSession } from './start-session.ts';
import type { Tickets } from './tickets.ts';

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
    /** When it is over in any case. */
    readonly expiresAt: Date;
    /** After so many seconds without use it is over. */
    readonly idleSeconds: number;
    /** When a factor was last proven. */
    readonly provenAt: Date;
    /** How long that counts for acts that ask for it. */
    readonly stepUpMinutes: number;
    /** What its requests must be proven with; null while it waits to be bound. */
    readonly proofKey: KeyObject | null;
    readonly lastUsedAt: Date;
    /** What the organisation's access rules are judged by. */
    readonly standing: Standing;
    readonly rules: readonly AccessRule[];
  };
}

export interface SessionEntry {
  readonly id: SessionId;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
  readonly address: string | null;
  /** ISO 3166-1 code, where the operator brought a file of places and the address is in it. */
  readonly country: string | null;
  readonly agent: string | null;
  readonly bound: boolean;
  readonly factors: readonly string[];
}

/** How a request uses a session. */
export interface SessionUse {
  /** What the route asks for; null where it asks for a session alone. */
  readonly permission: Permission | null;
  /** The act asks for a factor that was proven a short time ago. */
  readonly stepUp: boolean;
  /** Somebody is at the page: counts against the idle time-out. */
  readonly active: boolean;
}

export interface Sessions {
  /**
   * Who stands behind a session token; null when it ended, is over, was idle for too long, or membership ended. That
   * alone lets nobody in: the request must be proven by the session's key, and `use` it.
   */
  authenticate(token: string): Promise<LiveSession | null>;
  /**
   * A proven request uses the session. Refusals `step-up-required`, and `not-permitted` with reason `access-rule` where a rule
   * of the organisation denies it.
   */
  use(live: LiveSession, how: SessionUse, from: From): Promise<void>;
  /** Writes that a request came without a good proof, at most once a minute and session. */
  proofRefused(live: LiveSession, reason: string, from: From): Promise<void>;
  readonly tickets: Tickets;
  /**
   * Starts one in the transaction that completes a sign-in; writes `session.started`. Refusal `wrong-state` where the organisation
   * demands more than `factors` (see requireFactorsFor); `not-permitted`, reason `single-sign-on`, for who must come by their
   * organisation's provider and does not.
   */
  start(tx: Transaction, who: NewSession, from: From): Promise<StartedSession>;
  /** Binds a session that waits for it to the browser's key. Refusals `invalid`, `wrong-state`. Writes `session.bound`. */
  bind(caller: Caller, session: SessionId, key: string): Promise<void>;
  /** The caller's own sessions; with an organisation somebody's in it. */
  list(identity: IdentityId, organisation?: OrganisationId): Promise<SessionEntry[]>;
  /** Ends one of the caller's own sessions at once. Refusal `not-found`. */
  end(caller: Caller, identity: IdentityId, id: SessionId): Promise<void>;
  /**
   * Ends one session that somebody has in the caller's organisation, with the delay of `endAll`. One that has moved on to
   * another organisation is not the caller's to end: refusal `not-found`, as for one that is over.
   */
  endOther(caller: Caller, identity: IdentityId, id: SessionId): Promise<void>;
  /**
   * Ends every session of a person but one, at once in this process, in others within two seconds: when they ask, and when
   * what they sign in with or who they are changed. Writes `session.ended` with how many and why; none where none stood.
   * With `only`, those that work in that organisation.
   */
  endAll(
    tx: Transaction,
    who: {
      identity: IdentityId;
      organisation: OrganisationId;
      but: SessionId | null;
      reason: string;
      only?: OrganisationId;
    },
    actor: Actor,
    from: From,
  ): Promise<number>;
  /** Ends every session that a person has in one organisation, with the same delay; writes `session.ended` where one stood. */
  endIn(
    tx: Transaction,
    who: { identity: IdentityId; organisation: OrganisationId; reason: string },
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
  /** The same for everybody: when a role, a group or a guardrail changed that many may have. */
  forgetEverybody(): void;
  /**
   * A factor was proven anew, in the transaction that uses it up: returns the new token under which the session goes on.
   * Writes `session.stepped-up`. Refusal `not-authenticated` when the session has ended.
   */
  proven(tx: Transaction, caller: Caller, session: SessionId, factor: string): Promise<string>;
  /**
   * Moves the session to another organisation of the same person, under the new token returned. Refusals `not-found`;
   * `wrong-state` where the other one demands a stronger factor than this session was begun with; `not-permitted`
   * with reason `single-sign-on` where one organisation's provider would open another's door.
   */
  switchTo(
    caller: Caller,
    session: SessionId,
    identity: IdentityId,
    organisation: OrganisationId,
  ): Promise<string>;
}
