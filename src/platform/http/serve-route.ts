import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '#core/errors';
import { describeFault, type Logger, nearestLocale } from '#platform/runtime';
import { admitFile, type FileFinder } from './admit-file.ts';
import { type Admitted, admit, type Gate, stillAdmitted } from './authenticate.ts';
import { isJsonBody } from './body.ts';
import { type BodyOctets, checkMediaType, readParts, readRaw } from './body-parsers.ts';
import { type Cookies, cookieName } from './cookies.ts';
import { type ContentHash, contentHash, type IdempotencyPorts, runIdempotent } from './idempotency.ts';
import { linger } from './linger.ts';
import { openApiSchema } from './openapi-route.ts';
import { addressOf, cookieOf, headerOf, isSecure, pageOrigin } from './peer.ts';
import { problemStatuses, toProblem } from './problem.ts';
import type { IdempotencyHook, RawRequest, Route } from './route.ts';
import { sendScimError } from './scim-error.ts';
import { holdAct, type SecondPerson } from './second-person.ts';
import { securityHeaders } from './security-headers.ts';
import { sendAnswer } from './send-answer.ts';

export interface Serving {
  readonly gate: Gate;
  /** Finds the route of a file that a ticket is asked for. */
  readonly files: FileFinder;
  readonly octets: BodyOctets;
  readonly idempotency: IdempotencyPorts | null;
  /** Null where no act waits for a second person. */
  readonly secondPerson: SecondPerson | null;
  /** Aborted when the server drains. */
  readonly closing: AbortSignal;
  readonly logger: Logger;
  readonly channel: 'api' | 'portal';
  /** Words a problem as a page. */
  readonly problemPage: (problem: ProblemForPage) => string;
}

export interface ProblemForPage {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly request: string;
  readonly locale: 'en' | 'es';
}

const NO_KEY: IdempotencyHook = { commit: () => Promise.resolve() };

/** Registers one route: admission before the body, then parsing, the handler, the checked answer. */
export function serveRoute(app: FastifyInstance, route: Route, serving: Serving): void {
  const admitted = new WeakMap<FastifyRequest, Admitted>();
  const allowed = problemStatuses(route.errors);
  app.route({
    method: route.method,
    url: route.path,
    schema: openApiSchema(route),
    onRequest: async (request, reply) => {
      reply.headers(securityHeaders(route.kind === 'page' ? 'page' : 'api', request.protocol === 'https'));
      admitted.set(request, await admit(serving.gate, route, request));
    },
    preParsing: async (request, _reply, payload) => {
      checkMediaType(route, request);
      return payload;
    },
    errorHandler: (error, request, reply) => sendProblem(serving, route, allowed, error, request, reply),
    handler: async (request, reply) => {
      const key = route.idempotent ? headerOf(request, 'idempotency-key') : undefined;
      const content = key === undefined ? null : contentHash();
      let made: AbortSignal | undefined;
      const signal = (): AbortSignal => {
        made ??= AbortSignal.any([
          requestSignal(request, reply, serving.closing),
          ...(streams(route) ? [accessSignal(serving.gate, route, request, reply)] : []),
        ]);
        return made;
      };
      const entry = admitted.get(request) ?? {
        caller: null,
        session: null,
        live: null,
        origin: { address: addressOf(request), channel: serving.channel },
      };
      const { caller, session, origin } = entry;
      const body = bodyOf(route, request, content);
      const invoke = async (idempotency: IdempotencyHook) => {
        const raw: RawRequest = {
          params: request.params,
          query: request.query,
          headers: request.headers,
          body,
          caller,
          session,
          common: {
            origin,
            request: request.id,
            cookies: cookiesOf(request, reply),
            idempotency,
            get signal() {
              return signal();
            },
            acceptLanguage: headerOf(request, 'accept-language'),
            userAgent: headerOf(request, 'user-agent'),
            get clientCertificate() {
              return serving.gate.certificateOf(request);
            },
            pageOrigin: pageOrigin(request, serving.gate.publicUrl()),
            mayOpen: (target) => admitFile(serving.gate, serving.files, entry, target, request),
          },
        };
        return (await holdAct(serving.secondPerson, route, raw)) ?? route.invoke(raw);
      };
      if (key === undefined || content === null || caller === null) {
        return sendAnswer(route, await invoke(NO_KEY), reply, signal);
      }
      if (serving.idempotency === null) throw new Error('this server has no store for idempotent answers');
      hashRequest(route, request, serving.octets, content);
      const answer = await runIdempotent(
        serving.idempotency,
        { organisation: caller.organisation, route: `${route.method} ${route.path}`, key, content },
        () => drain(body),
        invoke,
      );
      return sendAnswer(route, answer, reply, signal);
    },
  });
}

