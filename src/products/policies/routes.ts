import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import {
  classSchema,
  decisionSchema,
  decodeCursor,
  defineRoute,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import type { Policies, PolicyPorts, StoredPolicy } from './policies.ts';
import { policyDocumentSchema, policyVersionSchema } from './schemas.ts';

export interface PolicyRoutePorts {
  readonly policies: Policies;
  readonly offered: PolicyPorts['offered'];
  /** Who did it, with a name to show. */
  labelActor(caller: Caller, actor: Actor): Promise<{ kind: Actor['kind']; id: string; label: string }>;
}

const TAGS = ['policy'];
/** Versions are counted in a 32-bit integer. */
const NEWEST_VERSION = 2 ** 31 - 1;

/** The protection policy: read, replace, earlier versions, and what would happen to an address. */
export function policyRoutes(ports: PolicyRoutePorts): Route[] {
  return [current(ports), replace(ports), versions(ports), preview(ports)];
}

async function view(ports: PolicyRoutePorts, caller: Caller, stored: StoredPolicy) {
  const { policy } = stored;
  return {
    methods: [...policy.methods],
    tls: policy.tls,
    tlsHighestClass: policy.tlsHighestClass,
    exclusive: policy.exclusive,
    waivers: policy.waivers,
    triggers: {
      raise: [...policy.triggers.raise],
      lower: [...policy.triggers.lower],
      lowering: policy.triggers.lowering,
    },
    domains: policy.domains.map((one) => ({ ...one, methods: one.methods ? [...one.methods] : null })),
    recipients: policy.recipients.map((one) => ({ ...one, methods: one.methods ? [...one.methods] : null })),
    portalExpiryDays: policy.portalExpiryDays,
    giveUpDays: policy.giveUpDays,
    version: policy.version,
    createdAt: stored.createdAt.toISOString(),
    createdBy: await ports.labelActor(caller, stored.createdBy),
    offered: [...ports.offered()],
  };
}

function current(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy',
    summary: 'The protection policy in force',
    tags: TAGS,
    access: { permission: 'policies:read' },
    responses: { 200: policyVersionSchema },
    errors: ['not-found'],
  }).handle(async ({ caller }) => {
    const stored = await ports.policies.newest(caller);
    return {
      status: 200,
      body: await view(ports, caller, stored),
      headers: { etag: `"${stored.policy.version}"` },
    };
  });
}

function replace(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/policy',
    summary: 'Store the next version of the protection policy',
    description:
      'If-Match carries the version that the change starts from; 412 when somebody else was faster.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    headers: z.strictObject({ 'if-match': z.string().regex(/^"\d{1,9}"$/) }),
    body: policyDocumentSchema,
    responses: { 200: policyVersionSchema },
    errors: ['version-conflict', 'invalid'],
  }).handle(async ({ caller, headers, body }) => {
    const expected = Number(headers['if-match'].slice(1, -1));
    const stored = await ports.policies.replace(caller, expected, body);
    return {
      status: 200,
      body: await view(ports, caller, stored),
      headers: { etag: `"${stored.policy.version}"` },
    };
  });
}

function versions(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/versions',
    summary: 'All versions of the protection policy, newest first',
    tags: TAGS,
    access: { permission: 'policies:read' },
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(policyVersionSchema) },
  }).handle(async ({ caller, query }) => {
    const [position] = decodeCursor(query.cursor) ?? [];
    const before = position === undefined ? null : Number(position);
    if (before !== null && !(before >= 0 && before <= NEWEST_VERSION))
      throw new Refusal('invalid', { path: 'cursor' });
    const rows = await ports.policies.versions(caller, before, query.limit + 1);
    const shown = await Promise.all(
      rows.map(async (row) => ({ version: row.policy.version, item: await view(ports, caller, row) })),
    );
    return {
      status: 200,
      body: pageFrom(
        shown,
        query.limit,
        (row) => [String(row.version)],
        (row) => row.item,
      ),
    };
  });
}

function preview(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/preview',
    summary: 'What would happen to a message to this address',
    description:
      'With `policy` an unsaved draft is tried. Says what is decided before anything is known of the peer.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    body: z.strictObject({
      address: z.string().min(3).max(320),
      class: classSchema,
      policy: policyDocumentSchema.optional(),
    }),
    responses: { 200: decisionSchema },
    errors: ['invalid-address', 'not-found'],
  }).handle(async ({ caller, body }) => {
    const decision = await ports.policies.preview(caller, body.address, body.class, body.policy ?? null);
    return {
      status: 200,
      body: {
        ...decision,
        order: [...decision.order],
        reasons: decision.reasons.map((one) => ({ code: one.code, parameters: { ...one.parameters } })),
      },
    };
  });
}
