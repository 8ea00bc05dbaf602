import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { Refusal } from '#core/errors';
import type { Database } from '#platform/database';
import { type Clock, type Logger, newId, type TlsFiles } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { type AdmissionParts, admissionParts } from './admission-parts.ts';
import { fileFinder } from './admit-file.ts';
import type { RefusedAct } from './authenticate.ts';
import type { Authenticator } from './authenticator.ts';
import { addBodyParsers, type BodyOctets, JSON_LIMIT } from './body-parsers.ts';
import { type ClientCertificateSource, clientCertificates } from './client-certificate.ts';
import { documentationRoutes } from './documentation.ts';
import { type MetricsPort, operationRoutes, type Readiness } from './operations.ts';
import { createProofJudge } from './proof-judge.ts';
import { createRateLimiter, type RateLimitOptions } from './rate-limit.ts';
import { escapeHtml } from './reference-page.ts';
import type { Route } from './route.ts';
import type { SecondPerson } from './second-person.ts';
import { securityHeaders } from './security-headers.ts';
import { type ProblemForPage, type Serving, sendProblem, serveRoute } from './serve-route.ts';
import { addStaticFiles } from './static-files.ts';
import { inspectRoutes } from './strictness.ts';
import { createNodeServer, type NodeServer } from './tls-server.ts';

export interface HttpServerOptions {
  /** `api` serves the API and the console, `portal` the recipients' pages. */
  readonly channel: 'api' | 'portal';
  readonly routes: readonly Route[];
  /** Null where no route needs a caller (the portal has sessions of its own). */
  readonly authenticator: Authenticator | null;
  /** Null where no route is idempotent. */
  readonly idempotency: {
    readonly database: Database;
    readonly vault: Pick<Vault, 'mac' | 'sealValue' | 'openValue'>;
  } | null;
  /** Keeps acts that want a second person. */
  readonly secondPerson?: SecondPerson;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  /** The public address of this server, read at each request because set-up may change it. */
  readonly publicUrl: () => string | undefined;
  /** Addresses or CIDR ranges whose X-Forwarded-For and X-Forwarded-Proto are believed. */
  readonly trustedProxies: readonly string[];
  /** Header in which such a proxy says of the device whether it is `compliant`; from anybody else it is not read. */
  readonly postureHeader?: string | undefined;
  readonly tls: TlsFiles | undefined;
  /** Client certificates are asked for, not demanded, where this is given. */
  readonly clientCertificates?: ClientCertificateSource | null;
  readonly ready: () => Promise<Readiness>;
  readonly metrics?: MetricsPort;
  /** Called after each answer: pattern (never the URL), method, status, seconds. For metrics. */
  readonly observe?: (answer: ObservedAnswer) => void;
  /** A built single-page application to serve under `/`. */
  readonly staticDirectory?: string;
  /** Serves /v1/openapi.json and /v1/docs. */
  readonly documentation?: boolean;
  /** For requests without a caller; default 120 at once, 4 a second. */
  readonly publicRate?: RateLimitOptions;
  readonly problemPage?: (problem: ProblemForPage) => string;
  /** How often it is asked whether the reader of an event stream still may; default 15 s. */
  readonly askAgainMs?: number;
  /** Told of a caller who may not use a route, before the refusal is sent: for the record. */
  readonly refused?: (refused: RefusedAct) => Promise<void>;
}

export interface ObservedAnswer {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

/** A request as tests send it, without a socket. */
export interface InjectedRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects go as JSON, anything else as it is. */
  readonly body?: string | Buffer | object;
  readonly remoteAddress?: string;
}

export interface InjectedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly text: string;
  json(): unknown;
}

export interface HttpServer {
  /** Port 0 takes any free one. */
  listen(address: string, port: number): Promise<{ readonly address: string; readonly port: number }>;
  /** Stops accepting, ends event streams, lets running requests end (at most `graceMs`, default 10,000), closes. */
  close(graceMs?: number): Promise<void>;
  /** Reads changed certificate files now instead of within ten seconds. */
  reloadCertificate(): boolean;
  /** Every route served, for tests that walk them. */
  readonly routes: readonly Route[];
  inject(request: InjectedRequest): Promise<InjectedAnswer>;
}

/**
 * Makes the server. Throws when a route breaks the house rules (`inspectRoutes`): that is a fault of the program. `others` is for
 * tests alone: what is put in the place of a part of the admission.
 */
