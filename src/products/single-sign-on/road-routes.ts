import { z } from 'zod';
import type { StartedSession } from '#platform/access';
import { publishedKeys } from '#platform/federation';
import {
  type Cookies,
  defineRoute,
  form,
  html,
  type Route,
  redirect,
  SESSION_COOKIE,
  text,
} from '#platform/http';
import { arriveAsStaff, type SignedOn } from './arrive.ts';
import { ownPath } from './places.ts';
import type { SignOnNeeds } from './ports.ts';
import { publicReason } from './public-reason.ts';
import { newToken, type Road } from './road.ts';
import type { SignOut } from './sign-out.ts';

export interface RoadRoutePorts {
  readonly needs: SignOnNeeds;
  readonly road: Road;
  readonly signOut: SignOut;
}

/** Base name of the cookie that binds a sign-in at a provider to the browser that began it. */
const BROWSER_COOKIE = 'sealpost-sso';
const COOKIE_SECONDS = 600;
const tags = ['sign-in'];
const idParams = z.strictObject({ id: z.uuid() });
/** Providers add what they like; only what the protocol names is read. Nothing may come twice. */
const query = z.record(z.string().max(100), z.string().max(8_192));
const message = z.string().min(1).max(400_000);
const relay = z.string().max(2_000).optional();

/** The browser's token, made when it has none. Lax: it must come along when the provider sends the browser back by GET. */
export function browserToken(cookies: Cookies): string {
  const known = cookies.get(BROWSER_COOKIE);
  const token = known !== undefined && /^[\w-]{43}$/.test(known) ? known : newToken();
  cookies.set(BROWSER_COOKIE, token, { sameSite: 'lax', maxAgeSeconds: COOKIE_SECONDS });
  return token;
}

/** The browser's way to a provider and back. Pages without content: they lead on, or say in one word why not. */
export function roadRoutes(ports: RoadRoutePorts): Route[] {
  return [
    start(ports),
    cameBack(ports),
    posted(ports),
    finish(ports),
    ...described(ports),
    ...signedOut(ports),
  ];
}

const refused = (reason: Parameters<typeof publicReason>[0]) => `/sign-in?refused=${publicReason(reason)}`;

function goOn(signedOn: SignedOn, cookies: Cookies, agentSession: (started: StartedSession) => void): string {
  if (signedOn.kind === 'ended') return refused(signedOn.reason);
  cookies.clear(BROWSER_COOKIE);
  if (signedOn.kind === 'tried')
    return `/settings/single-sign-on?connection=${signedOn.connection}&try=${signedOn.attempt}`;
  agentSession(signedOn.started);
  return signedOn.returnTo;
}

function start({ road }: RoadRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/sso/:id/start',
    kind: 'page',
    summary: 'Go to the identity provider',
    tags,
    access: 'public',
    params: idParams,
    query: z.strictObject({
      to: z.string().max(500).optional(),
      fresh: z.enum(['1']).optional(),
    }),
    responses: { 303: redirect },
  }).handle(async ({ params, query: asked, cookies, origin, request }) => {
    const wish = {
      ...({ purpose: 'sign-in', browser: browserToken(cookies), returnTo: ownPath(asked.to) } as const),
      ...{ fresh: asked.fresh === '1', loginHint: null },
    };
    const begun = await road.begin(params.id, wish, { origin, request });
    return { status: 303, headers: { location: begun.kind === 'leave' ? begun.url : refused(begun.reason) } };
  });
}

const setSession = (cookies: Cookies) => (started: StartedSession) =>
  cookies.set(SESSION_COOKIE, started.token, { sameSite: 'strict' });

function cameBack({ needs, road }: RoadRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/sso/:id/callback',
    kind: 'page',
    summary: 'Come back from the identity provider (OpenID Connect)',
    tags,
    access: 'public',
    params: idParams,
    query,
    responses: { 303: redirect },
  }).handle(async ({ params, query: came, cookies, origin, request, userAgent }) => {
    const from = { origin, request };
    const arrived = await road.cameBack(params.id, came, cookies.get(BROWSER_COOKIE), from);
    const signedOn = await arriveAsStaff(needs, road, arrived, userAgent, from);
    return { status: 303, headers: { location: goOn(signedOn, cookies, setSession(cookies)) } };
  });
}

