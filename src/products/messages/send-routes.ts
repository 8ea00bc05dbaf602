import { z } from 'zod';
import { type Address, addressText, type NamedAddress } from '#core/address';
import { Refusal } from '#core/errors';
import type { SensitivityClass, Stream } from '#core/method';
import { classSchema, defineRoute, type Route, raw, streamSchema } from '#platform/http';
import { buildMessage, parseAddress, parseMailbox } from '#platform/mail';
import type { Accepted, MessagePorts } from './ports.ts';
import { acceptedSchema, newMessageSchema } from './schemas.ts';

const TAGS = ['messages'];
/** As the intake's own bound, so that the document says what holds. */
const RAW_LIMIT = 50 * 1024 * 1024;
const ERRORS = [
  'invalid-address',
  'invalid-header',
  'invalid',
  'bare-line-ending',
  'mime-too-deep',
  'mime-unreadable',
  'too-many-recipients',
  'sender-not-allowed',
  'sandbox-domain-only',
  'limit-reached',
  'storage-low',
  'idempotency-key-reused',
] as const;

type NewMessage = z.output<typeof newMessageSchema>;

export function sendRoutes(ports: MessagePorts): Route[] {
  return [sendJson(ports), sendRaw(ports)];
}

function acceptedView(accepted: Accepted) {
  return {
    id: accepted.id,
    deliveries: accepted.deliveries.map((one) => ({ id: one.id, to: addressText(one.recipient) })),
  };
}

function sendJson(ports: MessagePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/messages',
    summary: 'Send one message to one or more recipients',
    description:
      'Answers 202 after a durable commit; each recipient is then protected on its own. JSON up to 10 MB; larger messages go to /v1/messages/raw.',
    tags: TAGS,
    access: { permission: 'messages:send', scoped: true },
    body: newMessageSchema,
    responses: { 202: acceptedSchema },
    errors: ERRORS,
    idempotent: true,
  }).handle(async ({ caller, body, request, idempotency }) => {
    const from = body.from === undefined ? await ports.defaultSender(caller) : mailboxOf(body.from, 'from');
    const recipients = body.to.map((text, index) => mailboxOf(text, `to.${index}`));
    const accepted = await ports.submit(caller, {
      sender: from,
      recipients,
      content: await compose(ports, body, from, recipients),
      options: {
        ...optionsOf(body),
        cause: request,
        within: (tx, made) => idempotency.commit(tx, 202, acceptedView(made)),
      },
    });
    return {
      status: 202,
      body: acceptedView(accepted),
      headers: { location: `/v1/messages/${accepted.id}` },
    };
  });
}

function mailboxOf(text: string, path: string): NamedAddress {
  const mailbox = parseMailbox(text);
  if (!mailbox) throw new Refusal('invalid-address', { path });
  return mailbox;
}

/** One message for all: recipients beside the first are not shown to each other, as patients must not be. */
async function compose(
  ports: MessagePorts,
  body: NewMessage,
  from: NamedAddress,
  recipients: readonly NamedAddress[],
): Promise<Buffer> {
  const built = buildMessage({
    from,
    to: recipients.length === 1 ? recipients : [],
    subject: body.subject,
    text: body.text,
    ...(body.html === undefined ? {} : { html: body.html }),
    attachments: (body.attachments ?? []).map((one) => ({
      name: one.name,
      type: one.type,
      content: Buffer.from(one.content, 'base64'),
    })),
    date: ports.clock.now(),
    hostName: ports.hostName,
  });
  return built.toBuffer();
}

function optionsOf(body: {
  class?: SensitivityClass | undefined;
  stream?: Stream | undefined;
  priority?: number | undefined;
  dueAt?: string | undefined;
}) {
  return {
    ...(body.class === undefined ? {} : { class: body.class }),
    ...(body.stream === undefined ? {} : { stream: body.stream }),
    ...(body.priority === undefined ? {} : { priority: body.priority }),
    ...(body.dueAt === undefined ? {} : { dueAt: new Date(body.dueAt) }),
  };
}

const rawHeaders = z.strictObject({
  'x-sealpost-from': z.string().min(3).max(320),
  'x-sealpost-to': z.string().min(3).max(160_000).meta({ description: 'Addresses separated by commas' }),
  'x-sealpost-class': classSchema.optional(),
  'x-sealpost-stream': streamSchema.optional(),
  'x-sealpost-priority': z.coerce.number().int().min(0).max(99).optional(),
  'x-sealpost-due': z.iso.datetime().optional(),
});

function sendRaw(ports: MessagePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/messages/raw',
    summary: 'Send a complete RFC 5322 message, streamed',
    description:
      'The body is message/rfc822 with CRLF line ends, up to 50 MB, and is never held in memory as a whole. The envelope comes in headers, so that no address stands in a URL.',
    tags: TAGS,
    access: { permission: 'messages:send', scoped: true },
    headers: rawHeaders,
    body: raw('message/rfc822', { maxBytes: RAW_LIMIT }),
    responses: { 202: acceptedSchema },
    errors: ERRORS,
    idempotent: true,
  }).handle(async ({ caller, headers, body, request, idempotency }) => {
    const accepted = await ports.submit(caller, {
      sender: addressOf(headers['x-sealpost-from'], 'x-sealpost-from'),
      recipients: addressList(headers['x-sealpost-to']),
      content: body,
      options: {
        ...optionsOf({
          class: headers['x-sealpost-class'],
          stream: headers['x-sealpost-stream'],
          priority: headers['x-sealpost-priority'],
          dueAt: headers['x-sealpost-due'],
        }),
        cause: request,
        within: (tx, made) => idempotency.commit(tx, 202, acceptedView(made)),
      },
    });
    return {
      status: 202,
      body: acceptedView(accepted),
      headers: { location: `/v1/messages/${accepted.id}` },
    };
  });
}

function addressOf(text: string, path: string): Address {
  const address = parseAddress(text.trim());
  if (!address) throw new Refusal('invalid-address', { path });
  return address;
}

function addressList(text: string): Address[] {
  return text
    .split(',')
    .filter((one) => one.trim() !== '')
    .map((one, index) => addressOf(one, `x-sealpost-to.${index}`));
}
