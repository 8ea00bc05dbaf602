import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { safeEncode } from 'zod/v4/core';
import { writeEvents } from './events.ts';
import { type AnyAnswer, isJsonResponse, type ServerEvent, type SpecialResponse } from './response.ts';
import type { Route } from './route.ts';

/** A handler answered something that its route does not declare. A fault of ours; holds paths and codes only. */
class AnswerFault extends Error {
  override readonly name = 'AnswerFault';
  readonly code: string;
  constructor(route: Route, code: string) {
    super(`${route.method} ${route.path}: ${code}`);
    this.code = code;
  }
}

/** Checks an answer against its route's declaration and sends it. What does not fit is a fault and does not leave. */
export async function sendAnswer(
  route: Route,
  answer: AnyAnswer,
  reply: FastifyReply,
  signal: () => AbortSignal,
): Promise<FastifyReply> {
  const spec = route.responses[answer.status];
  if (spec === undefined) throw new AnswerFault(route, `undeclared-status-${answer.status}`);
  if (isJsonResponse(spec)) {
    const encoded = safeEncode(spec, answer.body);
    if (!encoded.success) {
      const first = encoded.error.issues[0];
      throw new AnswerFault(route, `answer-does-not-fit-${first?.code ?? 'unknown'}`);
    }
    reply
      .code(answer.status)
      .type('application/json; charset=utf-8')
      .headers(answer.headers ?? {});
    return reply.send(JSON.stringify(encoded.data));
  }
  const payload = specialPayload(route, spec, answer.body, signal);
  reply.code(answer.status);
  if (spec.type !== '') reply.type(spec.type);
  reply.headers(answer.headers ?? {});
  return reply.send(payload);
}

function specialPayload(
  route: Route,
  spec: SpecialResponse,
  body: unknown,
  signal: () => AbortSignal,
): string | Buffer | Readable | undefined {
  switch (spec.kind) {
    case 'empty':
    case 'redirect':
      return undefined;
    case 'html':
    case 'text':
      if (typeof body !== 'string') throw new AnswerFault(route, 'answer-is-not-text');
      return body;
    case 'bytes':
      if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      if (!isIterable<Uint8Array>(body)) throw new AnswerFault(route, 'answer-is-not-octets');
      return Readable.from(body, { objectMode: false });
    case 'event-stream':
      if (!isIterable<ServerEvent>(body)) throw new AnswerFault(route, 'answer-is-not-events');
      return Readable.from(writeEvents(body, signal()), { objectMode: false });
  }
}

function isIterable<Item>(value: unknown): value is AsyncIterable<Item> {
  return value !== null && typeof value === 'object' && Symbol.asyncIterator in value;
}
