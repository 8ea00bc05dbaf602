import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import { auditEntry, type From, type StartedSession } from '#platform/access';
import type { Transaction } from '#platform/database';
import type { Vouched } from '#platform/federation';
import { sealResult, type TryResult, versionOf } from './attempt.ts';
import { holdConnection } from './connection.store.ts';
import type { Connection } from './connections.ts';
import type { SignOnNeeds } from './ports.ts';
import { type NotLetIn, type Resolved, resolvePerson, subjectIndex } from './resolve-person.ts';
import { insertSignOnSession, setResult } from './road.store.ts';
import type { Arrived, Ended, Road } from './road.ts';
import { mapGroups } from './rules.ts';

export type SignedOn =
  | { readonly kind: 'session'; readonly started: StartedSession; readonly returnTo: string }
  | { readonly kind: 'tried'; readonly connection: string; readonly attempt: string }
  | { readonly kind: 'ended'; readonly reason: Ended };

/** Takes what was done in a transaction back and carries out why. */
class Undone extends Error {
  readonly resolved: Resolved;
  constructor(resolved: Resolved) {
    super('undone');
    this.resolved = resolved;
  }
}

/** Makes a session of somebody who has come back from the provider, or shows what would come of it, for a try. */
export async function arriveAsStaff(
  needs: SignOnNeeds,
  road: Pick<Road, 'refuse'>,
  arrived: Arrived,
  agent: string | undefined,
  from: From,
): Promise<SignedOn> {
  const purpose = arrived.attempt?.state.for;
  if (purpose === 'try') return showTry(needs, arrived, from);
  if (arrived.kind === 'ended') return { kind: 'ended', reason: arrived.reason };
  const { connection, attempt, vouched } = arrived;
  const fits = purpose === 'sign-in' && connection.row.live;
  if (!fits) {
    await road.refuse(connection, 'unknown-connection', from);
    return { kind: 'ended', reason: 'unknown-connection' };
  }
  const ended = async (reason: NotLetIn, identity: IdentityId | null): Promise<SignedOn> => {
    await road.refuse(connection, reason, from, identity);
    return { kind: 'ended', reason };
  };
  try {
    const result = await needs.database.tenant([connection.organisation], 'app', async (tx) => {
      // The provider may have taken its time: what was believed by a connection that is gone or other now counts for nothing.
      const now = await holdConnection(tx, connection.organisation, connection.row.id);
      if (now?.live !== true || versionOf({ row: now }) !== versionOf(connection)) return 'changed-meanwhile';
      const resolved = await resolvePerson(needs, tx, connection, vouched, from);
      // Only an ending by the connection's own rule stays; what else was begun goes with the refusal.
      if (resolved.kind === 'refused' && resolved.reason !== 'group-missing') throw new Undone(resolved);
      if (resolved.kind === 'refused') return resolved;
      return startSession(needs, tx, connection, vouched, resolved, agent, from);
    });
    if (result === 'changed-meanwhile') {
      await road.refuse(connection, result, from);
      return { kind: 'ended', reason: result };
    }
    if ('kind' in result) return await ended(result.reason, result.identity);
    return { kind: 'session', started: result, returnTo: attempt.state.returnTo };
  } catch (error) {
    if (error instanceof Refusal && error.parameters.reason === 'factor-demanded')
      return ended('factor-demanded', null);
    // The group rule would have ended the last administrator: they stay, and do not come in by this road.
    if (isLastAdministrator(error)) return ended('group-missing', null);
    if (!(error instanceof Undone) || error.resolved.kind !== 'refused') throw error;
    return ended(error.resolved.reason, error.resolved.identity);
  }
}

function isLastAdministrator(error: unknown): boolean {
  return error instanceof Refusal && error.parameters.reason === 'last-administrator';
}

