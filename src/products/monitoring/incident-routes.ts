import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import { cursorId, defineRoute, encodeCursor, idParams, pageOf, pageQuery, type Route } from '#platform/http';
import { INCIDENT_STATES } from './incident.store.ts';
import { CAUSES, type IncidentAct } from './incidents.ts';
import type { MonitoringRoutePorts } from './routes.ts';
import {
  incidentDetailSchema,
  incidentDetailView,
  incidentSchema,
  incidentView,
  severitySchema,
} from './schemas.ts';

const TAGS = ['monitoring'];
const note = z.string().trim().max(4_000);

const actSchema = z
  .discriminatedUnion('act', [
    z.strictObject({ act: z.literal('acknowledge') }),
    z.strictObject({ act: z.literal('assign'), to: z.uuid().describe('A member who may read incidents') }),
    z.strictObject({ act: z.literal('raise'), severity: severitySchema }),
    z.strictObject({ act: z.literal('note'), note: note.min(1) }),
    z.strictObject({ act: z.literal('close'), cause: z.enum(CAUSES), note: note.default('') }),
    z.strictObject({ act: z.literal('reopen') }),
  ])
  .meta({ id: 'IncidentAct' });

export function incidentRoutes(ports: MonitoringRoutePorts): Route[] {
  return [list(ports), count(ports), open(ports), read(ports), act(ports)];
}

function list({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/incidents',
    summary: 'Incidents, newest first',
    tags: TAGS,
    access: { permission: 'incidents:read' },
    query: z.strictObject({
      ...pageQuery,
      state: z.enum([...INCIDENT_STATES, 'not-closed', 'all']).default('not-closed'),
    }),
    responses: { 200: pageOf(incidentSchema) },
  }).handle(async ({ caller, query }) => {
    const { state, limit, cursor } = query;
    const states =
      state === 'all'
        ? INCIDENT_STATES
        : state === 'not-closed'
          ? INCIDENT_STATES.filter((one) => one !== 'closed')
          : [state];
    const found = await monitoring.incidents.list(caller, {
      states,
      before: cursorId(cursor),
      most: limit + 1,
    });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const items = await Promise.all(shown.map((one) => incidentView(labelActor, caller, one)));
    return {
      status: 200,
      body: { items, next: found.length > limit && last ? encodeCursor(last.id) : null },
    };
  });
}

function count({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/incidents/count',
    summary: 'How many incidents are not closed, and how many nobody has acknowledged',
    tags: TAGS,
    access: { permission: 'incidents:read' },
    responses: { 200: z.strictObject({ open: z.number().int(), unanswered: z.number().int() }) },
  }).handle(async ({ caller }) => ({ status: 200, body: await monitoring.incidents.count(caller) }));
}

function open({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/incidents',
    summary: 'Open an incident by hand',
    tags: TAGS,
    access: { permission: 'incidents:manage' },
    body: z.strictObject({
      title: z.string().trim().min(1).max(200),
      severity: severitySchema,
      entries: z.array(z.uuid()).max(100).default([]).describe('Audit entries that show it'),
      note: note.default(''),
    }),
    responses: { 201: incidentDetailSchema },
  }).handle(async ({ caller, body }) => {
    const made = await monitoring.incidents.open(caller, body);
    return { status: 201, body: await incidentDetailView(labelActor, caller, made) };
  });
}

function read({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/incidents/:id',
    summary: 'One incident with its evidence, its time line and who was told',
    description: 'Evidence is ids of audit entries: what is sealed in them opens with `audit:resolve` alone.',
    tags: TAGS,
    access: { permission: 'incidents:read' },
    params: idParams,
    responses: { 200: incidentDetailSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const incident = await monitoring.incidents.read(caller, params.id);
    return { status: 200, body: await incidentDetailView(labelActor, caller, incident) };
  });
}

function act({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/incidents/:id/acts',
    summary: 'Acknowledge, assign, raise, note, close or reopen an incident',
    tags: TAGS,
    access: { permission: 'incidents:manage' },
    params: idParams,
    body: actSchema,
    responses: { 200: incidentDetailSchema },
    errors: ['not-found', 'wrong-state', 'invalid'],
  }).handle(async ({ caller, params, body }) => {
    const incident = await monitoring.incidents.act(caller, params.id, actOf(body));
    return { status: 200, body: await incidentDetailView(labelActor, caller, incident) };
  });
}

function actOf(body: z.output<typeof actSchema>): IncidentAct {
  switch (body.act) {
    case 'acknowledge':
    case 'reopen':
      return { kind: body.act };
    case 'assign':
      return { kind: 'assign', to: body.to as IdentityId };
    case 'raise':
      return { kind: 'raise', severity: body.severity };
    case 'note':
      return { kind: 'note', note: body.note };
    case 'close':
      return { kind: 'close', cause: body.cause, note: body.note };
  }
}
