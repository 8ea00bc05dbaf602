import { z } from 'zod';
import type { Caller, Origin, Permission } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import type { RefusalCode } from '#core/errors';
import type { IdentityId, SessionId } from '#core/ids';
import type { Standing } from '#platform/access';
import type { Transaction } from '#platform/database';
import { type BodyOf, type BodySpec, isJsonBody } from './body.ts';
import type { Cookies } from './cookies.ts';
import { knownNames, parseInput } from './input.ts';
import type { Answer, AnyAnswer, Responses } from './response.ts';
import { type FourEyesCode, heldActSchema } from './second-person.ts';

/**
 * `public`: anybody. `session`: a person signed in to the console. Else: an API key or session with that permission.
 * `scoped`: also one that holds it for single things only; the handler must then ask `requireAccess` with the thing.
 */
export type RouteAccess = 'public' | 'session' | { readonly permission: Permission; readonly scoped?: true };

/** The session behind a request of a signed-in person. */
export interface SessionContext {
  readonly id: SessionId;
  readonly identity: IdentityId;
  readonly factors: readonly string[];
  readonly expiresAt: Date;
  readonly idleSeconds: number;
  readonly provenAt: Date;
  readonly stepUpMinutes: number;
  /** What access rules are judged by. */
  readonly standing: Standing;
  /** What the console must send back as `X-Sealpost-CSRF` with every unsafe request. */
  readonly csrfToken: string;
}

/** The hook for routes with `idempotent: true`. */
export interface IdempotencyHook {
  /**
   * Stores the answer in the transaction of the act, so that both exist or none does. Call it once, with exactly the
   * answer that the handler then returns; it is cheap and does nothing when the request has no Idempotency-Key.
   * When a twin request was faster it throws, the act rolls back, and the twin's answer is sent. For streamed bodies
   * call it after the body was read to its end.
   */
  commit(tx: Transaction, status: number, body: unknown): Promise<void>;
}

interface CommonContext {
  /** Address after the trusted-proxy rule, and the channel. */
  readonly origin: Origin;
  /** Public id of the request. */
  readonly request: string;
  readonly cookies: Cookies;
  readonly idempotency: IdempotencyHook;
  /** Aborted when the client has gone or the server drains. */
  readonly signal: AbortSignal;
  /** Value of the Accept-Language header, for pages. */
  readonly acceptLanguage: string | undefined;
  readonly userAgent: string | undefined;
  /** The certificate that the client showed in TLS, or a trusted proxy speaks for. */
  readonly clientCertificate: ClientCertificate | null;
  /** Scheme and host of the page that asks, when it is one of ours; else of the address that was called. */
  readonly pageOrigin: string;
  /**
   * Throws what this session would be refused with if its browser opened this file of ours now (path and query): `not-found`
   * where it is no file, `not-permitted`, `step-up-required`.
   */
  readonly mayOpen: (target: string) => Promise<void>;
}

type AccessContext<A extends RouteAccess> = A extends 'public'
  ? { readonly caller: null; readonly session: null }
  : A extends 'session'
    ? { readonly caller: Caller; readonly session: SessionContext }
    : { readonly caller: Caller; readonly session: SessionContext | null };

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : Readonly<Record<string, never>>;

interface Input<P, Q, H, B> {
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly headers: Parsed<H>;
  readonly body: BodyOf<B>;
}

export type RouteContext<A extends RouteAccess, P, Q, H, B> = CommonContext &
  AccessContext<A> &
  Input<P, Q, H, B>;

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type ObjectSchema = z.ZodType | undefined;

/** A route as a product writes it. All objects must be `z.strictObject`; see `inspectRoutes`. */
export interface RouteSpec<
  A extends RouteAccess,
  P extends ObjectSchema,
  Q extends ObjectSchema,
  H extends ObjectSchema,
  B extends BodySpec | undefined,
  R extends Responses,
> {
  readonly method: Method;
  /** With `:name` parameters, such as `/v1/messages/:id`. */
  readonly path: string;
  /**
   * `api` answers problems as JSON (RFC 9457), `page` as HTML, `scim` as that protocol's own errors (RFC 7644 §3.12); it
   * describes itself under /scim/v2/Schemas and is no part of our document. Default `api`.
   */
  readonly kind?: 'api' | 'page' | 'scim';
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly access: A;
  readonly params?: P;
  readonly query?: Q;
  /** Lower-case names; only the declared ones are read. */
  readonly headers?: H;
  readonly body?: B;
  readonly responses: R;
  /** Refusals of this route beyond those that every route may give (authentication, limits, validation). */
  readonly errors?: readonly RefusalCode[];
  /**
   * Asks a signed-in person to prove a factor anew when that is longer ago than the organisation's rule: exports, and
   * changes of keys, policies, roles, retention. Refusal `step-up-required`. API keys are not asked: they cannot answer.
   */
  readonly stepUp?: true;
  /** Takes a session that is not yet bound to a key: of the one route that binds it. */
  readonly binds?: true;
  /** The kind of act for which an organisation may want a second person; then it is answered 202 and done when approved. */
  readonly fourEyes?: FourEyesCode;
  /** Takes an Idempotency-Key; the handler must call `idempotency.commit` in its transaction. */
  readonly idempotent?: boolean;
  /**
   * Only for `public` routes that pages of other sites post to by the rules of a protocol (SAML): what is posted must prove
   * itself, and nothing that the browser brings may be believed for it.
   */
  readonly fromOtherSites?: true;
  /** Only for `public` routes that must be reachable by many: not counted by the rate limit. */
  readonly unlimited?: boolean;
}

