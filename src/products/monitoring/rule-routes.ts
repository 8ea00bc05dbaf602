import { z } from 'zod';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { MonitoringRoutePorts } from './routes.ts';
import { definitionSchema } from './rule.ts';
import { ruleSchema, ruleView, severitySchema, trySchema, tryView } from './schemas.ts';

const TAGS = ['monitoring'];
const ruleParams = z.strictObject({ id: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,63}$/) });
const channels = z.array(z.uuid()).max(20).nullable();
const name = z.string().trim().min(1).max(120);

export function ruleRoutes(ports: MonitoringRoutePorts): Route[] {
  return [list(ports), make(ports), change(ports), remove(ports), startTry(ports), readTry(ports)];
}

function list({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/alert-rules',
    summary: 'Rules that watch the audit stream: ready ones, as they are in force, and your own',
    tags: TAGS,
    access: { permission: 'alerts:read' },
    responses: { 200: z.strictObject({ items: z.array(ruleSchema) }) },
  }).handle(async ({ caller }) => {
    const rules = await monitoring.rules.list(caller);
    return {
      status: 200,
      body: { items: await Promise.all(rules.map((one) => ruleView(labelActor, caller, one))) },
    };
  });
}

function make({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/alert-rules',
    summary: 'Make a rule of your own',
    description: 'It watches what is recorded from now on; try it on the past first.',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    stepUp: true,
    body: z.strictObject({
      name,
      definition: definitionSchema,
      severity: severitySchema,
      active: z.boolean().default(true),
      channels: channels.default(null),
    }),
    responses: { 201: ruleSchema },
    errors: ['invalid', 'limit-reached'],
  }).handle(async ({ caller, body }) => {
    const rule = await monitoring.rules.make(caller, body);
    return { status: 201, body: await ruleView(labelActor, caller, rule) };
  });
}

function change({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/v1/alert-rules/:id',
    summary: 'Change a rule, a ready one too; switch it off or on',
    description: 'A changed definition begins to count anew.',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    stepUp: true,
    fourEyes: 'monitoring',
    params: ruleParams,
    body: z.strictObject({
      revision: z.number().int().min(0),
      name: name.optional(),
      definition: definitionSchema.optional(),
      severity: severitySchema.optional(),
      active: z.boolean().optional(),
      channels: channels.optional(),
    }),
    responses: { 200: ruleSchema },
    errors: ['not-found', 'version-conflict', 'invalid'],
  }).handle(async ({ caller, params, body }) => {
    const { revision, ...wanted } = body;
    const rule = await monitoring.rules.change(caller, params.id, revision, wanted);
    return { status: 200, body: await ruleView(labelActor, caller, rule) };
  });
}

function remove({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/alert-rules/:id',
    summary: 'Remove a rule of your own, or set a ready one back to what it was',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    stepUp: true,
    fourEyes: 'monitoring',
    params: ruleParams,
    responses: { 204: empty },
    errors: ['not-found', 'version-conflict'],
  }).handle(async ({ caller, params }) => {
    await monitoring.rules.remove(caller, params.id);
    return { status: 204 };
  });
}

function startTry({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/alert-rules/try',
    summary: 'Try a rule on the entries of the last days',
    description:
      'The worker reads 1 to 30 days again, with 28 days before them to learn from. Nothing is opened and nobody is told.',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    body: z.strictObject({
      definition: definitionSchema,
      severity: severitySchema.default('medium'),
      days: z.number().int().min(1).max(30).default(30),
    }),
    responses: { 202: trySchema },
    errors: ['invalid', 'limit-reached'],
  }).handle(async ({ caller, body }) => ({
    status: 202,
    body: tryView(await monitoring.tries.start(caller, body)),
  }));
}

function readTry({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/alert-rules/try/:id',
    summary: 'How far a try has come, and what the rule would have found',
    tags: TAGS,
    access: { permission: 'alerts:read' },
    params: idParams,
    responses: { 200: trySchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => ({
    status: 200,
    body: tryView(await monitoring.tries.read(caller, params.id)),
  }));
}