async function startSession(
  needs: SignOnNeeds,
  tx: Transaction,
  connection: Connection,
  vouched: Vouched,
  { identity, joined }: Extract<Resolved, { kind: 'person' }>,
  agent: string | undefined,
  from: From,
): Promise<StartedSession> {
  const { organisation, row } = connection;
  const index = await subjectIndex(needs, connection, vouched.subject);
  if (joined) {
    const subjects = [
      { kind: 'identity', id: identity },
      { kind: 'sso-connection', id: row.id },
    ];
    const actor = { kind: 'system', component: 'single-sign-on' } as const;
    await needs.audit.append(tx, auditEntry(from, { organisation, action: 'sso.linked', actor, subjects }));
  }
  const factors = [row.kind, ...(row.rules.trustMethods ? trusted(vouched.methods) : [])];
  const who = { identity, organisation, factors, agent, signOn: row.id };
  const started = await needs.access.sessions.start(tx, who, from);
  await insertSignOnSession(tx, {
    ...{ organisation, session: started.id, connection: row.id, identity, subjectIndex: index },
    sidIndex: vouched.sid === null ? null : await subjectIndex(needs, connection, `sid\n${vouched.sid}`),
    hint:
      vouched.hint === null
        ? null
        : await needs.vault.sealValue('identity', hintBinding(connection, started.id), vouched.hint),
    at: needs.clock.now(),
  });
  return started;
}

/** What a provider says of hardware keys, smart cards and passkeys (RFC 8176 `hwk`, `sc`; `fido` of Entra ID; `phr` of Okta's like). */
const RESISTANT = ['hwk', 'sc', 'fido', 'phr', 'phrh'];

/** The methods that a trusted provider names, and the word for those that no copied page can fetch. */
function trusted(methods: readonly string[]): string[] {
  const named = methods.slice(0, 10);
  return named.some((one) => RESISTANT.includes(one)) ? [...named, 'phishing-resistant'] : named;
}

export const hintBinding = ({ organisation }: Pick<Connection, 'organisation'>, session: string) => ({
  organisation,
  field: 'sso-session.hint',
  row: session,
});

/** Walks the whole road for a try and takes everything back: what is left is what would have come of it. */
async function showTry(needs: SignOnNeeds, arrived: Arrived, from: From): Promise<SignedOn> {
  const { connection, attempt } = arrived;
  if (connection === null || attempt === null) throw new Error('a try without connection');
  const shownBy = attempt.state.shownBy ?? attempt.id;
  const result = arrived.kind === 'ended' ? refusedTry(arrived.reason) : await tryOut(needs, arrived, from);
  await needs.database.tenant([connection.organisation], 'app', async (tx) => {
    await setResult(tx, shownBy, await sealResult(needs, connection, shownBy, result));
    const { organisation, row } = connection;
    const entry = {
      ...{ organisation, action: 'sso-connection.tried', subjects: [{ kind: 'sso-connection', id: row.id }] },
      ...{
        actor: { kind: 'system' as const, component: 'single-sign-on' },
        details: { reason: result.reason },
      },
    } as const;
    await needs.audit.append(tx, auditEntry(from, entry));
  });
  return { kind: 'tried', connection: connection.row.id, attempt: shownBy };
}

function refusedTry(reason: Ended): TryResult {
  return { outcome: 'refused', reason, subject: null, claims: [], methods: [], roles: [], groups: [] };
}

async function tryOut(
  needs: SignOnNeeds,
  { connection, vouched }: Extract<Arrived, { kind: 'arrived' }>,
  from: From,
): Promise<TryResult> {
  const resolved = await wouldBe(needs, connection, vouched, from);
  const { rules } = connection.row;
  const mapped = mapGroups(rules, vouched.claims.get(rules.claims.groups) ?? []);
  return {
    outcome: resolved.kind === 'person' ? 'let-in' : 'refused',
    reason: resolved.kind === 'person' ? null : resolved.reason,
    subject: vouched.subject,
    claims: [...vouched.claims].map(([name, values]): [string, string[]] => [name, [...values]]),
    methods: [...vouched.methods],
    roles: [...mapped.roles],
    groups: [...mapped.groups],
  };
}

async function wouldBe(
  needs: SignOnNeeds,
  connection: Connection,
  vouched: Vouched,
  from: From,
): Promise<Resolved> {
  try {
    return await needs.database.tenant([connection.organisation], 'app', async (tx) => {
      throw new Undone(await resolvePerson(needs, tx, connection, vouched, from));
    });
  } catch (error) {
    if (error instanceof Undone) return error.resolved;
    if (isLastAdministrator(error)) return { kind: 'refused', reason: 'group-missing', identity: null };
    throw error;
  }
}
