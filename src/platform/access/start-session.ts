import { createHash } from 'node:crypto';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { agentFamily } from './agent-family.ts';
import { readGrants } from './grants.ts';
import { tokenHash } from './installation.ts';
import { judgeSignIn } from './judge-sign-in.ts';
import { type AccessPorts, auditEntry, type From } from './ports.ts';
import { readProofKey } from './request-proof.ts';
import { endOldestSessions, insertSession } from './session.store.ts';
import { readSettings, timeOutOf } from './session-settings.ts';
import { countTroubleOf } from './sign-in-trouble.store.ts';

export interface NewSession {
  readonly identity: IdentityId;
  readonly organisation: OrganisationId;
  readonly factors: readonly string[];
  readonly agent: string | undefined;
  /** Came by this connection of single sign-on; absent: by what the person keeps here themselves. */
  readonly signOn?: string;
}

export interface StartedSession {
  /** For the cookie; stored only as a hash. */
  readonly token: string;
  readonly id: SessionId;
  readonly identity: IdentityId;
  readonly organisation: OrganisationId;
  readonly expiresAt: Date;
  /** A rule of the organisation does not let them in now: the session has ended already. */
  readonly denied: boolean;
}

/** The octets of a browser's key when it is one. */
export function proofKeyOctets(raw: string | null | undefined): Buffer | null {
  if (raw === null || raw === undefined || readProofKey(raw) === null) return null;
  return Buffer.from(raw, 'base64url');
}

/**
 * Starts a session under this token, a fresh one, in the transaction that completes a sign-in, bound to the key that the browser
 * proved in the request. Writes `session.started`, and `session.ended` for those that are too many.
 */
export async function startSession(
  ports: AccessPorts,
  tx: Transaction,
  who: NewSession,
  from: From,
  token: string,
): Promise<StartedSession> {
  const { vault, audit, clock } = ports;
  const { identity, organisation } = who;
  const id = newId(clock) as SessionId;
  const at = clock.now();
  const settings = await readSettings(tx, organisation);
  const grants = await readGrants(tx, vault, organisation, identity, at);
  const { idleSeconds, absoluteMs } = timeOutOf(settings, grants?.roles ?? []);
  const expiresAt = new Date(at.getTime() + absoluteMs);
  const proofKey = proofKeyOctets(from.origin.browser?.key);
  const agent = agentFamily(who.agent);
  const roles = grants?.roles ?? [];
  const judged = await judgeSignIn(ports, tx, { ...who, roles }, { proofKey, agent }, from);
  const denied = judged.judgement.decision === 'deny';
  // Who comes by a redirect has a browser only when the session is bound.
  if (proofKey !== null && judged.points.includes('new-device'))
    await countTroubleOf(tx, identity, 'new-device', at);
  await insertSession(tx, {
    id,
    tokenHash: tokenHash(token),
    identity,
    organisation,
    factors: who.factors,
    address: from.origin.address,
    agentHash: who.agent === undefined ? null : createHash('sha256').update(who.agent).digest(),
    agent,
    proofKey,
    at,
    expiresAt,
    idleSeconds,
    device: judged.device?.id ?? null,
    risk: judged.risk,
    denied,
  });
  const actor = { kind: 'person', identity, session: id } as const;
  const subjects = [{ kind: 'identity', id: identity }];
  const details = {
    factors: who.factors.join(' '),
    bound: proofKey === null ? 'no' : 'yes',
    device: judged.device?.id ?? null,
    risk: judged.risk,
    points: judged.points.join(' '),
    country: judged.country,
  };
  const entry = { organisation, action: 'session.started', actor, subjects, details };
  await audit.append(
    tx,
    auditEntry(from, denied ? { ...entry, action: 'session.denied', result: 'refused' } : entry),
  );
  for (const { effect, mode, rule } of judged.judgement.reasons) {
    if (effect !== 'alert' || mode !== 'enforce') continue;
    const alert = { ...entry, action: 'access-rule.alerted', details: { rule, risk: judged.risk } };
    await audit.append(tx, auditEntry(from, alert));
  }
  if (settings.sessionLimit !== null && !denied) {
    const ended = await endOldestSessions(tx, identity, organisation, settings.sessionLimit, at);
    if (ended > 0) {
      const why = { sessions: ended, reason: 'limit' };
      await audit.append(tx, auditEntry(from, { ...entry, action: 'session.ended', details: why }));
    }
  }
  return { token, id, identity, organisation, expiresAt, denied };
}