function posted({ road }: RoadRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/sso/:id/acs',
    kind: 'page',
    summary: 'Take a SAML response (assertion consumer service, HTTP-POST)',
    tags,
    access: 'public',
    fromOtherSites: true,
    params: idParams,
    body: form(z.strictObject({ SAMLResponse: message, RelayState: relay })),
    responses: { 303: redirect },
  }).handle(async ({ params, body, cookies, origin, request }) => {
    const came = await road.posted(params.id, body.SAMLResponse, { origin, request });
    if (came.kind === 'ended') return { status: 303, headers: { location: refused(came.reason) } };
    if (came.browser !== null) {
      cookies.set(BROWSER_COOKIE, came.browser, { sameSite: 'lax', maxAgeSeconds: COOKIE_SECONDS });
    }
    return { status: 303, headers: { location: `/sso/${params.id}/finish?ticket=${came.ticket}` } };
  });
}

function finish({ needs, road }: RoadRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/sso/:id/finish',
    kind: 'page',
    summary: 'Fetch what a SAML response was believed for, in the browser that asked',
    tags,
    access: 'public',
    params: idParams,
    query: z.strictObject({ ticket: z.string().min(1).max(100) }),
    responses: { 303: redirect },
  }).handle(async ({ params, query: { ticket }, cookies, origin, request, userAgent }) => {
    const from = { origin, request };
    const arrived = await road.withTicket(params.id, ticket, cookies.get(BROWSER_COOKIE), from);
    const signedOn = await arriveAsStaff(needs, road, arrived, userAgent, from);
    return { status: 303, headers: { location: goOn(signedOn, cookies, setSession(cookies)) } };
  });
}

function described({ needs, road }: RoadRoutePorts): Route[] {
  const common = { method: 'GET', kind: 'page', tags, access: 'public', params: idParams } as const;
  return [
    defineRoute({
      ...common,
      path: '/sso/:id/metadata',
      summary: 'SAML metadata of this service',
      responses: { 200: text('application/samlmetadata+xml'), 404: html },
    }).handle(async ({ params }) => {
      const one = await road.connection(params.id);
      if (one === undefined || one.settings.kind !== 'saml') return { status: 404, body: '' };
      return { status: 200, body: needs.saml.metadata(one.settings.own, road.places(one)) };
    }),
    defineRoute({
      ...common,
      path: '/sso/:id/keys',
      summary: 'Public key by which this service proves itself to the identity provider (JWK set)',
      responses: { 200: text('application/jwk-set+json'), 404: html },
    }).handle(async ({ params }) => {
      const one = await road.connection(params.id);
      if (one === undefined || one.settings.kind !== 'oidc') return { status: 404, body: '' };
      return { status: 200, body: publishedKeys(one.settings) };
    }),
  ];
}

function signedOut({ signOut }: RoadRoutePorts): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/sso/:id/back-channel-logout',
      kind: 'page',
      summary: 'The identity provider ends sessions (OpenID Connect Back-Channel Logout)',
      tags,
      access: 'public',
      params: idParams,
      body: form(z.strictObject({ logout_token: message })),
      responses: { 200: text('application/json'), 400: text('application/json') },
    }).handle(async ({ params, body, origin, request }) => {
      const done = await signOut.backChannel(params.id, body.logout_token, { origin, request });
      if (done === 'done') return { status: 200, body: '{}' };
      return { status: 400, body: JSON.stringify({ error: 'invalid_request' }) };
    }),
    defineRoute({
      method: 'POST',
      path: '/sso/:id/logout',
      kind: 'page',
      summary: 'The identity provider ends sessions (SAML single logout, HTTP-POST)',
      tags,
      access: 'public',
      fromOtherSites: true,
      params: idParams,
      body: form(z.strictObject({ SAMLRequest: message, RelayState: relay })),
      responses: { 303: redirect },
    }).handle(async ({ params, body, origin, request }) => {
      const { SAMLRequest, RelayState } = body;
      const done = await signOut.samlRequest(params.id, SAMLRequest, RelayState ?? null, { origin, request });
      const location = typeof done === 'string' ? refused(done) : (done.answer ?? '/sign-in');
      return { status: 303, headers: { location } };
    }),
  ];
}