/** Answers an error as a problem: JSON for the API, a page for pages. Faults are logged here, once. */
export function sendProblem(
  serving: Pick<Serving, 'logger' | 'problemPage'>,
  route: Pick<Route, 'kind' | 'method' | 'path'>,
  allowed: ReadonlySet<number> | undefined,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const locale = nearestLocale(headerOf(request, 'accept-language'));
  const { status, headers, problem, fault } = toProblem(error, request.id, locale, allowed);
  if (fault !== null) {
    const where = { route: `${route.method} ${route.path}`, request: request.id, status };
    if (fault instanceof Refusal)
      serving.logger.error('http.undeclared-refusal', { ...where, reason: fault.code });
    else serving.logger.error('http.fault', { ...where, ...describeFault(fault) });
  }
  reply.code(status).headers(headers);
  if (status === 413) {
    reply.removeHeader('connection');
    linger(request.raw);
  }
  if (route.kind === 'page') {
    const page = { status, code: problem.code, title: problem.title, request: request.id, locale };
    return reply.type('text/html; charset=utf-8').send(serving.problemPage(page));
  }
  if (route.kind === 'scim') return sendScimError(reply, error, problem);
  return reply.type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
}

function bodyOf(route: Route, request: FastifyRequest, content: ContentHash | null): unknown {
  if (route.body === undefined) return undefined;
  if (isJsonBody(route.body) || route.body.kind === 'form' || route.body.kind === 'document')
    return request.body;
  if (route.body.kind === 'multipart') return readParts(request, route.body);
  return readRaw(request.raw, route.body.maxBytes, (chunk) => content?.update(chunk));
}

/** Reads a streamed body to its end; parsed bodies have nothing left. */
async function drain(body: unknown): Promise<void> {
  if (body === null || typeof body !== 'object' || !(Symbol.asyncIterator in body)) return;
  const iterate = body[Symbol.asyncIterator];
  if (typeof iterate !== 'function') return;
  const stream = { [Symbol.asyncIterator]: (): AsyncIterator<unknown> => iterate.call(body) };
  for await (const _chunk of stream);
}

/** What makes the request what it is, beside a streamed body: path, query, declared headers, JSON octets. */
function hashRequest(route: Route, request: FastifyRequest, octets: BodyOctets, content: ContentHash): void {
  content.update(JSON.stringify([request.params, request.query]));
  for (const name of Object.keys(request.headers).sort()) {
    if (name.startsWith('x-sealpost-') && name !== 'x-sealpost-csrf') {
      content.update(JSON.stringify([name, request.headers[name]]));
    }
  }
  content.update('\n');
  const sent = octets.get(request);
  if (sent !== undefined) content.update(sent);
  else if (route.body !== undefined && !isJsonBody(route.body) && route.body.kind === 'form') {
    content.update(JSON.stringify(request.body));
  }
}

function requestSignal(request: FastifyRequest, reply: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  // Not `request.raw.destroyed`: that is true as soon as the body has been read.
  if (reply.raw.destroyed || request.raw.socket.destroyed) gone.abort();
  // 'close' of the answer comes after it was sent as well: too late to disturb anything.
  reply.raw.once('close', () => gone.abort());
  request.raw.once('aborted', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

function streams(route: Route): boolean {
  return Object.values(route.responses).some((spec) => 'kind' in spec && spec.kind === 'event-stream');
}

/** How often it is asked whether the reader of a stream still may: a person who was ended reads no longer than this. */
const ASK_AGAIN_MS = 15_000;

/** Aborted when who opened a stream would no longer be let in: session or key ended, or the permission taken. */
function accessSignal(gate: Gate, route: Route, request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const ended = new AbortController();
  const stop = () => clearInterval(timer);
  const timer = setInterval(() => {
    stillAdmitted(gate, route, request).then(
      (admitted) => {
        if (admitted) return;
        stop();
        ended.abort();
      },
      // What cannot be asked now is asked again: only a refusal ends the stream.
      () => undefined,
    );
  }, gate.askAgainMs ?? ASK_AGAIN_MS).unref();
  reply.raw.once('close', stop);
  return ended.signal;
}

function cookiesOf(request: FastifyRequest, reply: FastifyReply): Cookies {
  const secure = isSecure(request);
  const common = { path: '/', httpOnly: true, secure } as const;
  return {
    get: (base) => cookieOf(request, base),
    set(base, value, options) {
      const age = options.maxAgeSeconds === undefined ? {} : { maxAge: options.maxAgeSeconds };
      reply.setCookie(cookieName(base, secure), value, { ...common, sameSite: options.sameSite, ...age });
    },
    clear: (base) => void reply.clearCookie(cookieName(base, secure), { ...common, sameSite: 'strict' }),
  };
}