export async function createHttpServer(
  options: HttpServerOptions,
  others: Partial<AdmissionParts> = {},
): Promise<HttpServer> {
  const routes = [...options.routes, ...operationRoutes(options.ready, options.metrics)];
  if (options.documentation === true) routes.push(...documentationRoutes([...routes], options));
  const problems = inspectRoutes(routes);
  if (problems.length > 0) {
    throw new Error(`routes: ${problems.map(({ route, problem }) => `${route} ${problem}`).join('; ')}`);
  }
  let node: NodeServer | undefined;
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: JSON_LIMIT,
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    genReqId: () => newId(options.clock),
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 400 },
    // A path that cannot be decoded never meets a route; the framework's own answer would repeat it.
    frameworkErrors(error, request, reply) {
      void unknown(
        { ...options, problemPage: options.problemPage ?? plainProblemPage },
        error,
        request,
        reply,
      );
    },
    serverFactory(listener) {
      node = createNodeServer(
        listener,
        options.tls,
        options.logger,
        options.clientCertificates?.authorities ?? null,
      );
      return node.server;
    },
  });
  const closing = new AbortController();
  await assemble(app, routes, options, admissionParts(others), closing.signal);
  await app.ready();
  return {
    routes,
    async listen(address, port) {
      await app.listen({ host: address, port });
      const bound = app.server.address();
      return { address, port: isAddress(bound) ? bound.port : port };
    },
    async close(graceMs = 10_000) {
      closing.abort();
      node?.stop();
      const force = setTimeout(() => app.server.closeAllConnections(), graceMs);
      // A kept-alive connection whose last answer was under way when closing began becomes idle only later.
      const idle = setInterval(() => app.server.closeIdleConnections(), 50);
      await app.close().finally(() => {
        clearTimeout(force);
        clearInterval(idle);
      });
    },
    reloadCertificate: () => node?.reload() ?? false,
    inject: (request) => inject(app, request),
  };
}

async function assemble(
  app: FastifyInstance,
  routes: readonly Route[],
  options: HttpServerOptions,
  parts: AdmissionParts,
  closing: AbortSignal,
): Promise<void> {
  // Input and answers are checked by the routes themselves, with the same schemas; the schemas here feed the document only.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(cookie);
  const octets: BodyOctets = new WeakMap();
  await addBodyParsers(app, routes, octets);
  const rate = options.publicRate ?? { burst: 120, perSecond: 4 };
  const { authenticator, publicUrl, logger, channel, clock } = options;
  const serving: Serving = {
    gate: {
      authenticator,
      channel,
      publicUrl,
      limiter: createRateLimiter(rate, clock),
      proofs: createProofJudge(clock, parts),
      parts,
      ...(options.askAgainMs === undefined ? {} : { askAgainMs: options.askAgainMs }),
      posture: { header: options.postureHeader, proxies: options.trustedProxies },
      certificateOf: clientCertificates(options.clientCertificates ?? null, () => clock.now()),
      refused: options.refused,
    },
    files: fileFinder(routes, parts.opensByItself),
    octets,
    idempotency: options.idempotency === null ? null : { ...options.idempotency, clock },
    secondPerson: options.secondPerson ?? null,
    closing,
    logger,
    channel,
    problemPage: options.problemPage ?? plainProblemPage,
  };
  observe(app, options);
  for (const route of routes) serveRoute(app, route, serving);
  const { staticDirectory } = options;
  const sendIndex = staticDirectory === undefined ? undefined : await addStaticFiles(app, staticDirectory);
  app.setNotFoundHandler((request, reply) => {
    const api = channel === 'api' && /^\/(?:v1|scim|health|metrics)(?:\/|$|\?)/.test(request.url);
    // A missing file of an earlier build is not a page: answered as one, a browser would take it for a script.
    const asset = /^\/assets(?:\/|$|\?)/.test(request.url);
    if (sendIndex !== undefined && !api && !asset && request.method === 'GET') {
      reply.headers(securityHeaders('page', request.protocol === 'https'));
      return sendIndex(reply);
    }
    return unknown(serving, new Refusal('not-found'), request, reply);
  });
  app.setErrorHandler((error, request, reply) => unknown(serving, error, request, reply));
}

/** A problem outside of any route: unknown paths and requests that cannot be read at all. */
function unknown(
  serving: Pick<Serving, 'logger' | 'problemPage' | 'channel'>,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const kind = serving.channel === 'portal' ? 'page' : 'api';
  reply.headers(securityHeaders(kind, request.protocol === 'https'));
  return sendProblem(serving, { kind, method: 'GET', path: '*' }, undefined, error, request, reply);
}

function observe(app: FastifyInstance, options: HttpServerOptions): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '*';
    const seconds = reply.elapsedTime / 1000;
    options.observe?.({ route, method: request.method, status: reply.statusCode, seconds });
    options.logger.debug('http.answered', {
      route: `${request.method} ${route}`,
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
      request: request.id,
    });
  });
}

function plainProblemPage(problem: ProblemForPage): string {
  return `<!doctype html><html lang="${problem.locale}"><head><meta charset="utf-8"><title>${problem.status}</title></head>
<body><main><h1>${escapeHtml(problem.title)}</h1><p><code>${escapeHtml(problem.request)}</code></p></main></body></html>`;
}

function isAddress(value: string | AddressInfo | null): value is AddressInfo {
  return value !== null && typeof value === 'object';
}

async function inject(app: FastifyInstance, request: InjectedRequest): Promise<InjectedAnswer> {
  const answer = await app.inject({
    method: request.method,
    url: request.path,
    headers: { host: '127.0.0.1', ...request.headers },
    remoteAddress: request.remoteAddress ?? '127.0.0.1',
    ...(request.body === undefined ? {} : { payload: request.body }),
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    json: (): unknown => JSON.parse(answer.body),
  };
}