/** What the server hands to a route: everything but the parsed input. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly caller: Caller | null;
  readonly session: SessionContext | null;
  readonly common: CommonContext;
}

/** A route whose own types have been closed over. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly kind: 'api' | 'page' | 'scim';
  readonly summary: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly access: RouteAccess;
  readonly params: ObjectSchema;
  readonly query: ObjectSchema;
  readonly headers: ObjectSchema;
  readonly body: BodySpec | undefined;
  readonly responses: Responses;
  readonly errors: readonly RefusalCode[];
  readonly stepUp: boolean;
  readonly binds: boolean;
  readonly fourEyes: FourEyesCode | null;
  readonly idempotent: boolean;
  readonly unlimited: boolean;
  readonly fromOtherSites: boolean;
  /** Throws InputProblem for input that does not fit. */
  check(request: Pick<RawRequest, 'params' | 'query' | 'headers' | 'body'>): void;
  invoke(request: RawRequest): Promise<AnyAnswer>;
}

/** A route that still lacks its handler. Two steps, so that the compiler knows the responses when it reads the handler. */
export interface RouteDraft<A extends RouteAccess, P, Q, H, B, R extends Responses> {
  handle(handler: (context: RouteContext<A, P, Q, H, B>) => Promise<Answer<R>>): Route;
}

/**
 * Describes a route; `.handle(async (context) => …)` completes it. Input is parsed by the schemas (InputProblem when
 * it does not fit) before the handler runs.
 */
export function defineRoute<
  const A extends RouteAccess,
  R extends Responses,
  P extends ObjectSchema = undefined,
  Q extends ObjectSchema = undefined,
  H extends ObjectSchema = undefined,
  B extends BodySpec | undefined = undefined,
>(spec: RouteSpec<A, P, Q, H, B, R>): RouteDraft<A, P, Q, H, B, R> {
  return { handle: (handler) => closeRoute(spec, handler) };
}

function closeRoute<
  A extends RouteAccess,
  P extends ObjectSchema,
  Q extends ObjectSchema,
  H extends ObjectSchema,
  B extends BodySpec | undefined,
  R extends Responses,
>(
  spec: RouteSpec<A, P, Q, H, B, R>,
  handler: (context: RouteContext<A, P, Q, H, B>) => Promise<Answer<R>>,
): Route {
  const { params, query, headers, body } = spec;
  const bodySchema = body === undefined ? undefined : jsonOrFormSchema(body);
  const names = knownNames([params, query, headers, bodySchema]);
  const headerNames = headers === undefined ? [] : [...knownNames([headers])];
  const parsed = (request: Pick<RawRequest, 'params' | 'query' | 'headers' | 'body'>) => {
    const declared: Record<string, unknown> = {};
    for (const name of headerNames) {
      if (request.headers[name] !== undefined) declared[name] = request.headers[name];
    }
    return {
      params: params === undefined ? {} : parseInput('params', params, request.params, names),
      query: query === undefined ? {} : parseInput('query', query, request.query, names),
      headers: headers === undefined ? {} : parseInput('headers', headers, declared, names),
      body:
        bodySchema === undefined
          ? body === undefined
            ? undefined
            : request.body
          : parseInput('body', bodySchema, request.body, names),
    };
  };
  return {
    method: spec.method,
    path: spec.path,
    kind: spec.kind ?? 'api',
    summary: spec.summary,
    description: spec.description,
    tags: spec.tags,
    access: spec.access,
    params,
    query,
    headers,
    body,
    responses: spec.fourEyes === undefined ? spec.responses : { ...spec.responses, 202: heldActSchema },
    errors: spec.errors ?? [],
    stepUp: spec.stepUp ?? false,
    binds: spec.binds ?? false,
    fourEyes: spec.fourEyes ?? null,
    idempotent: spec.idempotent ?? false,
    unlimited: spec.unlimited ?? false,
    fromOtherSites: spec.fromOtherSites ?? false,
    check: (request) => void parsed(request),
    async invoke(request) {
      const input = parsed(request);
      // The one place where a route's own types meet the untyped request: `input` has just been parsed by the schemas
      // that P, Q, H and B stand for, and the server has checked `access` before it calls. What is lazy in the
      // common part (the signal) stays a getter, but an own one: handlers take `{ params, ...request }` apart.
      const own = { caller: request.caller, session: request.session, ...input };
      const context: RouteContext<A, P, Q, H, B> = Object.assign(
        Object.create(Object.prototype, Object.getOwnPropertyDescriptors(request.common)),
        own,
      );
      return handler(context);
    },
  };
}

function jsonOrFormSchema(body: BodySpec): z.ZodType | undefined {
  if (isJsonBody(body)) return body;
  return body.kind === 'form' ? body.schema : undefined;
}

/** Path parameters `{id}` of a UUID, the most frequent case. */
export const idParams = z.strictObject({ id: z.uuid() });
