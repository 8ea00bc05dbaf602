import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import {
  classSchema,
  decodeCursor,
  defineRoute,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
  streamSchema,
} from '#platform/http';
import { draftRoutes } from './draft-routes.ts';
import type { Policies, PolicyPorts } from './policies.ts';
import { proposalRoutes } from './proposal-routes.ts';
import { replayRoutes } from './replay-routes.ts';
import {
  differenceSchema,
  policyDocumentSchema,
  policyPreviewSchema,
  policyProposedSchema,
  policyReviewSchema,
  policyVersionSchema,
  writtenPolicySchema,
} from './schemas.ts';
import type { StoredPolicy } from './store-version.ts';
import { differenceView, documentView, sentenceView, wordView } from './views.ts';

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
  return [
    current(ports),
    replace(ports),
    versions(ports),
    compare(ports),
    preview(ports),
    review(ports),
    ...draftRoutes(ports),
    ...replayRoutes(ports),
    ...proposalRoutes(ports),
  ];
}

async function view(ports: PolicyRoutePorts, caller: Caller, stored: StoredPolicy) {
  const { policy } = stored;
  return {
    ...documentView(policy),
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
      'If-Match carries the version that the change starts from; 412 when somebody else was faster. Where a second person decides on changes, the answer is 202 and nothing is in force yet.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    stepUp: true,
    headers: z.strictObject({ 'if-match': z.string().regex(/^"\d{1,9}"$/) }),
    body: policyDocumentSchema,
    responses: { 200: policyVersionSchema, 202: policyProposedSchema },
    errors: ['version-conflict', 'invalid', 'limit-reached'],
  }).handle(async ({ caller, headers, body }) => {
    const expected = Number(headers['if-match'].slice(1, -1));
    const saved = await ports.policies.save(caller, expected, body);
    if (saved.kind === 'proposed') return { status: 202, body: { proposal: saved.proposal } };
    const { stored } = saved;
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

function compare(ports: PolicyRoutePorts): Route {
  const version = z.coerce.number().int().min(1).max(NEWEST_VERSION);
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/versions/compare',
    summary: 'What two versions of the protection policy say differently',
    description: 'Differences are sentences as codes and parameters, by what they speak of.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    query: z.strictObject({ from: version, to: version }),
    responses: { 200: z.strictObject({ differences: z.array(differenceSchema) }) },
    errors: ['not-found'],
  }).handle(async ({ caller, query }) => {
    const differences = await ports.policies.compare(caller, query.from, query.to);
    return { status: 200, body: { differences: differences.map(differenceView) } };
  });
}

function preview(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/preview',
    summary: 'What would happen to a message to this address, and where each value comes from',
    description:
      'With `policy` an unsaved draft is tried. Says what is decided before anything is known of the peer.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    body: z.strictObject({
      address: z.string().min(3).max(320),
      class: classSchema,
      stream: streamSchema.optional(),
      policy: policyDocumentSchema.optional(),
    }),
    responses: { 200: policyPreviewSchema },
    errors: ['invalid-address', 'not-found'],
  }).handle(async ({ caller, body }) => {
    const { policy, stream = 'transactional', ...whom } = body;
    const shown = await ports.policies.preview(caller, { ...whom, stream }, policy ?? null);
    const { decision, values } = shown;
    return {
      status: 200,
      body: {
        ...decision,
        order: [...decision.order],
        reasons: decision.reasons.map((one) => ({ code: one.code, parameters: { ...one.parameters } })),
        values: values.map((one) => ({ name: one.name, ...wordView(one), over: one.over.map(wordView) })),
      },
    };
  });
}

function review(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/review',
    summary: 'What is wrong with a policy, what is risky, and the whole in sentences',
    description: 'Nothing is stored. Sentences are codes and parameters, to be worded by the reader.',
    tags: TAGS,
    access: { permission: 'policies:read' },
    body: z.strictObject({ policy: writtenPolicySchema }),
    responses: { 200: policyReviewSchema },
  }).handle(async ({ body }) => {
    const { problems, warnings, sentences } = ports.policies.review(body.policy);
    return {
      status: 200,
      body: {
        problems: problems.map(({ path, code }) => ({ path, code })),
        warnings: warnings.map((one) => ({ ...one, parameters: { ...one.parameters } })),
        sentences: sentences.map(sentenceView),
      },
    };
  });
}
