import type { FastifyRequest } from 'fastify';
import type { BrowserSigns, Caller, Origin } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import { Refusal } from '#core/errors';
import { accessScopes, addressAllowed } from '#platform/access';
import type { AdmissionParts } from './admission-parts.ts';
import { type Authenticator, type Principal, SESSION_COOKIE } from './authenticator.ts';
import { csrfToken, isSafeMethod } from './csrf.ts';
import { addressOf, cookieOf, headerOf, ownOrigins } from './peer.ts';
import type { ProofJudge } from './proof-judge.ts';
import { keyProven, type LiveSession } from './prove-session.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { Route, SessionContext } from './route.ts';

export interface Admitted {
  readonly caller: Caller | null;
  readonly session: SessionContext | null;
  /** The session as it was looked up; null where the caller has none. */
  readonly live: LiveSession | null;
  readonly origin: Origin;
}

export interface Gate {
  readonly authenticator: Authenticator | null;
  readonly channel: 'api' | 'portal';
  readonly limiter: RateLimiter;
  readonly proofs: ProofJudge;
  readonly parts: Pick<AdmissionParts, 'sameOrigin' | 'csrfMatches' | 'identifySession' | 'opensByItself'>;
  readonly posture: { readonly header: string | undefined; readonly proxies: readonly string[] };
  readonly publicUrl: () => string | undefined;
  /** How often the reader of an event stream is asked for again; default 15 s. */
  readonly askAgainMs?: number;
  readonly certificateOf: (request: FastifyRequest) => ClientCertificate | null;
  /** Told of a caller who may not use a route, before the refusal is sent. */
  readonly refused?: ((refused: RefusedAct) => Promise<void>) | undefined;
}

/** Somebody known asked for a route that they may not use. */
export interface RefusedAct {
  readonly caller: Caller;
  /** Method and pattern, never the address that was called. */
  readonly route: string;
  readonly permission: string;
}

/**
 * Lets a request in to a route, or throws Refusal: before its body is read. An Authorization header is taken alone; a
 * session cookie counts only with a proof by the key that the session is bound to, and for unsafe methods only together with
 * its CSRF header.
 */
export async function admit(gate: Gate, route: Route, request: FastifyRequest): Promise<Admitted> {
  const address = addressOf(request);
  if (!isSafeMethod(request.method) && !(route.fromOtherSites && route.access === 'public')) {
    const signs = {
      origin: headerOf(request, 'origin'),
      secFetchSite: headerOf(request, 'sec-fetch-site'),
      formToken: route.kind === 'page',
    };
    if (!gate.parts.sameOrigin(signs, ownOrigins(request, gate.publicUrl()))) {
      throw new Refusal('not-permitted', { reason: 'cross-origin' });
    }
  }
  if (route.access === 'public') {
    if (!route.unlimited) spend(gate, address);
    const key = gate.channel === 'api' ? keyProven(gate.proofs, request) : null;
    const origin = { address, channel: gate.channel, browser: signsOf(gate, request, key) };
    return { caller: null, session: null, live: null, origin };
  }
  const admitted = await identify(gate, route, request, address);
  if (admitted === null) {
    spend(gate, address);
    throw new Refusal('not-authenticated');
  }
  if (route.access === 'session') {
    if (admitted.session === null) throw new Refusal('not-permitted', { reason: 'session-only' });
    return admitted;
  }
  if (admitted.caller === null || !holds(admitted.caller, route.access)) {
    const { permission } = route.access;
    const { caller } = admitted;
    if (caller !== null) await gate.refused?.({ caller, route: `${route.method} ${route.path}`, permission });
    throw new Refusal('not-permitted', { permission: route.access.permission });
  }
  gate.authenticator?.used?.(admitted.caller, route.access.permission);
  return admitted;
}

/**
 * Whether who opened a stream would be let in still: the session or key stands, and holds what the route asks for. The proof
 * and the ticket belonged to the moment of opening, and are not asked for again. Throws what looking it up throws.
 */
export async function stillAdmitted(gate: Gate, route: Route, request: FastifyRequest): Promise<boolean> {
  const { authenticator } = gate;
  if (route.access === 'public') return true;
  if (authenticator === null) return false;
  const authorization = headerOf(request, 'authorization');
  const token = cookieOf(request, SESSION_COOKIE);
  const bearer = authorization === undefined ? undefined : bearerOf(authorization);
  const principal =
    bearer !== undefined
      ? await authenticator.apiKey(bearer, addressOf(request), gate.certificateOf(request))
      : authorization === undefined && token !== undefined
        ? await authenticator.sessions.authenticate(token)
        : null;
  if (principal === null) return false;
  return route.access === 'session' || holds(principal, route.access);
}

