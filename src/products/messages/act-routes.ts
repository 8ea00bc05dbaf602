import { z } from 'zod';
import type { MessageId } from '#core/ids';
import { defineRoute, eventStream, idParams, type Route, type ServerEvent } from '#platform/http';
import {
  attentionCounts,
  lastSequence,
  messageEventsAfter,
  methodCounts,
  type OrderedEventRow,
} from '#platform/record';
import { idFloor } from '#platform/runtime';
import type { MessagePorts } from './ports.ts';
import { readEvents } from './read-events.ts';
import { EVERY_MESSAGE, findMessage, readList } from './read-messages.ts';
import { cancelResultSchema, eventSchema, overviewSchema, retractResultSchema } from './schemas.ts';
import { unlockRoute } from './unlock-route.ts';
import { summaryView } from './views.ts';
import { cancelMessage, retractMessage } from './withdraw.ts';

const TAGS = ['messages'];
const POLL_MS = 300;
/** A stream ends after so long and the browser opens it again: nobody goes on listening whose right has ended. */
const LONGEST_STREAM_MS = 2 * 60_000;
const ATTENTION_DAYS = 90;
const RECENT = 5;

export function actRoutes(ports: MessagePorts): Route[] {
  return [cancel(ports), retract(ports), unlockRoute(ports), changes(ports), overview(ports), events(ports)];
}

function cancel(ports: MessagePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/messages/:id/cancel',
    summary: 'Stop what has not been sent yet',
    tags: TAGS,
    access: { permission: 'messages:cancel', scoped: true },
    params: idParams,
    responses: { 200: cancelResultSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const done = await cancelMessage(ports, caller, params.id as MessageId);
    return { status: 200, body: { deliveries: [...done.deliveries] } };
  });
}

function retract(ports: MessagePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/messages/:id/retract',
    summary: 'Take a message back as far as that is possible',
    tags: TAGS,
    access: { permission: 'messages:cancel', scoped: true },
    params: idParams,
    responses: { 200: retractResultSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const done = await retractMessage(ports, caller, params.id as MessageId);
    return { status: 200, body: { deliveries: [...done.deliveries] } };
  });
}

function changes(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/messages/:id/events',
    summary: 'Live changes of one message (server-sent events)',
    description: 'Event `change`; the stream carries no content: read the message again at each.',
    tags: TAGS,
    access: { permission: 'messages:read', scoped: true },
    params: idParams,
    responses: { 200: eventStream },
    errors: ['not-found'],
  }).handle(async ({ caller, params, signal }) => {
    const id = params.id as MessageId;
    const { organisation } = caller;
    const start = await ports.database.tenant([organisation], 'app', async (tx) => {
      await findMessage(ports, tx, caller, 'messages:read', id);
      return lastSequence(tx, organisation);
    });
    return { status: 200, body: follow(ports, organisation, id, start, signal) };
  });
}

async function* follow(
  ports: MessagePorts,
  organisation: Parameters<typeof messageEventsAfter>[1],
  message: MessageId,
  start: number,
  signal: AbortSignal,
): AsyncIterable<ServerEvent> {
  let position = start;
  const endsAt = ports.clock.monotonic() + LONGEST_STREAM_MS;
  while (!signal.aborted && ports.clock.monotonic() < endsAt) {
    const { rows, read } = await ports.database.tenant([organisation], 'app', (tx) =>
      messageEventsAfter(tx, organisation, message, position),
    );
    position = read;
    for (const row of rows) {
      const delivery = row.subjects.find((subject) => subject.kind === 'delivery')?.id ?? null;
      yield {
        id: String(row.sequence),
        event: 'change',
        data: { type: row.type, occurredAt: row.occurred_at.toISOString(), delivery },
      };
    }
    await pause(POLL_MS, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

function overview(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/overview',
    summary: 'What needs somebody, and today by method',
    tags: TAGS,
    access: { permission: 'messages:read' },
    responses: { 200: overviewSchema },
  }).handle(async ({ caller }) => {
    const { organisation } = caller;
    const since = await ports.startOfDay(organisation);
    const attentionSince = new Date(ports.clock.now().getTime() - ATTENTION_DAYS * 86_400_000);
    const [waiting, methods] = await ports.database.tenant([organisation], 'app', (tx) =>
      Promise.all([
        attentionCounts(tx, organisation, idFloor(attentionSince)),
        methodCounts(tx, organisation, idFloor(since)),
      ]),
    );
    const recent = await readList(ports, caller, EVERY_MESSAGE, null, RECENT);
    const count = (state: string, tried = false) =>
      waiting
        .filter((one) => one.state === state && (!tried || one.tried))
        .reduce((sum, one) => sum + one.count, 0);
    return {
      status: 200,
      body: {
        attention: {
          held: count('held'),
          failing: count('deferred', true),
          bounced: count('bounced'),
          unreadInPortal: count('portal-waiting'),
        },
        today: {
          since: since.toISOString(),
          total: methods.reduce((sum, one) => sum + one.count, 0),
          methods: methods.map((one) => ({ method: one.method ?? 'undecided', count: one.count })),
        },
        recent: recent.slice(0, RECENT).map(summaryView),
      },
    };
  });
}

function events(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/events',
    summary: 'Events in order',
    description: 'Read with `after` set to the last sequence you have; nothing is skipped, also under load.',
    tags: ['events'],
    access: { permission: 'messages:read', scoped: true },
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    responses: { 200: z.strictObject({ items: z.array(eventSchema), last: z.number().int() }) },
  }).handle(async ({ caller, query }) => {
    const { rows, last } = await readEvents(ports, caller, query.after, query.limit);
    return { status: 200, body: { items: rows.map(eventView), last } };
  });
}

function eventView(row: OrderedEventRow) {
  return {
    sequence: row.sequence,
    id: row.id,
    type: row.type,
    version: row.version,
    subjects: row.subjects.map((subject) => ({ kind: subject.kind, id: subject.id })),
    occurredAt: row.occurred_at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
  };
}
