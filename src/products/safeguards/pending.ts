import type { Actor, Caller, Permission } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId, SessionId } from '#core/ids';
import { hasAccess, isPermission } from '#platform/access';
import type { Transaction } from '#platform/database';
import {
  type FourEyesCode,
  type HeldRequest,
  type Route,
  runHeldAct,
  type SecondPerson,
} from '#platform/http';
import { newId } from '#platform/runtime';
import { type AskedFor, askedFor } from './asked-for.ts';
import {
  decidePending,
  endPending,
  forgetAnswer,
  forgetOver,
  insertPending,
  listPending,
  lockPending,
  type PendingRow,
  readFourEyes,
  writeFourEyes,
} from './pending.store.ts';
import type { SafeguardPorts } from './ports.ts';

const LASTS_MS = 72 * 3_600_000;
const MOST_WAITING = 50;

/** A request as it is kept, with where it came from. */
interface Kept {
  readonly request: HeldRequest;
  readonly origin: Caller['origin'];
  readonly session: SessionId;
}

export type PendingOutcome = 'done' | 'refused' | 'failed';

/** Acts that wait for a second person. */
export interface PendingActs extends SecondPerson {
  list(caller: Caller, before: string | null, most: number): Promise<PendingRow[]>;
  mayDecide(caller: Caller, row: PendingRow): boolean;
  /**
   * What it asks for, while it waits: for the asker, and for who may decide. On record, because it may name people. Refusals
   * `not-found` for everybody else, `gone` when it was decided.
   */
  request(caller: Caller, id: string): Promise<readonly AskedFor[]>;
  /**
   * Does it, once, as the one who asked, with what they may do now. Refusals: `not-found`, `wrong-state` where it is decided or
   * its time is over, `not-permitted` for the asker, for programs, and for who could not do it themselves.
   */
  approve(caller: Caller, id: string, pageOrigin: string): Promise<PendingOutcome>;
  reject(caller: Caller, id: string): Promise<void>;
  /** By the asker alone. */
  withdraw(caller: Caller, id: string): Promise<void>;
  /** What the act answered, such as a new key's secret: for the asker, once. Refusal `gone` afterwards. */
  answer(caller: Caller, id: string): Promise<unknown>;
  /** Forgets what was asked for and not decided in time, and answers that nobody took for three days; of how many. For the worker. */
  forgetOver(organisation: OrganisationId): Promise<number>;
  settings(caller: Caller): Promise<readonly string[]>;
  /**
   * Refusal `wrong-state` with the kinds in `codes` where somebody alone holds what an act of that kind asks for: it could never
   * be approved. A kind that nobody here may do (the operator's, in other organisations) can be chosen and means nothing.
   */
  change(caller: Caller, codes: readonly string[]): Promise<void>;
}

const binding = (organisation: OrganisationId, row: string, field: 'request' | 'answer') => ({
  ...{ organisation, row },
  field: `pending-act.${field}`,
});

