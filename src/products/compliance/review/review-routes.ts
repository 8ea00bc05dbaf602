import { z } from 'zod';
import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { defineRoute, idParams, pageById, pageOf, pageQuery, type Route } from '#platform/http';
import { newId } from '#platform/runtime';
import { entrySchema, lineView } from '../audit-view.ts';
import { entriesOf } from '../export-lines.ts';
import type { AuditRoutePorts } from '../ports.ts';
import { readSettings } from '../settings.store.ts';
import { type Counts, countStretch, STANDS_OUT } from './count-stretch.ts';
import {
  closeReview,
  findReview,
  insertMark,
  insertReview,
  marksOf,
  type ReviewRow,
  reviewedTo,
  reviews,
} from './review.store.ts';

const TAGS = ['audit'];
const REVIEW = { permission: 'audit:review' } as const;
const READ = { permission: 'audit:read' } as const;
/** Entries of one run: the next one covers the rest. */
const MOST_ENTRIES = 100_000;
const DAY_MS = 86_400_000;

const summarySchema = z
  .strictObject({
    id: z.uuid(),
    from: z.int(),
    to: z.int(),
    openedBy: z.string(),
    openedAt: z.iso.datetime(),
    closedBy: z.string().nullable(),
    closedAt: z.iso.datetime().nullable(),
    onlySelf: z.boolean().meta({ description: 'All acts of people in it were the reviewer’s own' }),
    standsOut: z.partialRecord(z.enum(STANDS_OUT), z.int()),
  })
  .meta({ id: 'AuditReviewSummary' });

const detailSchema = z
  .strictObject({
    ...summarySchema.shape,
    statement: z.string().nullable(),
    actions: z.array(
      z.strictObject({
        action: z.string(),
        count: z.int(),
        before: z.number().nullable().meta({ description: 'In the reviews before, for as many entries' }),
      }),
    ),
    shown: z.array(
      z.strictObject({
        ...{ id: z.uuid(), position: z.int(), why: z.array(z.enum(STANDS_OUT)) },
        entry: entrySchema.meta({ description: 'What the log says there now, read from its own bytes' }),
      }),
    ),
    marks: z.array(
      z.strictObject({ entry: z.uuid(), by: z.string(), note: z.string(), madeAt: z.iso.datetime() }),
    ),
  })
  .meta({ id: 'AuditReview' });

const standingSchema = z
  .strictObject({
    next: z.int().meta({ description: 'Position that the next review begins at' }),
    waiting: z.int(),
    open: z.uuid().nullable(),
    lastClosedAt: z.iso.datetime().nullable(),
    dueAt: z.iso.datetime().nullable(),
    overdue: z.boolean(),
  })
  .meta({ id: 'AuditReviewStanding' });

/** Reviews of the log: what stands out, what the reviewer noted, and the statement that closes it. */
export function reviewRoutes(ports: AuditRoutePorts): Route[] {
  return [list(ports), standing(ports), open(ports), show(ports), mark(ports), close(ports)];
}

function personOf(caller: Caller): string {
  if (caller.actor.kind !== 'person') throw new Refusal('not-permitted');
  return caller.actor.identity;
}

/** Where the organisation named its reviewers, only they open and close. */
async function reviewerOf({ database }: AuditRoutePorts, caller: Caller): Promise<string> {
  const identity = personOf(caller);
  const { organisation } = caller;
  const settings = await database.tenant([organisation], 'app', (tx) => readSettings(tx, organisation));
  const named = settings?.reviewers ?? [];
  if (named.length > 0 && !named.includes(identity)) throw new Refusal('not-permitted');
  return identity;
}

const binding = ({ organisation }: Caller, field: string, row: string) => ({
  ...{ organisation, row },
  field: `audit-review.${field}`,
});

async function nameOf(ports: AuditRoutePorts, caller: Caller, identity: string): Promise<string> {
  return (await ports.labelPerson(caller, identity)).label;
}

async function summary(ports: AuditRoutePorts, caller: Caller, row: ReviewRow) {
  return {
    ...{ id: row.id, from: row.from, to: row.to, onlySelf: row.onlySelf },
    openedBy: await nameOf(ports, caller, row.openedBy),
    openedAt: row.openedAt.toISOString(),
    closedBy: row.closedBy === null ? null : await nameOf(ports, caller, row.closedBy),
    closedAt: row.closedAt?.toISOString() ?? null,
    standsOut: row.counts.standsOut,
  };
}

