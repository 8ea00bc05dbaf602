import { z } from 'zod';
import type { Caller } from '#core/actor';
import type { IdentityId } from '#core/ids';
import {
  bytes,
  cursorId,
  defineRoute,
  empty,
  idParams,
  pageById,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import type { SafeguardPorts } from './ports.ts';
import type { ItemRow } from './review.store.ts';
import { reportCsv, reportJson } from './review-report.ts';
import { createReviews } from './reviews.ts';

const tags = ['access-reviews'];
const time = z.iso.datetime();
const person = z.strictObject({ id: z.string(), label: z.string() });

const reviewSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    audience: z.enum(['people', 'role', 'group', 'machines']),
    audienceId: z.string().nullable(),
    reviewers: z.array(person),
    dueAt: time,
    overdue: z.boolean(),
    everyMonths: z.int().nullable(),
    createdAt: time,
    closedAt: time.nullable(),
    items: z.int(),
    decided: z.int(),
    revoked: z.int(),
  })
  .meta({ id: 'AccessReview' });

const useSchema = z
  .strictObject({
    name: z.string().describe('Role by name, or permission'),
    lastUsedOn: z.iso.date().nullable().describe('UTC; null: never, as far as was counted'),
    uses: z.int().describe('Requests in the last 400 days'),
  })
  .meta({ id: 'AccessUse' });

const usageSchema = z
  .strictObject({
    since: z.iso.date().nullable().describe('Before this day nothing was counted'),
    roles: z.array(useSchema),
    permissions: z.array(useSchema),
  })
  .meta({ id: 'AccessUsage' });

const itemSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['member', 'assignment', 'service-account', 'api-key']),
    subject: z.string(),
    label: z.string().describe('The person’s name, the account’s, or the key’s label'),
    person: person.nullable().describe('Whose access it is; of a machine: who answers for it'),
    holds: z.array(z.string()),
    lastUsedAt: time.nullable(),
    usage: usageSchema
      .nullable()
      .describe(
        'How each was used when the campaign began; null in campaigns from before this was looked at',
      ),
    decision: z.enum(['keep', 'revoke']).nullable(),
    decidedBy: person.nullable(),
    decidedAt: time.nullable(),
    auditEntry: z.string().nullable(),
    mayDecide: z.boolean(),
  })
  .meta({ id: 'AccessReviewItem' });

export type ItemView = z.output<typeof itemSchema>;

/** Access reviews: opening them, deciding line by line, and the report. */
export function reviewRoutes(ports: SafeguardPorts): Route[] {
  const reviews = createReviews(ports);
  return [...campaignRoutes(ports, reviews), ...itemRoutes(ports, reviews)];
}

type Reviews = ReturnType<typeof createReviews>;

