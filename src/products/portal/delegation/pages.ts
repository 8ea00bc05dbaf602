import { z } from 'zod';
import { isUuid } from '#core/ids';
import { publishedKeys } from '#platform/federation';
import { defineRoute, form, html, type Route, text } from '#platform/http';
import { goTo, PAGES, type PageAnswer, type Redirected, show } from '../page-answer.ts';
import {
  dropCookie,
  frameOf,
  type PageRequest,
  type PortalRooms,
  readCookie,
  visitCookie,
  visitOf,
  writeCookie,
} from '../page-context.ts';
import { type RefusedWords, refusedPage } from '../views/door-pages.ts';
import { missingPage } from '../views/other-pages.ts';
import { signInPage } from '../views/sign-in-pages.ts';
import { ATTEMPT_SECONDS } from './attempt.ts';
import { backChannel } from './back-channel.ts';
import { doorOf } from './door.ts';
import { comeBack, leave, type Refused } from './road.ts';
import { type Delegation, delegationById } from './settings.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public' } as const;
const params = z.strictObject({ id: z.uuid() });
const YEAR_SECONDS = 365 * 24 * 60 * 60;
/** Providers add what they like; only what the protocol names is read. Nothing may come twice. */
const anyQuery = z.record(z.string().max(100), z.string().max(8_192));
const hint = z.string().max(500).optional();
/** What a third party sends to begin a sign-in (Core, section 4). */
const initiated = { iss: z.string().max(2_000), login_hint: hint, target_link_uri: hint };

/**
 * The one door (PO-7): signing in with the account of an organisation's own patient portal. Every GET here writes nothing and
 * opens nothing, but for the one that the portal sends the browser back with.
 */
export function delegationPages(rooms: PortalRooms): Route[] {
  return [
    signInRoute(rooms),
    startRoute(rooms),
    ...initiateRoutes(rooms),
    callbackRoute(rooms),
    ...machines(rooms),
  ];
}

function signInRoute(rooms: PortalRooms): Route {
  return defineRoute({
    ...COMMON,
    method: 'GET',
    path: '/portal/:id',
    summary: 'Sign in to the messages of one organisation, by its own patient portal or by a code',
    params,
    responses: PAGES,
  }).handle(async ({ params: { id }, ...request }) => {
    const found = await delegationById(rooms.needs, id);
    const door = found === undefined ? null : await doorOf(rooms.needs, found.organisation);
    if (door === null) return show(404, missingPage(frameOf(rooms, request, null, null)));
    const token = await rooms.forms.issue(visitCookie(request), 'sign-in');
    const frame = frameOf(rooms, request, null, `/portal/${id}`);
    return show(
      200,
      signInPage(frame, { token, address: '', problem: 'none', passkey: null, door, own: true }),
    );
  });
}

function startRoute(rooms: PortalRooms): Route {
  return defineRoute({
    ...COMMON,
    method: 'GET',
    path: '/portal/:id/start',
    summary: 'Go to the organisation’s patient portal; `message` names the message to come back to',
    params,
    query: z.strictObject({ message: z.uuid().optional() }),
    responses: PAGES,
  }).handle(async ({ params: { id }, query, ...request }) =>
    goThere(rooms, request, id, { target: query.message ?? null, loginHint: null }),
  );
}

/** Begun by the portal itself: OpenID Connect Core 1.0, section 4, by GET and by POST. */
function initiateRoutes(rooms: PortalRooms): Route[] {
  const begin = (
    request: PageRequest,
    id: string,
    asked: {
      readonly iss: string;
      readonly login_hint?: string | undefined;
      readonly target_link_uri?: string | undefined;
    },
  ): Promise<PageAnswer> =>
    goThere(rooms, request, id, {
      issuer: asked.iss,
      loginHint: asked.login_hint ?? null,
      target: targetOf(rooms.needs.publicUrl?.(), asked.target_link_uri),
    });
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/portal/:id/initiate',
      summary: 'Begin a sign-in that the patient portal asks for (initiate_login_uri)',
      params,
      query: z.strictObject(initiated),
      responses: PAGES,
    }).handle(async ({ params: { id }, query, ...request }) => begin(request, id, query)),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/portal/:id/initiate',
      summary: 'Begin a sign-in that the patient portal asks for (initiate_login_uri), posted',
      fromOtherSites: true,
      params,
      body: form(z.strictObject(initiated)),
      responses: PAGES,
    }).handle(async ({ params: { id }, body, ...request }) => begin(request, id, body)),
  ];
}

