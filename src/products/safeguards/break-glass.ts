import type { Actor, Caller } from '#core/actor';
import { type AuditEntry, doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import { hasAccess, requireAccess } from '#platform/access';
import type { AuditLeaf } from '#platform/audit';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import {
  type BreakGlassRow,
  endBreakGlass,
  insertBreakGlass,
  listBreakGlass,
  lockBreakGlass,
  overdueBreakGlass,
  reviewBreakGlass,
  runningOf,
} from './break-glass.store.ts';
import type { SafeguardPorts } from './ports.ts';

/** A review that was not made for so long is overdue. */
const REVIEW_MS = 72 * 3_600_000;
/** Entries of the log looked at for one review; more are told of. */
const MOST_ACTS = 500;

export interface BreakGlass {
  readonly id: string;
  readonly identity: IdentityId;
  readonly reason: string;
  readonly reference: string | null;
  readonly startedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly endedEarly: boolean;
  readonly review: {
    readonly by: IdentityId;
    readonly at: Date;
    readonly justified: boolean;
    readonly note: string;
  } | null;
  readonly overdue: boolean;
  /** Whether this caller may review it now. */
  readonly mayReview: boolean;
}

/** What was done during it, as the audit log has it. */
export interface BreakGlassActs {
  readonly acts: readonly { readonly id: string; readonly entry: AuditLeaf }[];
  /** False: there is more in the audit log than is shown here. */
  readonly all: boolean;
}

/** Emergency access: a reason, an alarm, a limited time, and somebody else who looks at it afterwards. */
export interface BreakGlasses {
  /**
   * Refusals: `not-permitted` for programs and who may not use it, `wrong-state` where one runs already. 1 to 240 minutes.
   */
  start(
    caller: Caller,
    request: { readonly reason: string; readonly reference: string | null; readonly minutes: number },
  ): Promise<{ readonly id: string; readonly expiresAt: Date }>;
  /** The caller's own, while it runs. */
  running(caller: Caller): Promise<{ readonly id: string; readonly expiresAt: Date } | null>;
  /** By the person themselves or a reviewer. Refusals `not-found`, `wrong-state` where it has ended. */
  end(caller: Caller, id: string): Promise<void>;
  list(caller: Caller, before: string | null, most: number): Promise<BreakGlass[]>;
  /** Refusal `not-found`. */
  acts(caller: Caller, id: string): Promise<BreakGlassActs>;
  /** Refusals: `not-found`, `wrong-state` while it runs or when reviewed, `not-permitted` for one's own. */
  review(caller: Caller, id: string, judged: { justified: boolean; note: string }): Promise<void>;
  /** Ends those whose time is over; how many. For the worker. */
  endDue(organisation: OrganisationId): Promise<number>;
}

const sourceOf = (id: string): string => `break-glass:${id}`;
const binding = (organisation: OrganisationId, row: string, field: 'reason' | 'reference' | 'note') => ({
  ...{ organisation, row },
  field: `break-glass.${field}`,
});

export function createBreakGlass(ports: SafeguardPorts): BreakGlasses {
  const { database, clock } = ports;
  const tenant = <T>({ organisation }: Caller, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.tenant([organisation], 'app', work);
  return {
    start: (caller, request) => tenant(caller, (tx) => start(ports, tx, caller, request)),
    running: (caller) =>
      tenant(caller, async (tx) => {
        const row = await runningOf(tx, caller.organisation, personOf(caller));
        return row !== undefined && row.expires_at > clock.now()
          ? { id: row.id, expiresAt: row.expires_at }
          : null;
      }),
    end: (caller, id) =>
      tenant(caller, async (tx) => {
        const row = await lockBreakGlass(tx, caller.organisation, id);
        const own = row !== undefined && row.identity === personOf(caller);
        if (row === undefined || !(own || hasAccess(caller, 'break-glass:review')))
          throw new Refusal('not-found');
        if (row.ended_at !== null) throw new Refusal('wrong-state', { state: 'ended' });
        await finish(ports, tx, caller.organisation, row, clock.now() < row.expires_at);
        const details = { reason: own ? 'by-person' : 'by-reviewer', minutes: minutesOf(row, clock.now()) };
        await ports.audit.append(
          tx,
          doneBy(caller, 'break-glass.ended', { subjects: subjectsOf(row), details }),
        );
      }),
    async list(caller, before, most) {
      requireAccess(caller, 'break-glass:review');
      // Reasons and references may name a patient.
      const rows = await tenant(caller, async (tx) => {
        const found = await listBreakGlass(tx, caller.organisation, before, most);
        const details = { count: found.length };
        await ports.audit.append(tx, doneBy(caller, 'break-glass.listed', { details }));
        return found;
      });
      return Promise.all(rows.map((row) => opened(ports, caller, row)));
    },
    acts: (caller, id) => tenant(caller, (tx) => acts(ports, tx, caller, id)),
    review: (caller, id, judged) => tenant(caller, (tx) => review(ports, tx, caller, id, judged)),
    endDue: (organisation) =>
      database.tenant([organisation], 'app', async (tx) => {
        const rows = await overdueBreakGlass(tx, organisation, clock.now());
        for (const row of rows) {
          await finish(ports, tx, organisation, row, false);
          await ports.audit.append(tx, overEntry(organisation, row));
        }
        return rows.length;
      }),
  };
}

async function start(
  ports: SafeguardPorts,
  tx: Transaction,
  caller: Caller,
  request: { readonly reason: string; readonly reference: string | null; readonly minutes: number },
): Promise<{ id: string; expiresAt: Date }> {
  requireAccess(caller, 'break-glass:use');
  const { vault, clock, access, audit } = ports;
  const { organisation } = caller;
  const identity = personOf(caller);
  const now = clock.now();
  const before = await runningOf(tx, organisation, identity);
  // One whose time is over waits for the worker; who needs another does not.
  if (before !== undefined && before.expires_at <= now) {
    await finish(ports, tx, organisation, before, false);
    await audit.append(tx, overEntry(organisation, before));
  }
  const id = newId(clock);
  const expiresAt = new Date(now.getTime() + request.minutes * 60_000);
  const seal = (field: 'reason' | 'reference', text: string) =>
    vault.sealValue('record', binding(organisation, id, field), text);
  const row = {
    ...{ id, identity, started_at: now, expires_at: expiresAt },
    reason: await seal('reason', request.reason),
    reference: request.reference === null ? null : await seal('reference', request.reference),
  };
  if (!(await insertBreakGlass(tx, organisation, row)))
    throw new Refusal('wrong-state', { state: 'running' });
  await access.emergency.grant(tx, organisation, { identity, source: sourceOf(id), expiresAt });
  const holders = await access.emergency.holders(tx, organisation, 'break-glass:review');
  const reviewers = holders.filter((one) => one !== identity);
  const given = await access.emergency.permissions(tx, organisation);
  const details = {
    ...{ minutes: request.minutes, reference: request.reference !== null },
    ...{ permissions: given.join(' '), reviewers: reviewers.length },
  };
  await audit.append(tx, doneBy(caller, 'break-glass.started', { subjects: subjectsOf(row), details }));
  const body = { kind: 'emergency-access', emergency: id, startedAt: now, expiresAt } as const;
  for (const reviewer of reviewers) await access.emergency.tell(tx, organisation, reviewer, body);
  await ports.alarm(tx, { kind: 'break-glass-started', organisation, id, who: identity, reviewers });
  return { id, expiresAt };
}

async function finish(
  { access, clock }: SafeguardPorts,
  tx: Transaction,
  organisation: OrganisationId,
  row: BreakGlassRow,
  early: boolean,
): Promise<void> {
  await access.emergency.end(tx, organisation, row.identity, sourceOf(row.id));
  // What ran to its end ended then, and not when somebody noticed.
  await endBreakGlass(tx, organisation, row.id, early ? clock.now() : row.expires_at, early);
}

async function acts(
  { audit }: SafeguardPorts,
  tx: Transaction,
  caller: Caller,
  id: string,
): Promise<BreakGlassActs> {
  requireAccess(caller, 'break-glass:review');
  const row = await lockBreakGlass(tx, caller.organisation, id);
  if (row === undefined) throw new Refusal('not-found');
  const found: { id: string; entry: AuditLeaf }[] = [];
  const range = { since: row.started_at, until: row.ended_at ?? row.expires_at };
  let cursor: string | null = null;
  do {
    const page = await audit.list(tx, caller.organisation, { ...range, cursor, limit: 200 });
    for (const { id: line, entry } of page?.lines ?? []) {
      if (entry?.actor.kind === 'person' && entry.actor.identity === row.identity)
        found.push({ id: line, entry });
    }
    cursor = page?.next ?? null;
  } while (cursor !== null && found.length < MOST_ACTS);
  const subjects = subjectsOf(row);
  await audit.append(tx, doneBy(caller, 'break-glass.acts-viewed', { subjects }));
  return { acts: found.slice(0, MOST_ACTS), all: cursor === null && found.length <= MOST_ACTS };
}

async function review(
  { vault, clock, audit }: SafeguardPorts,
  tx: Transaction,
  caller: Caller,
  id: string,
  { justified, note }: { justified: boolean; note: string },
): Promise<void> {
  requireAccess(caller, 'break-glass:review');
  const by = personOf(caller);
  const { organisation } = caller;
  const row = await lockBreakGlass(tx, organisation, id);
  if (row === undefined) throw new Refusal('not-found');
  if (row.identity === by) throw new Refusal('not-permitted', { rule: 'four-eyes' });
  const runs = row.ended_at === null && row.expires_at > clock.now();
  if (runs || row.reviewed_at !== null)
    throw new Refusal('wrong-state', { state: runs ? 'running' : 'reviewed' });
  const sealed = await vault.sealValue('record', binding(organisation, id, 'note'), note);
  await reviewBreakGlass(tx, organisation, id, { by, at: clock.now(), justified, note: sealed });
  const details = { justified, person: row.identity };
  await audit.append(tx, doneBy(caller, 'break-glass.reviewed', { subjects: subjectsOf(row), details }));
}

async function opened(ports: SafeguardPorts, caller: Caller, row: BreakGlassRow): Promise<BreakGlass> {
  const { organisation, actor } = caller;
  const now = ports.clock.now();
  const open = async (field: 'reason' | 'reference' | 'note', sealed: Buffer): Promise<string> =>
    (await ports.vault.openValue(binding(organisation, row.id, field), sealed)).toString('utf8');
  const over = row.ended_at ?? (row.expires_at <= now ? row.expires_at : null);
  const { reviewed_by: by, reviewed_at: at, justified, note } = row;
  const reviewed = by !== null && at !== null && note !== null;
  return {
    ...{ id: row.id, identity: row.identity, startedAt: row.started_at, expiresAt: row.expires_at },
    reason: await open('reason', row.reason),
    reference: row.reference === null ? null : await open('reference', row.reference),
    ...{ endedAt: over, endedEarly: row.ended_early === true },
    review: reviewed ? { by, at, justified: justified === true, note: await open('note', note) } : null,
    overdue: !reviewed && over !== null && now.getTime() - over.getTime() > REVIEW_MS,
    mayReview: !reviewed && over !== null && actor.kind === 'person' && actor.identity !== row.identity,
  };
}

/** Emergency access is a person's: no program takes it. */
function personOf({ actor }: { readonly actor: Actor }): IdentityId {
  if (actor.kind !== 'person') throw new Refusal('not-permitted', { reason: 'session-only' });
  return actor.identity;
}

function subjectsOf(row: Pick<BreakGlassRow, 'id' | 'identity'>) {
  return [
    { kind: 'break-glass', id: row.id },
    { kind: 'identity', id: row.identity },
  ];
}

const minutesOf = (row: BreakGlassRow, at: Date): number =>
  Math.ceil((at.getTime() - row.started_at.getTime()) / 60_000);

function overEntry(organisation: OrganisationId, row: BreakGlassRow): AuditEntry {
  return {
    ...{ organisation, action: 'break-glass.ended', result: 'done', subjects: subjectsOf(row) },
    actor: { kind: 'system', component: 'break-glass' },
    origin: { address: null, channel: 'worker' },
    details: { reason: 'time-over', minutes: minutesOf(row, row.expires_at) },
    ...{ sealedReference: null, request: null },
  };
}
