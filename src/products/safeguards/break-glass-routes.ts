import { z } from 'zod';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import { EMERGENCY_MOST } from '#platform/access';
import { defineRoute, empty, idParams, pageById, pageOf, pageQuery, type Route } from '#platform/http';
import { type BreakGlass, createBreakGlass } from './break-glass.ts';
import type { SafeguardPorts } from './ports.ts';

const tags = ['break-glass'];
const time = z.iso.datetime();
const person = z.strictObject({ id: z.string(), label: z.string() });

const viewSchema = z
  .strictObject({
    id: z.string(),
    person,
    reason: z.string(),
    reference: z.string().nullable(),
    startedAt: time,
    expiresAt: time,
    endedAt: time.nullable(),
    endedEarly: z.boolean(),
    review: z.strictObject({ by: person, at: time, justified: z.boolean(), note: z.string() }).nullable(),
    overdue: z.boolean().describe('Ended more than 72 hours ago and not reviewed'),
    mayReview: z.boolean(),
  })
  .meta({ id: 'BreakGlass' });

const actsSchema = z
  .strictObject({
    acts: z.array(
      z.strictObject({
        id: z.string().describe('Of the audit entry'),
        at: time,
        action: z.string(),
        result: z.enum(['done', 'refused', 'failed']),
        subjects: z.array(z.strictObject({ kind: z.string(), id: z.string() })),
      }),
    ),
    all: z.boolean().describe('False: the audit log has more than is shown here'),
  })
  .meta({ id: 'BreakGlassActs' });

const runningSchema = z.strictObject({ id: z.string(), expiresAt: time });
const permissions = z.array(z.enum(EMERGENCY_MOST)).min(1).max(EMERGENCY_MOST.length);

/** Emergency access: taking it, ending it, and looking at what was done with it. */
export function breakGlassRoutes(ports: SafeguardPorts): Route[] {
  const glasses = createBreakGlass(ports);
  return [...useRoutes(glasses), ...reviewRoutes(ports, glasses), ...settingRoutes(ports)];
}

type Glasses = ReturnType<typeof createBreakGlass>;

function useRoutes(glasses: Glasses): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/break-glass',
      summary: 'Take emergency access for a time; who reviews it is alarmed at once',
      tags,
      access: { permission: 'break-glass:use' },
      stepUp: true,
      body: z.strictObject({
        reason: z.string().trim().min(10).max(500),
        reference: z.string().trim().min(1).max(200).nullable().default(null),
        minutes: z.int().min(15).max(240).default(60),
      }),
      responses: { 201: runningSchema },
      errors: ['wrong-state'],
    }).handle(async ({ caller, body }) => {
      const { id, expiresAt } = await glasses.start(caller, body);
      return { status: 201, body: { id, expiresAt: expiresAt.toISOString() } };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/break-glass/running',
      summary: 'The caller’s own emergency access while it runs',
      tags,
      access: 'session',
      responses: { 200: z.strictObject({ running: runningSchema.nullable() }) },
    }).handle(async ({ caller }) => {
      const found = await glasses.running(caller);
      const running = found && { id: found.id, expiresAt: found.expiresAt.toISOString() };
      return { status: 200, body: { running } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/break-glass/:id/end',
      summary: 'End it early: one’s own, or as a reviewer',
      tags,
      access: 'session',
      params: idParams,
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params }) => {
      await glasses.end(caller, params.id);
      return { status: 204 };
    }),
  ];
}

function reviewRoutes(ports: SafeguardPorts, glasses: Glasses): Route[] {
  const access = { permission: 'break-glass:review' } as const;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/break-glass',
      summary: 'Who took emergency access, newest first',
      tags,
      access,
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(viewSchema) },
    }).handle(async ({ caller, query }) => {
      const page = await pageById(
        query,
        (position, limit) => glasses.list(caller, position, limit),
        (one) => one,
      );
      const ids = page.items.flatMap((one) => [
        one.identity,
        ...(one.review === null ? [] : [one.review.by]),
      ]);
      const people = await ports.access.members.people(ids);
      const label = (id: BreakGlass['identity']) => ({ id, label: people.get(id)?.displayName ?? '' });
      const items = page.items.map(({ identity, review, startedAt, expiresAt, endedAt, ...one }) => ({
        ...one,
        person: label(identity),
        startedAt: startedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        endedAt: endedAt?.toISOString() ?? null,
        review: review && { ...review, by: label(review.by), at: review.at.toISOString() },
      }));
      return { status: 200, body: { ...page, items } };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/break-glass/:id/acts',
      summary: 'What the person did during it, from the audit log; looking at it is on record',
      tags,
      access,
      params: idParams,
      responses: { 200: actsSchema },
    }).handle(async ({ caller, params }) => {
      const { acts, all } = await glasses.acts(caller, params.id);
      const shown = acts.map(({ id, entry }) => ({
        ...{ id, at: entry.time, action: entry.action, result: entry.result },
        subjects: entry.subjects.map((subject) => ({ kind: subject.kind, id: subject.id })),
      }));
      return { status: 200, body: { acts: shown, all } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/break-glass/:id/review',
      summary: 'Close it with a judgement; never one’s own',
      tags,
      access,
      params: idParams,
      body: z.strictObject({ justified: z.boolean(), note: z.string().trim().min(1).max(1000) }),
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      await glasses.review(caller, params.id, body);
      return { status: 204 };
    }),
  ];
}

function settingRoutes({ access, database, audit }: SafeguardPorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/break-glass-settings',
      summary: 'What emergency access gives',
      tags,
      access: { permission: 'roles:read' },
      responses: { 200: z.strictObject({ permissions: z.array(z.string()), possible: z.array(z.string()) }) },
    }).handle(async ({ caller }) => {
      const { organisation } = caller;
      const held = await database.tenant([organisation], 'app', (tx) =>
        access.emergency.permissions(tx, organisation),
      );
      return { status: 200, body: { permissions: [...held], possible: [...EMERGENCY_MOST] } };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/break-glass-settings',
      summary: 'Change what emergency access gives; nobody can put in what they do not hold',
      tags,
      access: { permission: 'roles:write' },
      stepUp: true,
      fourEyes: 'roles',
      body: z.strictObject({ permissions }),
      responses: { 204: empty },
    }).handle(async ({ caller, body }) => {
      const { organisation } = caller;
      await database.tenant([organisation], 'app', async (tx) => {
        const before = await access.emergency.permissions(tx, organisation);
        const added = body.permissions.filter((one) => !before.includes(one));
        // As they hold it now and for good, beyond care: the role opens it to whoever takes emergency access later.
        const held = await access.provided.lasting(tx, caller);
        const missing = added.find((permission) => !held.has(permission));
        if (missing !== undefined) throw new Refusal('not-permitted', { permission: missing });
        await access.emergency.setPermissions(tx, organisation, body.permissions);
        const details = { permissions: body.permissions.join(' '), added: added.join(' ') };
        await audit.append(tx, doneBy(caller, 'break-glass.settings-changed', { details }));
      });
      return { status: 204 };
    }),
  ];
}