function list(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit-reviews',
    summary: 'Reviews of the audit log, newest first',
    tags: TAGS,
    access: READ,
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(summarySchema) },
  }).handle(async ({ caller, query }) => {
    const { organisation } = caller;
    const read = (before: string | null, most: number) =>
      ports.database.tenant([organisation], 'app', (tx) => reviews(tx, organisation, before, most));
    return { status: 200, body: await pageById(query, read, (row) => summary(ports, caller, row)) };
  });
}

function standing(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit-reviews/standing',
    summary: 'How far the log was reviewed, and whether a review is overdue',
    tags: TAGS,
    access: READ,
    responses: { 200: standingSchema },
  }).handle(async ({ caller }) => {
    const { organisation } = caller;
    const [reached, settings, state] = await ports.database.tenant([organisation], 'app', (tx) =>
      Promise.all([
        reviewedTo(tx, organisation),
        readSettings(tx, organisation),
        ports.audit.state(tx, organisation),
      ]),
    );
    const since = reached.at ?? settings?.changed_at ?? null;
    const dueAt = since === null ? null : new Date(since.getTime() + (settings?.review_days ?? 7) * DAY_MS);
    return {
      status: 200,
      body: {
        ...{ next: reached.to, waiting: Math.max(0, state.size - reached.to), open: reached.open },
        lastClosedAt: reached.at?.toISOString() ?? null,
        dueAt: dueAt?.toISOString() ?? null,
        overdue: dueAt !== null && dueAt < ports.clock.now(),
      },
    };
  });
}

function open(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit-reviews',
    summary: 'Begin a review of what was recorded since the last one',
    description: 'At most 100,000 entries; the next review covers the rest. One is open at a time.',
    tags: TAGS,
    access: REVIEW,
    responses: { 201: z.strictObject({ id: z.uuid() }) },
    errors: ['wrong-state', 'not-permitted'],
  }).handle(async ({ caller }) => {
    const { organisation } = caller;
    const openedBy = await reviewerOf(ports, caller);
    const { from, to, settings } = await ports.database.tenant([organisation], 'app', async (tx) => {
      const reached = await reviewedTo(tx, organisation);
      const { size } = await ports.audit.state(tx, organisation);
      if (reached.open !== null || size <= reached.to) throw new Refusal('wrong-state');
      const settings = await readSettings(tx, organisation);
      return { from: reached.to, to: Math.min(size, reached.to + MOST_ENTRIES), settings };
    });
    const counts = await countStretch(entriesOf(ports, organisation, from, to), {
      timeZone: await ports.timeZone(organisation),
      ...{ begins: settings?.day_begins ?? 7, ends: settings?.day_ends ?? 19 },
    });
    const id = newId();
    await ports.database.tenant([organisation], 'app', async (tx) => {
      const row = { id, from, to, openedBy, openedAt: ports.clock.now(), counts };
      if (!(await insertReview(tx, organisation, row))) throw new Refusal('wrong-state');
      const subjects = [{ kind: 'audit-review', id }];
      await ports.audit.append(
        tx,
        doneBy(caller, 'audit.review-opened', { subjects, details: { from, to } }),
      );
    });
    return { status: 201, body: { id } };
  });
}

function show(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/audit-reviews/:id',
    summary: 'One review: counts against those before, what stands out, notes and statement',
    tags: TAGS,
    access: READ,
    params: idParams,
    responses: { 200: detailSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const { organisation } = caller;
    const { row, before, marks, lines } = await ports.database.tenant([organisation], 'app', async (tx) => {
      const row = await findReview(tx, organisation, params.id);
      if (row === undefined) throw new Refusal('not-found');
      const subjects = [{ kind: 'audit-review', id: row.id }];
      await ports.audit.append(tx, doneBy(caller, 'audit.review-viewed', { subjects }));
      return {
        row,
        before: await reviews(tx, organisation, row.id, 4),
        marks: await marksOf(tx, organisation, row.id),
        lines: await linesOf(ports, tx, organisation, row.counts.shown),
      };
    });
    const opened = async (field: string, id: string, sealed: Buffer) =>
      (await ports.vault.openValue(binding(caller, field, id), sealed)).toString('utf8');
    return {
      status: 200,
      body: {
        ...(await summary(ports, caller, row)),
        statement: row.statement === null ? null : await opened('statement', row.id, row.statement),
        actions: compared(
          row.counts,
          before.map(({ counts }) => counts),
        ),
        shown: await Promise.all(
          lines.map(async ({ id, position, why, line }) => ({
            ...{ id, position, why: [...why] },
            entry: await lineView(ports, caller, line),
          })),
        ),
        marks: await Promise.all(
          marks.map(async (one) => ({
            ...{ entry: one.entry, madeAt: one.made_at.toISOString() },
            by: await nameOf(ports, caller, one.identity),
            note: await opened('note', one.id, one.note),
          })),
        ),
      },
    };
  });
}