export function createPendingActs(ports: SafeguardPorts): PendingActs {
  const { database, audit, clock, vault } = ports;
  const tenant = <T>({ organisation }: Caller, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.tenant([organisation], 'app', work);
  return {
    hold: (act, caller, request) => tenant(caller, (tx) => hold(ports, tx, act, caller, request)),
    list: (caller, before, most) =>
      tenant(caller, (tx) => listPending(tx, caller.organisation, before, most)),
    mayDecide: (caller, row) => isOpen(row, clock.now()) && isSecond(caller, row),
    request: (caller, id) =>
      tenant(caller, async (tx) => {
        const row = await lockPending(tx, caller.organisation, id);
        if (row === undefined || !(row.asker === personOf(caller) || isSecond(caller, row)))
          throw new Refusal('not-found');
        if (!isOpen(row, clock.now()) || row.request === null) throw new Refusal('gone');
        const opened = await vault.openValue(binding(caller.organisation, id, 'request'), row.request);
        await audit.append(tx, doneBy(caller, 'pending-act.viewed', told(row)));
        const kept: Kept = JSON.parse(opened.toString('utf8'));
        return askedFor(kept.request);
      }),
    approve: (caller, id, pageOrigin) => approve(ports, caller, id, pageOrigin),
    reject: (caller, id) =>
      tenant(caller, async (tx) => {
        const row = await decidable(ports, tx, caller, id);
        const by = personOf(caller);
        await decidePending(tx, caller.organisation, id, { state: 'rejected', by, at: clock.now() });
        await audit.append(tx, doneBy(caller, 'pending-act.rejected', told(row)));
      }),
    withdraw: (caller, id) =>
      tenant(caller, async (tx) => {
        const row = await lockPending(tx, caller.organisation, id);
        if (row === undefined || row.asker !== personOf(caller)) throw new Refusal('not-found');
        if (!isOpen(row, clock.now())) throw new Refusal('wrong-state');
        await decidePending(tx, caller.organisation, id, {
          ...{ state: 'withdrawn', by: row.asker, at: clock.now() },
        });
        await audit.append(tx, doneBy(caller, 'pending-act.withdrawn', told(row)));
      }),
    answer: (caller, id) =>
      tenant(caller, async (tx) => {
        const row = await lockPending(tx, caller.organisation, id);
        if (row === undefined || row.asker !== personOf(caller)) throw new Refusal('not-found');
        if (row.answer === null) throw new Refusal('gone');
        const opened = await vault.openValue(binding(caller.organisation, id, 'answer'), row.answer);
        await forgetAnswer(tx, caller.organisation, id);
        await audit.append(tx, doneBy(caller, 'pending-act.answer-taken', told(row)));
        const answer: unknown = JSON.parse(opened.toString('utf8'));
        return answer;
      }),
    forgetOver: (organisation) =>
      database.tenant([organisation], 'app', (tx) => {
        const now = clock.now();
        return forgetOver(tx, organisation, now, new Date(now.getTime() - LASTS_MS));
      }),
    settings: (caller) => tenant(caller, (tx) => readFourEyes(tx, caller.organisation, false)),
    change: (caller, codes) =>
      tenant(caller, async (tx) => {
        const before = await readFourEyes(tx, caller.organisation, true);
        const stuck = await withoutSecond(ports, tx, caller.organisation, codes);
        if (stuck.length > 0)
          throw new Refusal('wrong-state', { reason: 'nobody-else', codes: stuck.join(' ') });
        await writeFourEyes(tx, caller.organisation, codes);
        // Watchers of the log are told which acts one person alone may do again.
        const loosened = before.filter((one) => !codes.includes(one)).join(' ') || null;
        const details = { before: before.join(' '), after: codes.join(' '), loosened };
        await audit.append(tx, doneBy(caller, 'four-eyes.changed', { details }));
      }),
  };
}

/** The route of an act, as it is kept with it. */
export const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;

/** Kinds whose acts one person alone could do, with whom nobody could then approve; a choice of none is never stuck. */
async function withoutSecond(
  { access, heldRoutes }: SafeguardPorts,
  tx: Transaction,
  organisation: OrganisationId,
  codes: readonly string[],
): Promise<string[]> {
  if (codes.length === 0) return [];
  const wanted = new Map<Permission, Set<string>>([['organisation:write', new Set(['settings'])]]);
  for (const { fourEyes, access: asks } of heldRoutes.current) {
    if (fourEyes === null || typeof asks === 'string' || !codes.includes(fourEyes)) continue;
    wanted.set(asks.permission, (wanted.get(asks.permission) ?? new Set()).add(fourEyes));
  }
  const stuck = new Set<string>();
  for (const [permission, kinds] of wanted) {
    const able = await access.emergency.holders(tx, organisation, permission);
    if (able.length === 1) for (const kind of kinds) stuck.add(kind);
  }
  return [...stuck];
}

async function hold(
  { vault, audit, clock }: SafeguardPorts,
  tx: Transaction,
  act: { readonly code: FourEyesCode; readonly route: string; readonly permission: string },
  caller: Caller,
  request: HeldRequest,
): Promise<{ id: string; expiresAt: Date } | null> {
  const { organisation, actor, origin } = caller;
  const chosen = await readFourEyes(tx, organisation, false);
  const wanted = act.code === 'settings' ? chosen.length > 0 : chosen.includes(act.code);
  if (!wanted) return null;
  // A program has no colleague who could tell what it wanted.
  if (actor.kind !== 'person') throw new Refusal('not-permitted', { rule: 'four-eyes' });
  const now = clock.now();
  const id = newId(clock);
  const expiresAt = new Date(now.getTime() + LASTS_MS);
  const kept: Kept = { request, origin, session: actor.session };
  const sealed = await vault.sealValue('record', binding(organisation, id, 'request'), JSON.stringify(kept));
  const row = {
    ...{ ...act, id, request: sealed, asker: actor.identity, asked_at: now, expires_at: expiresAt },
  };
  if (!(await insertPending(tx, organisation, row, MOST_WAITING)))
    throw new Refusal('limit-reached', { waiting: MOST_WAITING });
  await audit.append(tx, doneBy(caller, 'pending-act.asked', told(row)));
  return { id, expiresAt };
}

/**
 * In three steps: approved, done, told. The approval commits first and can be had once, so the act runs at most once; what a
 * crash leaves as `running` is never run again, and the audit shows whether it was done.
 */
async function approve(
  ports: SafeguardPorts,
  caller: Caller,
  id: string,
  pageOrigin: string,
): Promise<PendingOutcome> {
  const { database, audit, clock, vault } = ports;
  const { organisation } = caller;
  const tenant = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.tenant([organisation], 'app', work);
  const row = await tenant(async (tx) => {
    const found = await decidable(ports, tx, caller, id);
    const by = personOf(caller);
    await decidePending(tx, organisation, id, { state: 'running', by, at: clock.now() });
    await audit.append(tx, doneBy(caller, 'pending-act.approved', told(found)));
    return found;
  });
  const end = await run(ports, organisation, row, pageOrigin);
  await tenant(async (tx) => {
    const answer =
      end.answer === undefined
        ? null
        : await vault.sealValue('record', binding(organisation, id, 'answer'), JSON.stringify(end.answer));
    await endPending(tx, organisation, id, { state: end.state, refusal: end.refusal, answer });
    const { subjects, details } = told(row);
    const entry = doneBy(caller, 'pending-act.ended', {
      subjects,
      details: { ...details, state: end.state, refusal: end.refusal },
    });
    await audit.append(tx, { ...entry, result: end.state });
  });
  return end.state;
}

async function run(ports: SafeguardPorts, organisation: OrganisationId, row: PendingRow, pageOrigin: string) {
  const refused = (refusal: string) => ({ state: 'refused', refusal, answer: undefined }) as const;
  const route = ports.heldRoutes.current.find((one) => nameOf(one) === row.route);
  if (route === undefined || row.request === null) return refused('gone');
  const opened = await ports.vault.openValue(binding(organisation, row.id, 'request'), row.request);
  const kept: Kept = JSON.parse(opened.toString('utf8'));
  // What they may do now, not what they might when they asked.
  const grants = await ports.access.grantsOf(organisation, row.asker);
  if (grants === null || !isPermission(row.permission) || !hasAccess(grants, row.permission))
    return refused('not-permitted');
  const asker: Caller = {
    ...{ organisation, origin: kept.origin, request: row.id, ...grants },
    actor: { kind: 'person', identity: row.asker, session: kept.session },
  };
  try {
    const { body } = await runHeldAct(route, asker, kept.request, pageOrigin);
    return { state: 'done', refusal: null, answer: body } as const;
  } catch (error) {
    if (error instanceof Refusal) return refused(error.code);
    if (error instanceof Error && error.name === 'InputProblem') return refused('invalid');
    ports.fault(error, row.route);
    return { state: 'failed', refusal: null, answer: undefined } as const;
  }
}

async function decidable(
  { clock }: SafeguardPorts,
  tx: Transaction,
  caller: Caller,
  id: string,
): Promise<PendingRow> {
  const row = await lockPending(tx, caller.organisation, id);
  if (row === undefined) throw new Refusal('not-found');
  if (!isSecond(caller, row)) throw new Refusal('not-permitted', { rule: 'four-eyes' });
  if (!isOpen(row, clock.now())) throw new Refusal('wrong-state');
  return row;
}

const isOpen = (row: PendingRow, now: Date): boolean => row.state === 'waiting' && row.expires_at > now;

/** Another person, who could do it themselves. */
function isSecond(caller: Caller, row: PendingRow): boolean {
  const { actor } = caller;
  if (actor.kind !== 'person' || actor.identity === row.asker) return false;
  return isPermission(row.permission) && hasAccess(caller, row.permission);
}

function personOf({ actor }: { readonly actor: Actor }): IdentityId {
  if (actor.kind !== 'person') throw new Refusal('not-permitted', { rule: 'four-eyes' });
  return actor.identity;
}

function told(row: Pick<PendingRow, 'id' | 'code' | 'route' | 'asker'>) {
  return {
    subjects: [{ kind: 'pending-act', id: row.id }],
    details: { code: row.code, route: row.route, asker: row.asker },
  };
}
