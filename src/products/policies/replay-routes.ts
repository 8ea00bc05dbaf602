import { z } from 'zod';
import type { Caller } from '#core/actor';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import { emptySummary, type ReplayTally } from './replay-summary.ts';
import type { Replay, ReplayDetail } from './replays.ts';
import type { PolicyRoutePorts } from './routes.ts';
import { replayLineSchema, replaySchema, replayStartSchema } from './schemas.ts';
import { differenceView, documentView } from './views.ts';

const TAGS = ['policy'];
const MOST_DOMAINS = 20;

/** A policy tried on past decisions before it is in force. */
export function replayRoutes(ports: PolicyRoutePorts): Route[] {
  return [start(ports), list(ports), read(ports), cancel(ports)];
}

async function head({ labelActor }: PolicyRoutePorts, caller: Caller, replay: Replay) {
  const { id, state, baseVersion, days, most, progress } = replay;
  return {
    ...{ id, state, baseVersion, days, most, progress },
    startedBy: await labelActor(caller, replay.startedBy),
    createdAt: replay.createdAt.toISOString(),
    finishedAt: replay.finishedAt?.toISOString() ?? null,
  };
}

async function view(ports: PolicyRoutePorts, caller: Caller, replay: ReplayDetail) {
  const { moves, classes, streams, domains, samples, differing, ...counts } =
    replay.summary ?? emptySummary();
  return {
    ...(await head(ports, caller, replay)),
    policy: documentView(replay.document),
    differences: replay.differences.map(differenceView),
    ...counts,
    moves: [...moves].sort((a, b) => b.count - a.count),
    classes: groups(classes),
    streams: groups(streams),
    domains: groups(domains).slice(0, MOST_DOMAINS),
    samples,
    differing,
  };
}

/** Most changed first. */
function groups(tallies: Readonly<Record<string, ReplayTally>>) {
  return Object.entries(tallies)
    .map(([name, tally]) => ({ name, ...tally }))
    .sort((a, b) => b.changed - a.changed || b.decisions - a.decisions);
}

function start(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/replays',
    summary: 'Try a policy on the decisions of the last days',
    description:
      'The worker goes through the decisions of 1 to 30 days, newest first, up to `most`. Each is made again under the policy of its time, then under this one. Nothing is sent or changed.',
    tags: TAGS,
    access: { permission: 'policies:write' },
    body: replayStartSchema,
    responses: { 202: replaySchema },
    errors: ['invalid', 'limit-reached'],
  }).handle(async ({ caller, body }) => {
    const { policy, days, most } = body;
    const replay = await ports.policies.replays.start(caller, { document: policy, days, most });
    return { status: 202, body: await view(ports, caller, replay) };
  });
}

function list(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/replays',
    summary: 'The newest replays; each is kept for 30 days',
    tags: TAGS,
    access: { permission: 'policies:read' },
    responses: { 200: z.strictObject({ items: z.array(replayLineSchema) }) },
  }).handle(async ({ caller }) => {
    const replays = await ports.policies.replays.list(caller);
    const items = await Promise.all(
      replays.map(async (one) => ({
        ...(await head(ports, caller, one)),
        decisions: one.summary?.decisions ?? 0,
        changed: one.summary?.changed ?? 0,
      })),
    );
    return { status: 200, body: { items } };
  });
}

function read(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/policy/replays/:id',
    summary: 'How far a replay has come, and what would have been decided otherwise',
    tags: TAGS,
    access: { permission: 'policies:read' },
    params: idParams,
    responses: { 200: replaySchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => ({
    status: 200,
    body: await view(ports, caller, await ports.policies.replays.read(caller, params.id)),
  }));
}

function cancel(ports: PolicyRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/policy/replays/:id/cancel',
    summary: 'Stop a replay; what it has come to so far stays',
    tags: TAGS,
    access: { permission: 'policies:write' },
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found', 'wrong-state'],
  }).handle(async ({ caller, params }) => {
    await ports.policies.replays.cancel(caller, params.id);
    return { status: 204 };
  });
}
