import { z } from 'zod';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { MonitoringRoutePorts } from './routes.ts';
import { channelSchema, channelView, severitySchema } from './schemas.ts';

const TAGS = ['monitoring'];
const label = z.string().trim().min(1).max(80);

const toSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('mail'),
      label,
      people: z.array(z.uuid()).min(1).max(50).describe('Members who may read incidents'),
    }),
    z.strictObject({ kind: z.literal('text'), label, numbers: z.array(z.string().max(30)).min(1).max(10) }),
    z.strictObject({ kind: z.literal('webhook'), label, url: z.url({ protocol: /^https$/ }).max(500) }),
  ])
  .meta({ id: 'AlertChannelTo' });

const settingsSchema = z
  .strictObject({
    mutedUntil: z.iso
      .datetime()
      .nullable()
      .describe('For maintenance, seven days at most; muted alerts are shown as such'),
    escalateMinutes: z.number().int().min(0).max(10_080).describe('0: never'),
  })
  .meta({ id: 'AlertSettings' });

export function channelRoutes(ports: MonitoringRoutePorts): Route[] {
  return [
    list(ports),
    make(ports),
    change(ports),
    remove(ports),
    test(ports),
    settings(ports),
    setSettings(ports),
  ];
}

function list({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/alert-channels',
    summary: 'Who is told of incidents, and whether that works',
    tags: TAGS,
    access: { permission: 'alerts:read' },
    responses: { 200: z.strictObject({ items: z.array(channelSchema) }) },
  }).handle(async ({ caller }) => {
    const channels = await monitoring.channels.list(caller);
    return {
      status: 200,
      body: { items: await Promise.all(channels.map((one) => channelView(labelActor, caller, one))) },
    };
  });
}

function make({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/alert-channels',
    summary: 'Add a channel: mail to members, texts, or a webhook',
    description:
      'A webhook gets `POST` with `Sealpost-Signature: t=<seconds>,v1=<hex>`: HMAC-SHA256 with its secret over `t`, a dot and the body. The secret is told in this answer alone.',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    stepUp: true,
    body: z.strictObject({
      to: toSchema,
      least: severitySchema.default('medium'),
      active: z.boolean().default(true),
    }),
    responses: { 201: z.strictObject({ channel: channelSchema, secret: z.string().nullable() }) },
    errors: ['invalid', 'limit-reached'],
  }).handle(async ({ caller, body }) => {
    const { channel, secret } = await monitoring.channels.make(caller, body);
    return { status: 201, body: { channel: await channelView(labelActor, caller, channel), secret } };
  });
}

function change({ monitoring, labelActor }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'PATCH',
    path: '/v1/alert-channels/:id',
    summary: 'From which severity on a channel is told, and whether it is on',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    stepUp: true,
    fourEyes: 'monitoring',
    params: idParams,
    body: z.strictObject({ least: severitySchema, active: z.boolean() }),
    responses: { 200: channelSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params, body }) => {
    const channel = await monitoring.channels.change(caller, params.id, body);
    return { status: 200, body: await channelView(labelActor, caller, channel) };
  });
}

function remove({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/alert-channels/:id',
    summary: 'Remove a channel',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    stepUp: true,
    fourEyes: 'monitoring',
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await monitoring.channels.remove(caller, params.id);
    return { status: 204 };
  });
}

function test({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/alert-channels/:id/test',
    summary: 'Send a test alert; the list then shows what came of it',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    params: idParams,
    responses: { 202: empty },
    errors: ['not-found', 'limit-reached'],
  }).handle(async ({ caller, params }) => {
    await monitoring.channels.test(caller, params.id);
    return { status: 202 };
  });
}

function settings({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/alert-settings',
    summary: 'Whether alerts are muted, and when an incident that nobody acknowledged alerts again',
    tags: TAGS,
    access: { permission: 'alerts:read' },
    responses: { 200: settingsSchema },
  }).handle(async ({ caller }) => {
    const { mutedUntil, escalateMinutes } = await monitoring.channels.settings(caller);
    return { status: 200, body: { mutedUntil: mutedUntil?.toISOString() ?? null, escalateMinutes } };
  });
}

function setSettings({ monitoring }: MonitoringRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/alert-settings',
    summary: 'Mute alerts until a time, and set the escalation',
    tags: TAGS,
    access: { permission: 'alerts:write' },
    stepUp: true,
    fourEyes: 'monitoring',
    body: settingsSchema,
    responses: { 200: settingsSchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => {
    const mutedUntil = body.mutedUntil === null ? null : new Date(body.mutedUntil);
    await monitoring.channels.setSettings(caller, { mutedUntil, escalateMinutes: body.escalateMinutes });
    return { status: 200, body };
  });
}