/** The entries that stood out, as the log has them now. */
async function linesOf(
  { audit }: AuditRoutePorts,
  tx: Transaction,
  organisation: OrganisationId,
  shown: Counts['shown'],
) {
  const lines = [];
  for (const { id, position, why } of shown) {
    const entry = (await audit.entry(tx, organisation, id))?.entry ?? null;
    lines.push({ id, position, why, line: { id, position, entry, leaf: null } });
  }
  return lines;
}

/** Counts by action, beside what the reviews before would have had for as many entries. */
function compared(now: Counts, before: readonly Counts[]) {
  const entries = before.reduce((sum, counts) => sum + counts.entries, 0);
  const names = new Set([
    ...Object.keys(now.actions),
    ...before.flatMap(({ actions }) => Object.keys(actions)),
  ]);
  const rows = [...names].map((action) => {
    const count = now.actions[action] ?? 0;
    const earlier = before.reduce((sum, { actions }) => sum + (actions[action] ?? 0), 0);
    const expected = entries === 0 ? null : Math.round(((earlier * now.entries) / entries) * 10) / 10;
    return { action, count, before: expected };
  });
  return rows.sort((one, other) => other.count - one.count);
}

function mark(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit-reviews/:id/marks',
    summary: 'Mark an entry in a review, with a note',
    tags: TAGS,
    access: REVIEW,
    params: idParams,
    body: z.strictObject({ entry: z.uuid(), note: z.string().trim().min(1).max(2_000) }),
    responses: { 201: z.strictObject({ id: z.uuid() }) },
    errors: ['not-found', 'wrong-state', 'not-permitted'],
  }).handle(async ({ caller, params, body }) => {
    const { organisation } = caller;
    const identity = await reviewerOf(ports, caller);
    const id = newId();
    const note = await ports.vault.sealValue('record', binding(caller, 'note', id), body.note);
    await ports.database.tenant([organisation], 'app', async (tx) => {
      const row = await findReview(tx, organisation, params.id);
      const entry = await ports.audit.entry(tx, organisation, body.entry);
      if (row === undefined || entry === undefined) throw new Refusal('not-found');
      if (row.closedAt !== null) throw new Refusal('wrong-state');
      await insertMark(tx, organisation, row.id, {
        ...{ id, entry: body.entry, identity, note, made_at: ports.clock.now() },
      });
      const subjects = [
        { kind: 'audit-review', id: row.id },
        { kind: 'audit-entry', id: body.entry },
      ];
      await ports.audit.append(tx, doneBy(caller, 'audit.entry-marked', { subjects }));
    });
    return { status: 201, body: { id } };
  });
}

function close(ports: AuditRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/audit-reviews/:id/close',
    summary: 'Close a review with a statement',
    tags: TAGS,
    access: REVIEW,
    params: idParams,
    body: z.strictObject({ statement: z.string().trim().min(1).max(5_000) }),
    responses: { 200: summarySchema },
    errors: ['not-found', 'wrong-state', 'not-permitted'],
  }).handle(async ({ caller, params, body }) => {
    const { organisation } = caller;
    const by = await reviewerOf(ports, caller);
    const statement = await ports.vault.sealValue(
      'record',
      binding(caller, 'statement', params.id),
      body.statement,
    );
    const row = await ports.database.tenant([organisation], 'app', async (tx) => {
      const found = await findReview(tx, organisation, params.id);
      if (found === undefined) throw new Refusal('not-found');
      const people = Object.keys(found.counts.people);
      const onlySelf = people.length > 0 && people.every((one) => one === by);
      const at = ports.clock.now();
      const closed = await closeReview(tx, organisation, found.id, { by, at, statement, onlySelf });
      if (!closed) throw new Refusal('wrong-state');
      const marks = await marksOf(tx, organisation, found.id);
      await ports.audit.append(
        tx,
        doneBy(caller, 'audit.reviewed', {
          subjects: [{ kind: 'audit-review', id: found.id }],
          details: { from: found.from, to: found.to, marks: marks.length, onlySelf },
        }),
      );
      return { ...found, closedBy: by, closedAt: at, onlySelf };
    });
    return { status: 200, body: await summary(ports, caller, row) };
  });
}
