import { z } from 'zod';
import {
  cursorId,
  defineRoute,
  empty,
  FOUR_EYES_CODES,
  idParams,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import { createPendingActs, nameOf } from './pending.ts';
import type { SafeguardPorts } from './ports.ts';

const tags = ['four-eyes'];
const time = z.iso.datetime();
const person = z.strictObject({ id: z.string(), label: z.string() });
const codes = z.array(z.enum(FOUR_EYES_CODES)).max(FOUR_EYES_CODES.length);

const pendingSchema = z
  .strictObject({
    id: z.string(),
    code: z.string(),
    route: z.string(),
    summary: z.string().describe('What the route does, in a sentence; empty where it is no longer there'),
    asker: person,
    askedAt: time,
    expiresAt: time,
    state: z.enum(['waiting', 'expired', 'running', 'done', 'refused', 'failed', 'rejected', 'withdrawn']),
    decidedBy: person.nullable(),
    decidedAt: time.nullable(),
    refusal: z.string().nullable(),
    mayDecide: z.boolean(),
    mayWithdraw: z.boolean(),
    hasAnswer: z.boolean().describe('What it answered waits for the asker, who can take it once'),
  })
  .meta({ id: 'PendingAct' });

/** Acts that wait for a second person. Open to all who are signed in: each decides on what they could do themselves. */
export function pendingRoutes(ports: SafeguardPorts): Route[] {
  const pending = createPendingActs(ports);
  return [listRoute(ports, pending), ...decideRoutes(pending), ...settingRoutes(pending)];
}

type Pending = ReturnType<typeof createPendingActs>;

function listRoute({ access, clock, heldRoutes }: SafeguardPorts, pending: Pending): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/pending-acts',
    summary: 'What waits for a second person, and what became of it',
    tags,
    access: 'session',
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(pendingSchema) },
  }).handle(async ({ caller, session, query }) => {
    const rows = await pending.list(caller, cursorId(query.cursor), query.limit + 1);
    const ids = rows.flatMap((row) => [row.asker, row.decided_by].filter((id) => id !== null));
    const people = await access.members.people(ids);
    const label = (id: (typeof ids)[number]) => ({ id, label: people.get(id)?.displayName ?? '' });
    const now = clock.now();
    const page = pageFrom(
      rows,
      query.limit,
      ({ id }) => [id],
      (row) => {
        const over = row.state === 'waiting' && row.expires_at <= now;
        const own = row.asker === session.identity;
        return {
          ...{ id: row.id, code: row.code, route: row.route, asker: label(row.asker) },
          summary: heldRoutes.current.find((one) => nameOf(one) === row.route)?.summary ?? '',
          ...{ askedAt: row.asked_at.toISOString(), expiresAt: row.expires_at.toISOString() },
          state: over ? ('expired' as const) : row.state,
          decidedBy: row.decided_by && label(row.decided_by),
          decidedAt: row.decided_at?.toISOString() ?? null,
          refusal: row.refusal,
          mayDecide: pending.mayDecide(caller, row),
          mayWithdraw: own && row.state === 'waiting' && !over,
          hasAnswer: own && row.answer !== null,
        };
      },
    );
    return { status: 200, body: page };
  });
}

function decideRoutes(pending: Pending): Route[] {
  const common = { tags, access: 'session', params: idParams } as const;
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: '/v1/pending-acts/:id/request',
      summary: 'What it asks for, for who may decide on it; looking is on record',
      responses: {
        200: z.strictObject({
          items: z.array(
            z
              .strictObject({
                name: z.string().describe('Where it stands in the request, such as `body.retentionYears`'),
                value: z.string().nullable().describe('Null: a secret, which is not shown'),
              })
              .meta({ id: 'PendingActValue' }),
          ),
        }),
      },
      errors: ['not-found', 'gone'],
    }).handle(async ({ caller, params }) => {
      return { status: 200, body: { items: [...(await pending.request(caller, params.id))] } };
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/pending-acts/:id/approve',
      summary: 'Approve: it is done now, once, as the one who asked for it',
      stepUp: true,
      responses: { 200: z.strictObject({ outcome: z.enum(['done', 'refused', 'failed']) }) },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params, pageOrigin }) => {
      return { status: 200, body: { outcome: await pending.approve(caller, params.id, pageOrigin) } };
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/pending-acts/:id/reject',
      summary: 'Reject it',
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params }) => {
      await pending.reject(caller, params.id);
      return { status: 204 };
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/pending-acts/:id/withdraw',
      summary: 'Take back what oneself asked for',
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params }) => {
      await pending.withdraw(caller, params.id);
      return { status: 204 };
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/v1/pending-acts/:id/answer',
      summary: 'What the act answered, as JSON; for the asker, once',
      responses: { 200: z.strictObject({ json: z.string() }) },
      errors: ['gone'],
    }).handle(async ({ caller, params }) => {
      return { status: 200, body: { json: JSON.stringify(await pending.answer(caller, params.id)) } };
    }),
  ];
}

function settingRoutes(pending: Pending): Route[] {
  const schema = z.strictObject({ codes: z.array(z.string()), possible: z.array(z.string()) });
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/four-eyes-settings',
      summary: 'Which kinds of acts want a second person',
      tags,
      access: { permission: 'organisation:read' },
      responses: { 200: schema },
    }).handle(async ({ caller }) => {
      const chosen = await pending.settings(caller);
      return { status: 200, body: { codes: [...chosen], possible: [...FOUR_EYES_CODES] } };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/four-eyes-settings',
      summary: 'Choose them; where any is chosen, this too wants a second person',
      tags,
      access: { permission: 'organisation:write' },
      stepUp: true,
      fourEyes: 'settings',
      body: z.strictObject({ codes }),
      responses: { 204: empty },
      description:
        'Refused as `wrong-state`, reason `nobody-else`, where only one person could do or approve acts of a kind: `codes` names them.',
      errors: ['wrong-state'],
    }).handle(async ({ caller, body }) => {
      await pending.change(caller, [...new Set(body.codes)]);
      return { status: 204 };
    }),
  ];
}
