import { z } from 'zod';
import { addressText, type NamedAddress } from '#core/address';
import { Refusal } from '#core/errors';
import type { DeliveryId, MessageId } from '#core/ids';
import type { DeliveryState } from '#core/message';
import {
  bytes,
  cursorId,
  defineRoute,
  encodeCursor,
  idParams,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
  timeRange,
} from '#platform/http';
import type { MessagePorts } from './ports.ts';
import {
  type ListFilter,
  readDelivery,
  readList,
  readMessageContent,
  readMessageView,
  type ShownMessage,
  searchMessages,
  senderText,
} from './read-messages.ts';
import {
  deliveryDetailSchema,
  messageContentSchema,
  messageDetailSchema,
  messageFilterSchema,
  messageSummarySchema,
  methodOrNoneSchema,
} from './schemas.ts';
import { deliveryView, detailView, summaryView } from './views.ts';

const TAGS = ['messages'];
/** Also for those who may read the messages of single mailboxes: every reading below asks which. */
const READ = { permission: 'messages:read', scoped: true } as const;

export function readRoutes(ports: MessagePorts): Route[] {
  return [list(ports), search(ports), detail(ports), content(ports), attachment(ports), delivery(ports)];
}

const filterQuery = {
  state: messageFilterSchema.optional(),
  method: methodOrNoneSchema.optional().meta({ description: 'With `state`: of one and the same copy' }),
  direction: z
    .enum(['in', 'out'])
    .optional()
    .meta({ description: '`in`: what came from outside to your own people; `out`: all else' }),
  ...timeRange('the submission began'),
};

function stateOf(
  state: z.output<typeof messageFilterSchema> | undefined,
): Pick<ListFilter, 'states' | 'tried'> {
  if (state === undefined) return { states: null, tried: false };
  if (state === 'on-the-way') return { states: ['queued', 'deferred'], tried: false };
  if (state === 'failing') return { states: ['deferred'], tried: true };
  if (state === 'unread') return { states: ['portal-waiting'], tried: false };
  const one: DeliveryState = state;
  return { states: [one], tried: false };
}

const wantedSchema = z.strictObject(filterQuery);

function filterOf({ state, method, direction, since, until }: z.output<typeof wantedSchema>): ListFilter {
  return {
    ...stateOf(state),
    method: method ?? null,
    direction: direction ?? null,
    since: since === undefined ? null : new Date(since),
    until: until === undefined ? null : new Date(until),
  };
}

function positionOf(cursor: string | undefined): MessageId | null {
  return cursorId(cursor) as MessageId | null;
}

function page(shown: readonly ShownMessage[], limit: number) {
  return pageFrom(shown, limit, (one) => [one.message.id], summaryView);
}

function list(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/messages',
    summary: 'Messages, newest first',
    tags: TAGS,
    access: READ,
    query: z.strictObject({ ...pageQuery, ...filterQuery }),
    responses: { 200: pageOf(messageSummarySchema) },
  }).handle(async ({ caller, query }) => {
    const shown = await readList(ports, caller, filterOf(query), positionOf(query.cursor), query.limit);
    return { status: 200, body: page(shown, query.limit) };
  });
}

function search(ports: MessagePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/messages/search',
    summary: 'Search messages by words, sender or recipient',
    description:
      'All words must occur in subject or addresses. Terms are posted, so that they never stand in a URL or a log.',
    tags: TAGS,
    access: READ,
    body: z.strictObject({
      text: z.string().max(500).optional(),
      from: z.string().max(320).optional(),
      to: z.string().max(320).optional(),
      ...filterQuery,
      cursor: z.string().max(200).optional(),
      limit: z.number().int().min(1).max(200).default(50),
    }),
    responses: { 200: pageOf(messageSummarySchema) },
  }).handle(async ({ caller, body }) => {
    const terms = { text: body.text ?? null, from: body.from ?? null, to: body.to ?? null };
    const { shown, stoppedAt } = await searchMessages(
      ports,
      caller,
      terms,
      filterOf(body),
      positionOf(body.cursor),
      body.limit,
    );
    const found = page(shown, body.limit);
    const next = found.next ?? (stoppedAt === null ? null : encodeCursor(stoppedAt));
    return { status: 200, body: { ...found, next } };
  });
}

function detail(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/messages/:id',
    summary: 'One message with its deliveries, decisions and attempts',
    tags: TAGS,
    access: READ,
    params: idParams,
    responses: { 200: messageDetailSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const view = await readMessageView(ports, caller, params.id as MessageId);
    return { status: 200, body: detailView(view, await ports.labelActor(caller, view.row.actor)) };
  });
}

function content(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/messages/:id/content',
    summary: 'The decoded content of a message',
    tags: TAGS,
    access: { permission: 'messages:read-content', scoped: true },
    params: idParams,
    responses: { 200: messageContentSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const purpose = { action: 'message.content-read' } as const;
    const { shown, read } = await readMessageContent(ports, caller, params.id as MessageId, purpose);
    return {
      status: 200,
      body: {
        subject: read.subject,
        // As the mail itself names its author; from the portal, the person who wrote, not the portal's own address.
        from:
          read.from === null || shown.message.source === 'portal'
            ? senderText(shown)
            : mailboxText(read.from),
        to: shown.deliveries.map((one) => one.to),
        text: read.text,
        attachments: read.attachments.map(({ index, name, type, size }) => ({ index, name, type, size })),
      },
    };
  });
}

function attachment(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/messages/:id/attachments/:index',
    summary: 'One attachment of a message',
    tags: TAGS,
    access: { permission: 'messages:read-content', scoped: true },
    params: z.strictObject({ id: z.uuid(), index: z.coerce.number().int().min(0).max(999) }),
    responses: { 200: bytes() },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const purpose = { action: 'message.attachment-read', index: params.index } as const;
    const { read } = await readMessageContent(ports, caller, params.id as MessageId, purpose);
    const found = read.attachments[params.index];
    if (!found) throw new Refusal('not-found');
    return {
      status: 200,
      body: found.open(),
      headers: { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(found.name)}` },
    };
  });
}

function delivery(ports: MessagePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/deliveries/:id',
    summary: "One recipient's copy: decision, attempts, state",
    tags: TAGS,
    access: READ,
    params: idParams,
    responses: { 200: deliveryDetailSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    const found = await readDelivery(ports, caller, params.id as DeliveryId);
    return { status: 200, body: deliveryView(found) };
  });
}

function mailboxText({ name, ...address }: NamedAddress): string {
  return name === null || name === '' ? addressText(address) : `${name} <${addressText(address)}>`;
}
