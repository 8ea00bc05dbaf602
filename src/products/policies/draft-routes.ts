import { z } from 'zod';
import type { Caller } from '#core/actor';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { Draft } from './drafts.ts';
import type { PolicyRoutePorts } from './routes.ts';
import { draftSchema, newDraftSchema, savedDraftSchema } from './schemas.ts';
import { documentView } from './views.ts';

const TAGS = ['policy'];

/** Policies that are being written and are not in force. */
export function draftRoutes(ports: PolicyRoutePorts): Route[] {
  return [list(ports), make(ports), read(ports), save(ports), drop(ports)];
}

async function view({ labelActor }: PolicyRoutePorts, caller: Caller, draft: Draft) {
  return {
    ...{ id: draft.id, name: draft.name, policy: documentView(draft.document) },
    ...{ baseVersion: draft.baseVersion, revision: draft.revision },
    createdAt: draft.createdAt.toISOString(),
    createdBy: await labelActor(caller, draft.createdBy),
    changedAt: draft.changedAt.toISOString(),
    changedBy: await labelActor(caller, draft.changedBy),
  };
}

const tagged = (draft: Draft) => ({ etag: `"${draft.revision}"` });

function list(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/drafts',
    summary: 'Drafts of the protection policy, newest first',
    tags: TAGS,
    access: { permission: 'policies:read' },
    responses: { 200: z.strictObject({ items: z.array(draftSchema) }) },
  }).handle(async ({ caller }) => {
    const drafts = await ports.policies.drafts.list(caller);
    return {
      status: 200,
      body: { items: await Promise.all(drafts.map((one) => view(ports, caller, one))) },
    };
  });
}

function make(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/drafts',
    summary: 'Keep a policy as a draft, without putting it in force',
    description: 'A draft may be unfinished; it is checked when it is tried or turned on. At most 50.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    body: newDraftSchema,
    responses: { 201: draftSchema },
    errors: ['limit-reached'],
  }).handle(async ({ caller, body }) => {
    const { name, policy, baseVersion } = body;
    const draft = await ports.policies.drafts.make(caller, { name, document: policy, baseVersion });
    return { status: 201, body: await view(ports, caller, draft), headers: tagged(draft) };
  });
}

function read(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/drafts/:id',
    summary: 'One draft of the protection policy',
    tags: TAGS,
    access: { permission: 'policies:read' },
    params: idParams,
    responses: { 200: draftSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const draft = await ports.policies.drafts.read(caller, params.id);
    return { status: 200, body: await view(ports, caller, draft), headers: tagged(draft) };
  });
}

function save(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/policy/drafts/:id',
    summary: 'Save a draft of the protection policy',
    description:
      'If-Match carries the revision that the change starts from; 412 when somebody else was faster.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    headers: z.strictObject({ 'if-match': z.string().regex(/^"\d{1,9}"$/) }),
    body: savedDraftSchema,
    responses: { 200: draftSchema },
    errors: ['not-found', 'version-conflict'],
  }).handle(async ({ caller, params, headers, body }) => {
    const revision = Number(headers['if-match'].slice(1, -1));
    const given = { name: body.name, document: body.policy };
    const draft = await ports.policies.drafts.save(caller, params.id, revision, given);
    return { status: 200, body: await view(ports, caller, draft), headers: tagged(draft) };
  });
}

function drop(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/policy/drafts/:id',
    summary: 'Drop a draft of the protection policy',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await ports.policies.drafts.drop(caller, params.id);
    return { status: 204 };
  });
}
