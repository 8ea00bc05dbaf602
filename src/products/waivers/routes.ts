import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import {
  actorViewSchema,
  defineRoute,
  idParams,
  pageById,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import type { ShownWaiver, Waivers } from './waivers.ts';

export interface WaiverRoutePorts {
  readonly waivers: Waivers;
  /** Who did it, with a name to show. */
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['policy'];

const waiverSchema = z
  .strictObject({
    id: z.uuid(),
    address: z.string(),
    text: z.string().meta({ description: 'What the recipient was shown, word for word' }),
    language: z.string().meta({ description: 'Language of the text, a BCP 47 tag' }),
    state: z.enum(['valid', 'expired', 'withdrawn', 'replaced']),
    recordedAt: z.iso.datetime(),
    recordedBy: actorViewSchema,
    expiresAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
    endedBy: actorViewSchema.nullable(),
  })
  .meta({ id: 'Waiver' });

/** Waivers of recipients who want plain mail (SL-12). Addresses travel in bodies, never in URLs. */
export function waiverRoutes(ports: WaiverRoutePorts): Route[] {
  return [list(ports), record(ports), withdraw(ports)];
}

async function view({ labelActor }: WaiverRoutePorts, caller: Caller, shown: ShownWaiver) {
  const { row, address, text, state } = shown;
  return {
    ...{ id: row.id, address, text, state, language: row.language },
    recordedAt: row.recorded_at.toISOString(),
    recordedBy: await labelActor(caller, row.recorded_by),
    expiresAt: row.expires_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    endedBy: row.ended_by && (await labelActor(caller, row.ended_by)),
  };
}

function list(ports: WaiverRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/waivers',
    summary: 'Waivers of recipients who want plain mail, newest first',
    description: 'Those that have ended too: what was shown to whom is kept on record.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(waiverSchema) },
  }).handle(async ({ caller, query }) => {
    const page = await pageById(
      query,
      (position, limit) => ports.waivers.list(caller, position, limit),
      (one) => view(ports, caller, one),
    );
    return { status: 200, body: page };
  });
}

function record(ports: WaiverRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/waivers',
    summary: 'Record that a recipient was told of the risk and wants plain mail',
    description:
      'A waiver that the recipient had before ends as replaced. It has an effect only where the policy has waivers on, for classes up to the policy’s highest, and after every listed method.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    body: z.strictObject({
      address: z.string().min(3).max(320),
      text: z.string().trim().min(20).max(10_000),
      language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/),
      expiresAt: z.iso.datetime(),
    }),
    responses: { 201: waiverSchema },
    errors: ['invalid-address', 'invalid', 'wrong-state'],
  }).handle(async ({ caller, body }) => {
    const given = { ...body, expiresAt: new Date(body.expiresAt) };
    return { status: 201, body: await view(ports, caller, await ports.waivers.record(caller, given)) };
  });
}

function withdraw(ports: WaiverRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/waivers/:id/withdraw',
    summary: 'End a waiver at once',
    description: 'The record stays; copies that are sent from now on do not go under it.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    responses: { 200: waiverSchema },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params }) => {
    const shown = await ports.waivers.withdraw(caller, params.id);
    return { status: 200, body: await view(ports, caller, shown) };
  });
}
