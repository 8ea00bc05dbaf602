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
import { RELATIONS } from './caregiver.store.ts';
import type { Caregivers, ShownGrant } from './caregivers.ts';

export interface CaregiverRoutePorts {
  readonly caregivers: Caregivers;
  /** Who did it, with a name to show. */
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['recipients'];
const STREAMS = ['transactional', 'business', 'marketing'] as const;
const CLASSES = ['ordinary', 'light', 'high'] as const;
const time = z.iso.datetime();

const scope = {
  relation: z.enum(RELATIONS),
  streams: z.array(z.enum(STREAMS)).min(1).max(3).describe('Messages of other streams are not shown'),
  highestClass: z
    .enum(CLASSES)
    .describe('Messages above it are not shown; `high` opens psychotherapy, substance use, genetic and HIV'),
  mayReply: z.boolean(),
  showsAddress: z.boolean().describe('Whether the caregiver is shown the patient’s address beside the label'),
  notices: z.boolean().describe('Whether new messages are announced to the caregiver too, without content'),
};

const grantSchema = z
  .strictObject({
    id: z.uuid(),
    patientAddress: z.string(),
    caregiverAddress: z.string(),
    label: z.string().describe('What the caregiver reads after “for”'),
    reason: z.string(),
    ...scope,
    state: z.enum(['valid', 'to-come', 'expired', 'withdrawn', 'replaced']),
    startsAt: time,
    expiresAt: time,
    grantedAt: time,
    grantedBy: actorViewSchema,
    endedAt: time.nullable(),
    endedBy: actorViewSchema.nullable(),
  })
  .meta({ id: 'CaregiverGrant' });

/** Caregivers of patients (45 CFR 164.502(g), 164.510(b)). Addresses travel in bodies, never in URLs. */
export function caregiverRoutes(ports: CaregiverRoutePorts): Route[] {
  return [list(ports), grant(ports), withdraw(ports)];
}

async function view({ labelActor }: CaregiverRoutePorts, caller: Caller, shown: ShownGrant) {
  const { row, patientAddress, caregiverAddress, label, reason, state } = shown;
  const { id, relation, streams, highestClass, mayReply, showsAddress, notices } = row;
  return {
    ...{ id, patientAddress, caregiverAddress, label, reason, state },
    ...{ relation, streams: [...streams], highestClass, mayReply, showsAddress, notices },
    startsAt: row.startsAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    grantedAt: row.grantedAt.toISOString(),
    grantedBy: await labelActor(caller, row.grantedBy),
    endedAt: row.endedAt?.toISOString() ?? null,
    endedBy: row.endedBy && (await labelActor(caller, row.endedBy)),
  };
}

function list(ports: CaregiverRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/caregivers',
    summary: 'Who may see whose messages in the portal, newest first',
    description: 'Grants that have ended too: who could read what, and why, is kept on record.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(grantSchema) },
  }).handle(async ({ caller, query }) => {
    const page = await pageById(
      query,
      (position, limit) => ports.caregivers.list(caller, position, limit),
      (one) => view(ports, caller, one),
    );
    return { status: 200, body: page };
  });
}

function grant(ports: CaregiverRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/caregivers',
    summary: 'Let a caregiver see a patient’s messages in the portal',
    description:
      'The caregiver signs in with their own address. A grant that stood between the two ends as replaced. Without an end it holds for 90 days; at most a year, for a parent of a minor until a day within 18 years.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    body: z.strictObject({
      patientAddress: z.string().min(3).max(320),
      caregiverAddress: z.string().min(3).max(320),
      label: z.string().trim().min(1).max(100),
      reason: z.string().trim().min(3).max(1000),
      relation: scope.relation,
      streams: scope.streams.default([...STREAMS]),
      highestClass: scope.highestClass.default('light'),
      mayReply: scope.mayReply.default(false),
      showsAddress: scope.showsAddress.default(false),
      notices: scope.notices.default(true),
      startsAt: time.optional(),
      expiresAt: time.optional(),
    }),
    responses: { 201: grantSchema },
    errors: ['invalid-address', 'invalid', 'wrong-state'],
  }).handle(async ({ caller, body }) => {
    const moment = (text: string | undefined): Date | null => (text === undefined ? null : new Date(text));
    const period = { startsAt: moment(body.startsAt), expiresAt: moment(body.expiresAt) };
    const given = await ports.caregivers.grant(caller, { ...body, ...period });
    return { status: 201, body: await view(ports, caller, given) };
  });
}

function withdraw(ports: CaregiverRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/caregivers/:id/withdraw',
    summary: 'End a caregiver’s access at once',
    description: 'The record stays.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    responses: { 200: grantSchema },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params }) => ({
    status: 200,
    body: await view(ports, caller, await ports.caregivers.withdraw(caller, params.id)),
  }));
}
