import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import { isUuid } from '#core/ids';
import {
  decodeCursor,
  defineRoute,
  empty,
  idParams,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import type { Proposal } from './proposals.ts';
import type { PolicyRoutePorts } from './routes.ts';
import { policyProposedSchema, proposalSchema } from './schemas.ts';
import { differenceView } from './views.ts';

const TAGS = ['policy'];
const settingsSchema = z.strictObject({ fourEyes: z.boolean() }).meta({ id: 'PolicySettings' });
const commentSchema = z.strictObject({ comment: z.string().trim().max(2000).default('') });

/** Four eyes on the policy: the setting, and changes that wait for a second person. */
export function proposalRoutes(ports: PolicyRoutePorts): Route[] {
  return [settings(ports), change(ports), list(ports), approve(ports), reject(ports), withdraw(ports)];
}

function settings(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/settings',
    summary: 'Whether a second person decides on changes of the protection policy',
    tags: TAGS,
    access: { permission: 'policies:read' },
    responses: { 200: settingsSchema },
  }).handle(async ({ caller }) => ({
    status: 200,
    body: { fourEyes: await ports.policies.proposals.on(caller) },
  }));
}

function change(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/policy/settings',
    summary: 'Have a second person decide on changes of the protection policy, or no longer',
    description:
      'Turning it on holds at once. Turning it off is itself a proposal that a second person decides on: 202. Only for people, not for API keys.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    stepUp: true,
    body: settingsSchema,
    responses: { 200: settingsSchema, 202: policyProposedSchema },
    errors: ['limit-reached'],
  }).handle(async ({ caller, body }) => {
    const { on, proposal } = await ports.policies.proposals.set(caller, body.fourEyes);
    if (proposal !== null) return { status: 202, body: { proposal } };
    return { status: 200, body: { fourEyes: on } };
  });
}

async function view({ labelActor }: PolicyRoutePorts, caller: Caller, one: Proposal) {
  const { id, kind, state, baseVersion, comment, mayDecide, mayWithdraw } = one;
  return {
    ...{ id, kind, state, baseVersion, comment, mayDecide, mayWithdraw },
    differences: one.differences.map(differenceView),
    proposedAt: one.proposedAt.toISOString(),
    proposedBy: await labelActor(caller, one.proposedBy),
    expiresAt: one.expiresAt.toISOString(),
    endedAt: one.endedAt?.toISOString() ?? null,
    endedBy: one.endedBy && (await labelActor(caller, one.endedBy)),
  };
}

function list(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/proposals',
    summary: 'Changes of the protection policy that were proposed, newest first',
    description: 'Those that have ended too: who proposed and who decided is kept on record.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    query: z.strictObject(pageQuery),
    responses: { 200: pageOf(proposalSchema) },
  }).handle(async ({ caller, query }) => {
    const [position] = decodeCursor(query.cursor) ?? [];
    if (position !== undefined && !isUuid(position)) throw new Refusal('invalid', { path: 'cursor' });
    const rows = await ports.policies.proposals.list(caller, position ?? null, query.limit + 1);
    const items = await Promise.all(rows.map((one) => view(ports, caller, one)));
    return {
      status: 200,
      body: pageFrom(
        items,
        query.limit,
        (one) => [one.id],
        (one) => one,
      ),
    };
  });
}

function approve(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/proposals/:id/approve',
    summary: 'Approve a proposed change: it is in force at once',
    description:
      'Only by another person than the one behind it; never by an API key. 412 when another version came in between.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    stepUp: true,
    params: idParams,
    body: commentSchema,
    responses: { 204: empty },
    errors: ['not-found', 'wrong-state', 'version-conflict', 'invalid'],
  }).handle(async ({ caller, params, body }) => {
    await ports.policies.proposals.approve(caller, params.id, body.comment);
    return { status: 204 };
  });
}

function reject(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/proposals/:id/reject',
    summary: 'Reject a proposed change',
    description: 'Only by another person than the one behind it; never by an API key.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    body: commentSchema,
    responses: { 204: empty },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params, body }) => {
    await ports.policies.proposals.reject(caller, params.id, body.comment);
    return { status: 204 };
  });
}

function withdraw(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/proposals/:id/withdraw',
    summary: 'Take a proposed change back; only by the person behind it',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params }) => {
    await ports.policies.proposals.withdraw(caller, params.id);
    return { status: 204 };
  });
}
