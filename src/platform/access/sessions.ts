import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readStanding } from './access-rules.store.ts';
import { countryOf, judgeMoment, readRules } from './access-rules.ts';
import { agentFamily } from './agent-family.ts';
import { endSignIns } from './ceremony.store.ts';
import { listDevices, readDevice } from './device.store.ts';
import { readGrants } from './grants.ts';
import { membershipsOf } from './identity.store.ts';
import { tokenHash } from './installation.ts';
import { deviceOf, trustOf } from './judge-sign-in.ts';
import { requireMovable, requireOwnSignIn } from './own-sign-in.ts';
import { type AccessPorts, auditEntry } from './ports.ts';
import { readProofKey } from './request-proof.ts';
import {
  bindSessionRow,
  endSessionRow,
  endSessionRows,
  factorsOf,
  findSession,
  listSessionRows,
  renewSessionRow,
  type SessionRow,
  setSessionProven,
  touchSession,
} from './session.store.ts';
import type { LiveSession, SessionEntry, Sessions } from './session-door.ts';
import { createSessionNotes } from './session-notes.ts';
import { readSettings, timeOutOf } from './session-settings.ts';
import type { SignInParts } from './sign-in-parts.ts';
import { countTroubleOf } from './sign-in-trouble.store.ts';
import { proofKeyOctets, startSession } from './start-session.ts';
import { createTickets } from './tickets.ts';

const TOUCH_MS = 60_000;
/** How long a checked session is believed without asking again: the delay of a role change from another process. */
const KEPT_MS = 2_000;
const KEPT_MOST = 5_000;
/** A session whose sign-in ended in a redirect, where no script could prove a key, has so long to be bound to one. */
const BIND_MS = 60_000;

export type { LiveSession, SessionEntry, Sessions, SessionUse } from './session-door.ts';

