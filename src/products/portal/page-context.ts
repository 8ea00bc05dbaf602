import type { Origin } from '#core/actor';
import type { PortalItemId } from '#core/ids';
import type { Cookies } from '#platform/http';
import { type Locale, nearestLocale, randomToken } from '#platform/runtime';
import type { Assets } from './assets.ts';
import type { Visit } from './audit.ts';
import { organisationsOf, viewerAtItem } from './find-places.ts';
import type { FormTokens } from './form-token.ts';
import type { PortalNeeds } from './needs.ts';
import { type Viewer, viewerOf } from './portal-session.ts';
import { looksLikeToken } from './token.ts';
import type { PageFrame } from './views/layout.ts';

/** What all routes share. */
export interface PortalRooms {
  readonly needs: PortalNeeds;
  readonly assets: Assets;
  readonly forms: FormTokens;
}

/** The part of a route's context that pages read. */
export interface PageRequest {
  readonly origin: Origin;
  readonly request: string;
  readonly cookies: Cookies;
  readonly acceptLanguage: string | undefined;
  readonly userAgent: string | undefined;
}

const COOKIES = {
  session: 'sealpost-portal',
  device: 'sealpost-device',
  visit: 'sealpost-visit',
  code: 'sealpost-code',
  language: 'sealpost-language',
  /** A sign-in under way at an organisation's own patient portal, sealed. */
  delegation: 'sealpost-delegation',
  /** By which organisation's portal this browser came before: it is then offered first. */
  door: 'sealpost-door',
  /** Says that a passkey was used in this browser, and no more: it is then offered first. */
  passkey: 'sealpost-passkey',
} as const;

export type CookieUse = keyof typeof COOKIES;

export function readCookie(request: PageRequest, use: CookieUse): string | undefined {
  return request.cookies.get(COOKIES[use]);
}

/**
 * Sets one of the portal's cookies; without an age it ends with the browser. `Lax`, because people come from the link
 * in their mail: with `Strict` their session would not be seen there. What changes anything is a POST with a form token.
 */
export function writeCookie(
  request: PageRequest,
  use: CookieUse,
  value: string,
  maxAgeSeconds?: number,
): void {
  const age = maxAgeSeconds === undefined ? {} : { maxAgeSeconds };
  request.cookies.set(COOKIES[use], value, { sameSite: 'lax', ...age });
}

export function dropCookie(request: PageRequest, use: CookieUse): void {
  request.cookies.clear(COOKIES[use]);
}

export function visitOf(request: PageRequest): Visit {
  return { origin: request.origin, request: request.request, userAgent: request.userAgent };
}

/**
 * The language chosen, else that of the browser, so that it stays the same through sign-in; else the person's, which
 * is the organisation's until somebody chooses.
 */
export function localeOf(request: PageRequest, viewer: Viewer | null): Locale {
  const chosen = readCookie(request, 'language');
  if (chosen === 'en' || chosen === 'es') return chosen;
  const spoken = request.acceptLanguage?.split(',')[0]?.split(';')[0];
  if (viewer !== null && !/^\s*(en|es)\b/i.test(spoken ?? '')) return viewer.locale;
  return nearestLocale(spoken);
}

/** Given in this very request: a page with two forms binds both to the same. */
const givenVisits = new WeakMap<Cookies, string>();

/** The value that form tokens of this browser are bound to; given at the first page. */
export function visitCookie(request: PageRequest): string {
  const known = readCookie(request, 'visit') ?? givenVisits.get(request.cookies);
  if (known !== undefined && looksLikeToken(known)) return known;
  const fresh = randomToken();
  writeCookie(request, 'visit', fresh);
  givenVisits.set(request.cookies, fresh);
  return fresh;
}

export function frameOf(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer | null,
  path: string | null,
): PageFrame {
  return {
    locale: localeOf(request, viewer),
    assets: rooms.assets,
    path,
    signedIn: viewer !== null,
    organisation: viewer === null ? null : brandOf(viewer),
  };
}

/** The name that a page bears: that of what is opened; none where several organisations stand side by side. */
function brandOf(viewer: Viewer): string | null {
  return viewer.located || organisationsOf(viewer).length === 1 ? viewer.profile.name : null;
}

/** Who is signed in, standing where this message is shown. */
export async function viewerForItem(
  rooms: PortalRooms,
  request: PageRequest,
  item: string,
): Promise<Viewer | null> {
  const viewer = await currentViewer(rooms, request);
  return viewer && viewerAtItem(rooms.needs, viewer, item as PortalItemId);
}

export function currentViewer(rooms: PortalRooms, request: PageRequest): Promise<Viewer | null> {
  return viewerOf(rooms.needs, readCookie(request, 'session'), visitOf(request));
}

/** Whole minutes until a moment, at least one. */
export function minutesUntil(rooms: PortalRooms, until: Date | null): number | null {
  if (until === null) return null;
  return Math.max(1, Math.ceil((until.getTime() - rooms.needs.clock.now().getTime()) / 60_000));
}
