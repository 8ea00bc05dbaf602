import type { FastifyRequest } from 'fastify';
import type { Caller } from '#core/actor';
import type { ClientCertificate } from '#core/client-certificate';
import { Refusal } from '#core/errors';
import { accessScopes } from '#platform/access';
import { type Authenticator, type Principal, SESSION_COOKIE } from './authenticator.ts';
import { csrfMatches, csrfToken, isSafeMethod, sameOrigin } from './csrf.ts';
import { addressOf, cookieOf, headerOf, ownOrigins } from './peer.ts';
import type { RateLimiter } from './rate-limit.ts';
import type { Route, SessionContext } from './route.ts';

export interface Admitted {
  readonly caller: Caller | null;
  readonly session: SessionContext | null;
}

export interface Gate {
  readonly authenticator: Authenticator | null;
  readonly limiter: RateLimiter;
  readonly publicUrl: () => string | undefined;
  readonly certificateOf: (request: FastifyRequest) => ClientCertificate | null;
}

/**
 * Lets a request in to a route, or throws Refusal: before its body is read. An Authorization header is taken alone; a
 * session cookie counts for unsafe methods only together with its CSRF header.
 */
export async function admit(gate: Gate, route: Route, request: FastifyRequest): Promise<Admitted> {
  const address = addressOf(request);
  if (!isSafeMethod(request.method)) {
    const signs = {
      origin: headerOf(request, 'origin'),
      secFetchSite: headerOf(request, 'sec-fetch-site'),
      formToken: route.kind === 'page',
    };
    if (!sameOrigin(signs, ownOrigins(request, gate.publicUrl()))) {
      throw new Refusal('not-permitted', { reason: 'cross-origin' });
    }
  }
  if (route.access === 'public') {
    if (!route.unlimited) spend(gate, address);
    return { caller: null, session: null };
  }
  const admitted = await identify(gate, request, address);
  if (admitted === null) {
    spend(gate, address);
    throw new Refusal('not-authenticated');
  }
  if (route.access === 'session') {
    if (admitted.session === null) throw new Refusal('not-permitted', { reason: 'session-only' });
    return admitted;
  }
  if (admitted.caller === null || !holds(admitted.caller, route.access)) {
    throw new Refusal('not-permitted', { permission: route.access.permission });
  }
  return admitted;
}

function holds(caller: Caller, { permission, scoped }: Exclude<Route['access'], string>): boolean {
  const held = accessScopes(caller, permission);
  return held === 'everywhere' || (scoped === true && held.length > 0);
}

function spend(gate: Gate, address: string | null): void {
  const wait = gate.limiter.take(address);
  if (wait > 0) throw new Refusal('too-many-requests', { retryAfter: Math.ceil(wait) });
}

async function identify(
  gate: Gate,
  request: FastifyRequest,
  address: string | null,
): Promise<Admitted | null> {
  if (gate.authenticator === null) return null;
  const authorization = headerOf(request, 'authorization');
  if (authorization !== undefined) {
    const bearer = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1];
    const principal =
      bearer === undefined
        ? null
        : await gate.authenticator.apiKey(bearer, address, gate.certificateOf(request));
    if (principal === null) return null;
    const origin = { address, channel: 'api' } as const;
    return { caller: callerOf(principal, origin, request.id), session: null };
  }
  const token = cookieOf(request, SESSION_COOKIE);
  if (token === undefined) return null;
  const principal = await gate.authenticator.session(token);
  if (principal === null) return null;
  if (!isSafeMethod(request.method) && !csrfMatches(token, headerOf(request, 'x-sealpost-csrf'))) {
    throw new Refusal('not-permitted', { reason: 'csrf' });
  }
  const origin = { address, channel: 'console' } as const;
  return {
    caller: callerOf(principal, origin, request.id),
    session: { ...principal.session, csrfToken: csrfToken(token) },
  };
}

function callerOf(principal: Principal, origin: Caller['origin'], request: string): Caller {
  const { organisation, actor, permissions, scoped } = principal;
  return { organisation, actor, permissions, ...(scoped === undefined ? {} : { scoped }), origin, request };
}