export function createSessions(
  ports: AccessPorts,
  { requireFactorsFor: demand, freshToken }: Pick<SignInParts, 'requireFactorsFor' | 'freshToken'>,
): Sessions {
  const { database, vault, audit, clock } = ports;
  const kept = new Map<string, { readonly live: LiveSession; readonly until: number }>();
  const touched = new Map<SessionId, number>();
  const noteDenied = createSessionNotes(ports, 'session.denied', 'refused');
  const noteAlert = createSessionNotes(ports, 'access-rule.alerted', 'done');
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

  async function load(hash: Buffer): Promise<LiveSession | null> {
    const now = clock.now();
    const row = await database.system('app', (tx) => findSession(tx, hash, now));
    const organisation = row?.organisation;
    if (row === undefined || organisation === null || organisation === undefined) return null;
    const [grants, settings, rules, more, device] = await database.tenant(
      [organisation],
      'app',
      async (tx) => [
        await readGrants(tx, vault, organisation, row.identity, now, row.operator),
        await readSettings(tx, organisation),
        (await readRules(tx, organisation)).rules,
        await readStanding(tx, organisation, row.identity),
        row.device === null ? undefined : await readDevice(tx, organisation, row.device),
      ],
    );
    if (grants === undefined) return null;
    const standing = {
      ...more,
      roles: grants.roles,
      device: trustOf(device ?? null, row.created_at),
      risk: row.risk,
      factors: row.factors,
    };
    // Time-outs that were made shorter since count for running sessions as well.
    const limit = timeOutOf(settings, grants.roles);
    const idleSeconds = Math.min(row.idle_seconds, limit.idleSeconds);
    const expiresAt = new Date(
      Math.min(row.expires_at.getTime(), row.created_at.getTime() + limit.absoluteMs),
    );
    if (expiresAt <= now || now.getTime() - row.last_used_at.getTime() > idleSeconds * 1000) return null;
    const proofKey = row.proof_key === null ? null : readProofKey(row.proof_key.toString('base64url'));
    return {
      organisation,
      actor: { kind: 'person', identity: row.identity, session: row.id },
      permissions: grants.permissions,
      scoped: grants.scoped,
      session: {
        id: row.id,
        identity: row.identity,
        factors: row.factors,
        expiresAt,
        idleSeconds,
        provenAt: row.proven_at ?? row.created_at,
        stepUpMinutes: settings.stepUpMinutes,
        proofKey,
        lastUsedAt: row.last_used_at,
        standing,
        rules,
      },
    };
  }

  async function renew(
    tx: Transaction,
    session: SessionId,
    organisation: OrganisationId,
    missing: Refusal,
  ): Promise<string> {
    const token = freshToken();
    const row = { id: session, tokenHash: tokenHash(token), organisation };
    if (!(await renewSessionRow(tx, row))) throw missing;
    tx.afterCommit(() => forget(session));
    return token;
  }

  const endAll: Sessions['endAll'] = async (
    tx,
    { identity, organisation, but, reason, only },
    actor,
    from,
  ) => {
    const ended = await endSessionRows(tx, identity, but, clock.now(), only ?? null);
    // Whoever has shown an old passphrase and no more would else go on with it.
    if (only === undefined) await endSignIns(tx, identity, clock.now());
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
  };

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

    async use(live, { permission, stepUp, active }, from) {
      const { session } = live;
      const now = clock.now();
      const stale = now.getTime() - session.provenAt.getTime() > session.stepUpMinutes * 60_000;
      const { address, browser } = from.origin;
      const country = session.rules.length === 0 ? null : countryOf(ports, address);
      const moment = { permission, address, country, posture: browser?.posture ?? null, at: now };
      const judged = judgeMoment(session.rules, session.standing, moment);
      const named = (effect: string) =>
        judged?.reasons.find((reason) => reason.effect === effect && reason.mode === 'enforce');
      if (judged?.decision === 'deny') {
        await noteDenied(live, named('deny')?.rule ?? '', from);
        throw new Refusal('not-permitted', { reason: 'access-rule', rule: named('deny')?.name ?? '' });
      }
      const alert = named('alert');
      if (alert !== undefined) await noteAlert(live, alert.rule, from);
      // What asks for a session alone stays open, or nobody could do what the rule asks for.
      if (judged?.decision === 'step-up' && permission !== null && stale) {
        throw new Refusal('step-up-required', {
          reason: 'access-rule',
          rule: named('step-up')?.name ?? '',
        });
      }
      if (stepUp && stale) throw new Refusal('step-up-required');
      if (!active) return;
      const last = Math.max(session.lastUsedAt.getTime(), touched.get(session.id) ?? 0);
      if (now.getTime() - last <= TOUCH_MS) return;
      if (touched.size >= KEPT_MOST) touched.clear();
      touched.set(session.id, now.getTime());
      await database.system('app', (tx) => touchSession(tx, session.id, now));
    },

    proofRefused: createSessionNotes(ports, 'session.proof-refused', 'refused'),
    tickets: createTickets(ports),
    async start(tx, who, from) {
      if (who.signOn === undefined) await requireOwnSignIn(tx, vault, who.organisation, who.identity);
      await demand({ vault, clock }, tx, who.organisation, who.identity, who.factors);
      return startSession(ports, tx, who, from, freshToken());
    },

    async bind(caller, session, key) {
      const octets = proofKeyOctets(key);
      if (octets === null) throw new Refusal('invalid', { reason: 'proof-key' });
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        const now = clock.now();
        const since = new Date(now.getTime() - BIND_MS);
        if (actor.kind !== 'person') throw new Refusal('wrong-state');
        const person = { identity: actor.identity, organisation };
        const agent = agentFamily(caller.origin.browser?.agent);
        const others = await listDevices(tx, organisation, actor.identity);
        const device = await deviceOf(tx, person, octets, agent, now);
        // A first browser is news to nobody.
        if (trustOf(device, now) === 'new' && others.length > 0)
          await countTroubleOf(tx, actor.identity, 'new-device', now);
        if (!(await bindSessionRow(tx, session, octets, device.id, now, since))) {
          // Perhaps another process has bound it, and this one did not know.
          forget(session);
          throw new Refusal('wrong-state');
        }
        const subjects = [{ kind: 'session', id: session }];
        const details = { device: device.id };
        const entry = { organisation, action: 'session.bound', actor, subjects, details };
        await audit.append(tx, auditEntry(caller, entry));
        tx.afterCommit(() => forget(session));
      });
    },

    async list(identity, organisation) {
      const now = clock.now();
      const rows = await database.system('app', (tx) =>
        listSessionRows(tx, identity, now, organisation ?? null),
      );
      return rows.map((row) => ({ ...toEntry(row), country: countryOf(ports, row.address) }));
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

    async endOther(caller, identity, id) {
      const { organisation, actor } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        if (!(await endSessionRow(tx, identity, id, clock.now(), organisation)))
          throw new Refusal('not-found');
        const subjects = [
          { kind: 'session', id },
          { kind: 'identity', id: identity },
        ];
        const details = { sessions: 1, reason: 'administrator' };
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'session.ended', actor, subjects, details }),
        );
        tx.afterCommit(() => forget(id));
      });
    },

    endAll,

    async endIn(tx, { identity, organisation, reason }, actor, from) {
      return endAll(tx, { identity, organisation, but: null, reason, only: organisation }, actor, from);
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
    forgetEverybody() {
      changes += 1;
      kept.clear();
    },

    async proven(tx, caller, session, factor) {
      const { organisation, actor } = caller;
      const token = await renew(tx, session, organisation, new Refusal('not-authenticated'));
      await setSessionProven(tx, session, factor, clock.now());
      const subjects = [{ kind: 'session', id: session }];
      const entry = { organisation, action: 'session.stepped-up', actor, subjects, details: { factor } };
      await audit.append(tx, auditEntry(caller, entry));
      return token;
    },

    async switchTo(caller, session, identity, organisation) {
      const mine = await database.system('app', (tx) => membershipsOf(tx, identity));
      if (!mine.includes(organisation)) throw new Refusal('not-found');
      return database.tenant([organisation], 'app', async (tx) => {
        await demand({ vault, clock }, tx, organisation, identity, await factorsOf(tx, session));
        await requireMovable(tx, vault, session, organisation, identity);
        const token = await renew(tx, session, organisation, new Refusal('not-found'));
        const subjects = [{ kind: 'session', id: session }];
        const { actor } = caller;
        await audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'session.moved', actor, subjects }),
        );
        return token;
      });
    },
  };
}

function toEntry(row: SessionRow): Omit<SessionEntry, 'country'> {
  return {
    id: row.id,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    address: row.address,
    agent: row.agent,
    bound: row.proof_key !== null,
    factors: row.factors,
  };
}
