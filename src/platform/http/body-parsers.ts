import type { IncomingMessage } from 'node:http';
import formbody from '@fastify/formbody';
import multipartPlugin from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '#core/errors';
import { isJsonBody, type MultipartBody, type Part } from './body.ts';
import type { Route } from './route.ts';

/** Largest JSON body in octets (10 MB); more is sent as a streamed message. */
export const JSON_LIMIT = 10 * 1024 * 1024;
const FORM_LIMIT = 1024 * 1024;

/** The octets of a JSON body, kept only while an Idempotency-Key asks to compare them. */
export type BodyOctets = WeakMap<FastifyRequest, Buffer>;

/** Registers a parser for each media type that some route takes; all other types get 415. */
export async function addBodyParsers(
  app: FastifyInstance,
  routes: readonly Route[],
  octets: BodyOctets,
): Promise<void> {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(
    [...new Set(['application/json', ...routes.flatMap(documentTypes)])],
    { parseAs: 'buffer', bodyLimit: JSON_LIMIT },
    (request, body, done) => {
      const buffer = Buffer.isBuffer(body) ? body : Buffer.from(body);
      if (request.headers['idempotency-key'] !== undefined) octets.set(request, buffer);
      void parseJson(request, buffer.toString('utf8'), done);
    },
  );
  const kinds = new Set<string>();
  for (const { body } of routes) {
    if (body === undefined || isJsonBody(body) || body.kind === 'document') continue;
    const kind = body.kind === 'raw' ? body.type : body.kind;
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    if (body.kind === 'form') await app.register(formbody, { bodyLimit: FORM_LIMIT });
    else if (body.kind === 'multipart') await app.register(multipartPlugin);
    else app.addContentTypeParser(body.type, (_request, payload, done) => done(null, payload));
  }
}

function documentTypes({ body }: Route): readonly string[] {
  return body !== undefined && !isJsonBody(body) && body.kind === 'document' ? body.types : [];
}

/** Refuses a body whose media type is not the one this route takes (another route of the server may). */
export function checkMediaType(route: Route, request: FastifyRequest): void {
  const { body } = route;
  if (body === undefined) return;
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const expected = isJsonBody(body)
    ? 'application/json'
    : body.kind === 'document'
      ? ((given !== undefined && body.types.includes(given) ? given : body.types[0]) ?? '')
      : body.kind === 'form'
        ? 'application/x-www-form-urlencoded'
        : body.kind === 'multipart'
          ? 'multipart/form-data'
          : body.type;
  if (given !== expected) throw new Refusal('unsupported-media-type', { expected });
  const limit = isJsonBody(body) ? JSON_LIMIT : 'maxBytes' in body ? body.maxBytes : undefined;
  if (limit !== undefined && Number(request.headers['content-length'] ?? 0) > limit)
    throw new Refusal('too-large');
}

/** Passes a raw body on, at most `maxBytes` of it, showing each chunk to `seen`. */
export async function* readRaw(
  payload: IncomingMessage,
  maxBytes: number,
  seen: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  let size = 0;
  // Left to itself the iterator would end the connection with the stream, and with it the answer.
  for await (const chunk of payload.iterator({ destroyOnReturn: false })) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += buffer.length;
    if (size > maxBytes) throw new Refusal('too-large');
    seen(buffer);
    yield buffer;
  }
}

/** The parts of a multipart body in the order sent. */
export async function* readParts(request: FastifyRequest, limits: MultipartBody): AsyncGenerator<Part> {
  const parts = request.parts({
    limits: {
      fileSize: limits.maxFileBytes,
      files: limits.maxFiles,
      fieldSize: limits.maxFieldBytes,
      fields: limits.maxFields,
      parts: limits.maxFiles + limits.maxFields,
    },
  });
  for await (const part of parts) {
    if (part.type === 'field') {
      if (part.valueTruncated) throw new Refusal('too-large');
      yield { kind: 'field', name: part.fieldname, value: typeof part.value === 'string' ? part.value : '' };
      continue;
    }
    const { file } = part;
    yield {
      kind: 'file',
      name: part.fieldname,
      fileName: part.filename,
      type: part.mimetype,
      content: wholeFile(file),
      skip: () => void file.resume(),
    };
  }
}

async function* wholeFile(
  file: AsyncIterable<unknown> & { readonly truncated: boolean },
): AsyncGenerator<Buffer> {
  for await (const chunk of file) if (Buffer.isBuffer(chunk)) yield chunk;
  // The parser stops at the limit without an error of its own on this path.
  if (file.truncated) throw new Refusal('too-large');
}