function campaignRoutes(ports: SafeguardPorts, reviews: Reviews): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/access-reviews',
      summary: 'Campaigns, newest first, with their progress',
      tags,
      access: { permission: 'access-reviews:read' },
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(reviewSchema) },
    }).handle(async ({ caller, query }) => {
      const page = await pageById(
        query,
        (position, limit) => reviews.list(caller, position, limit),
        (row) => row,
      );
      const people = await ports.access.members.people(page.items.flatMap(({ reviewers }) => reviewers));
      const now = ports.clock.now();
      const items = page.items.map((row) => ({
        ...{ id: row.id, name: row.name, audience: row.audience, audienceId: row.audience_id },
        reviewers: row.reviewers.map((id) => ({ id, label: people.get(id)?.displayName ?? '' })),
        ...{ dueAt: row.due_at.toISOString(), overdue: row.closed_at === null && row.due_at <= now },
        ...{ everyMonths: row.every_months, createdAt: row.created_at.toISOString() },
        closedAt: row.closed_at?.toISOString() ?? null,
        ...{ items: row.items, decided: row.decided, revoked: row.revoked },
      }));
      return { status: 200, body: { ...page, items } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/access-reviews',
      summary: 'Open one: what everybody holds now becomes its lines',
      tags,
      access: { permission: 'access-reviews:decide' },
      body: z.strictObject({
        name: z.string().trim().min(1).max(100),
        audience: z.enum(['people', 'role', 'group', 'machines']),
        audienceId: z.string().min(1).max(60).nullable().default(null),
        reviewers: z.array(z.uuid()).min(1).max(20),
        dueAt: time,
        everyMonths: z.int().min(1).max(24).nullable().default(null),
      }),
      responses: { 201: z.strictObject({ id: z.string(), items: z.int() }) },
      errors: ['limit-reached'],
    }).handle(async ({ caller, body }) => {
      const reviewers = [...new Set(body.reviewers)].map((id) => id as IdentityId);
      const opened = await reviews.open(caller, { ...body, reviewers, dueAt: new Date(body.dueAt) });
      return { status: 201, body: opened };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/access-reviews/:id/close',
      summary: 'Close it when every line is decided',
      tags,
      access: { permission: 'access-reviews:decide' },
      params: idParams,
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params }) => {
      await reviews.close(caller, params.id);
      return { status: 204 };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/access-reviews/:id/report',
      summary: 'The result as a file, with the audit entries of the decisions; taking it is on record',
      tags,
      access: { permission: 'access-reviews:read' },
      stepUp: true,
      params: idParams,
      query: z.strictObject({ format: z.enum(['csv', 'json']).default('csv') }),
      responses: { 200: bytes('text/csv; charset=utf-8') },
    }).handle(async ({ caller, params, query }) => {
      const { review, items } = await reviews.report(caller, params.id);
      const lines = await shown(ports, caller, items);
      const name = `access-review-${review.id}.${query.format}`;
      const json = query.format === 'json';
      return {
        status: 200,
        body: Buffer.from(json ? reportJson(review, lines) : reportCsv(lines)),
        headers: {
          'content-type': json ? 'application/json; charset=utf-8' : 'text/csv; charset=utf-8',
          'content-disposition': `attachment; filename="${name}"`,
        },
      };
    }),
  ];
}

function itemRoutes(ports: SafeguardPorts, reviews: Reviews): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/access-reviews/:id/items',
      summary: 'Its lines: who can do what, and when and how often each was used',
      tags,
      access: { permission: 'access-reviews:read' },
      params: idParams,
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(itemSchema) },
    }).handle(async ({ caller, params, query }) => {
      const rows = await reviews.items(caller, params.id, cursorId(query.cursor), query.limit + 1);
      const page = pageFrom(
        rows,
        query.limit,
        ({ id }) => [id],
        (row) => row,
      );
      return { status: 200, body: { ...page, items: await shown(ports, caller, page.items) } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/access-review-items/:id/decide',
      summary: 'Keep or revoke; revoking takes effect at once. Nobody decides on their own access',
      tags,
      access: { permission: 'access-reviews:decide' },
      stepUp: true,
      params: idParams,
      body: z.strictObject({ decision: z.enum(['keep', 'revoke']) }),
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      await reviews.decide(caller, params.id, body.decision);
      return { status: 204 };
    }),
  ];
}

async function shown(
  { access, database }: SafeguardPorts,
  caller: Caller,
  items: readonly ItemRow[],
): Promise<ItemView[]> {
  const people = await access.members.people(
    items.flatMap(({ person: whose, decided_by: by }) => [whose, by].filter((id) => id !== null)),
  );
  const machines = items.filter(({ kind }) => kind === 'api-key' || kind === 'service-account');
  const names = await database.tenant([caller.organisation], 'app', (tx) =>
    access.reviewHoldings.machineNames(
      tx,
      caller.organisation,
      machines.map(({ subject }) => subject),
    ),
  );
  const label = (id: IdentityId | null) =>
    id === null ? null : { id, label: people.get(id)?.displayName ?? '' };
  const self = caller.actor.kind === 'person' ? caller.actor.identity : null;
  return items.map((item) => ({
    ...{ id: item.id, kind: item.kind, subject: item.subject, holds: item.holds },
    label: names.get(item.subject) ?? label(item.person)?.label ?? '',
    person: label(item.person),
    lastUsedAt: item.last_used_at?.toISOString() ?? null,
    usage: item.usage && {
      since: item.usage.since,
      roles: [...item.usage.roles],
      permissions: [...item.usage.permissions],
    },
    decision: item.decision,
    decidedBy: label(item.decided_by),
    decidedAt: item.decided_at?.toISOString() ?? null,
    auditEntry: item.audit_entry,
    mayDecide: item.decision === null && self !== null && item.person !== self,
  }));
}