/** The message that a link of ours names; null for any other address, which then leads to the list: never anywhere else. */
export function targetOf(base: string | undefined, uri: string | undefined): string | null {
  if (base === undefined || uri === undefined || !URL.canParse(uri)) return null;
  const url = new URL(uri);
  const id = /^\/messages\/([^/]+)$/.exec(url.pathname)?.[1] ?? '';
  return url.origin === new URL(base).origin && isUuid(id) ? id : null;
}

async function goThere(
  rooms: PortalRooms,
  request: PageRequest,
  id: string,
  wish: Parameters<typeof leave>[2],
): Promise<PageAnswer> {
  const left = await leave(rooms.needs, id, wish);
  if (left.kind === 'refused') return showRefused(rooms, request, left.reason, left.delegation);
  writeCookie(request, 'delegation', left.cookie, ATTEMPT_SECONDS);
  return goOut(left.url);
}

/** To the organisation's portal, whose address its staff have set. */
function goOut(url: string): Redirected {
  return {
    status: 303,
    headers: { location: url, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  };
}

function callbackRoute(rooms: PortalRooms): Route {
  return defineRoute({
    ...COMMON,
    method: 'GET',
    path: '/portal/:id/callback',
    summary: 'Come back from the organisation’s patient portal',
    params,
    query: anyQuery,
    responses: PAGES,
  }).handle(async ({ params: { id }, query, ...request }) => {
    const came = { query, cookie: readCookie(request, 'delegation') };
    const back = await comeBack(rooms.needs, id, came, visitOf(request));
    dropCookie(request, 'delegation');
    if (back.kind === 'refused') return showRefused(rooms, request, back.reason, back.delegation);
    writeCookie(request, 'session', back.sessionToken);
    writeCookie(request, 'door', id, YEAR_SECONDS);
    return goTo(back.item === null ? '/messages' : `/messages/${back.item}`);
  });
}

function showRefused(
  rooms: PortalRooms,
  request: PageRequest,
  reason: Refused,
  delegation: Delegation | null,
): PageAnswer {
  const words = wordsOf(reason);
  // What is off names nobody.
  const open = delegation !== null && delegation.row.mode !== 'off';
  const door = open ? { id: delegation.row.id, name: delegation.row.name } : null;
  const page = refusedPage(frameOf(rooms, request, null, null), { words, door });
  return words === 'unavailable' ? show(404, page) : show(403, page);
}

/** What somebody is told: what they can do about it, and nothing of how the door is made. */
function wordsOf(reason: Refused): RefusedWords {
  switch (reason) {
    case 'not-theirs':
    case 'not-known':
      return reason;
    case 'address-unverified':
      return 'unverified';
    case 'provider-refused':
      return 'cancelled';
    case 'unknown':
    case 'off':
    case 'other-issuer':
    case 'no-claim':
    case 'provider-unreachable':
    case 'provider-unfit':
      return 'unavailable';
    default:
      return 'again';
  }
}

/** For the portal's own machines. */
function machines(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/portal/:id/keys',
      summary: 'Public key by which this service proves itself to the patient portal (JWK set)',
      params,
      responses: { 200: text('application/jwk-set+json'), 404: html },
    }).handle(async ({ params: { id } }) => {
      const found = await delegationById(rooms.needs, id);
      return found === undefined
        ? { status: 404, body: '' }
        : { status: 200, body: publishedKeys(found.client) };
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/portal/:id/back-channel-logout',
      summary: 'The patient portal ends sessions (OpenID Connect Back-Channel Logout)',
      params,
      body: form(z.strictObject({ logout_token: z.string().min(1).max(20_000) })),
      responses: { 200: text('application/json'), 400: text('application/json') },
    }).handle(async ({ params: { id }, body, ...request }) => {
      const done = await backChannel(rooms.needs, id, body.logout_token, visitOf(request));
      if (done === 'done') return { status: 200, body: '{}' };
      return { status: 400, body: JSON.stringify({ error: 'invalid_request' }) };
    }),
  ];
}