function bearerOf(authorization: string): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1];
}

/** Whether a route of this permission lets them in. */
export function holds(
  caller: Pick<Caller, 'permissions' | 'scoped'>,
  { permission, scoped }: Exclude<Route['access'], string>,
): boolean {
  const held = accessScopes(caller, permission);
  return held === 'everywhere' || (scoped === true && held.length > 0);
}

function spend(gate: Gate, address: string | null): void {
  const wait = gate.limiter.take(address);
  if (wait > 0) throw new Refusal('too-many-requests', { retryAfter: Math.ceil(wait) });
}

async function identify(
  gate: Gate,
  route: Route,
  request: FastifyRequest,
  address: string | null,
): Promise<Admitted | null> {
  const { authenticator } = gate;
  if (authenticator === null) return null;
  const authorization = headerOf(request, 'authorization');
  if (authorization !== undefined) {
    const bearer = bearerOf(authorization);
    const principal =
      bearer === undefined ? null : await authenticator.apiKey(bearer, address, gate.certificateOf(request));
    if (principal === null) return null;
    const origin = { address, channel: 'api' } as const;
    return { caller: callerOf(principal, origin, request.id), session: null, live: null, origin };
  }
  const token = cookieOf(request, SESSION_COOKIE);
  if (token === undefined) return null;
  const principal = await authenticator.sessions.authenticate(token);
  if (principal === null) return null;
  const csrf = headerOf(request, 'x-sealpost-csrf');
  // Who has come back from a provider has been told no value yet: their page binds the session first. Its proof by key stands in
  // headers of our own, which a page of another site cannot send, and the origin was looked at before.
  const binding = route.binds && principal.session.proofKey === null && csrf === undefined;
  if (
    !binding &&
    (!isSafeMethod(request.method) || csrf !== undefined) &&
    !gate.parts.csrfMatches(token, csrf)
  ) {
    throw new Refusal('not-permitted', { reason: 'csrf' });
  }
  const bare = { address, channel: 'console' } as const;
  const { fault, key } = await gate.parts.identifySession(
    { proofs: gate.proofs, opensByItself: gate.parts.opensByItself },
    authenticator,
    principal,
    route,
    request,
  );
  if (fault !== null) {
    spend(gate, address);
    const from = { origin: bare, request: request.id };
    // A clock that is wrong is no attack: the browser learns the time from this answer and tries again.
    if (fault !== 'time') await authenticator.sessions.proofRefused(principal, fault, from);
    const serverTime = gate.proofs.now();
    throw new Refusal('not-authenticated', { reason: `proof-${fault}`, serverTime });
  }
  const origin = { ...bare, browser: signsOf(gate, request, key) };
  const how = {
    permission: typeof route.access === 'string' ? null : route.access.permission,
    stepUp: route.stepUp,
    active: headerOf(request, 'sealpost-idle') === undefined,
  };
  await authenticator.sessions.use(principal, how, { origin, request: request.id });
  const { proofKey: _key, lastUsedAt: _at, rules: _rules, ...common } = principal.session;
  return {
    caller: callerOf(principal, origin, request.id),
    session: { ...common, csrfToken: csrfToken(token) },
    live: principal,
    origin,
  };
}

function signsOf({ posture }: Gate, request: FastifyRequest, key: string | null): BrowserSigns {
  return { key, agent: headerOf(request, 'user-agent'), posture: postureOf(posture, request) };
}

/** What the proxy reports of the device: only where the peer itself is a proxy that is trusted. */
function postureOf({ header, proxies }: Gate['posture'], request: FastifyRequest): string | null {
  if (header === undefined || proxies.length === 0) return null;
  const peer = request.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? null;
  return addressAllowed(peer, proxies) ? (headerOf(request, header) ?? null) : null;
}

function callerOf(principal: Principal, origin: Caller['origin'], request: string): Caller {
  const { organisation, actor, permissions, scoped } = principal;
  return { organisation, actor, permissions, ...(scoped === undefined ? {} : { scoped }), origin, request };
}
