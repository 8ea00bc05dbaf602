import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import { defineRoute, form, type Route } from '#platform/http';
import { digitsOf } from './check-code.ts';
import { viewerAt } from './find-places.ts';
import { proveFreshly } from './fresh-proof.ts';
import { CODE_COOKIE_SECONDS } from './limits.ts';
import {
  chooseTexts,
  findWish,
  fulfil,
  handInKey,
  myWishes,
  type Wish,
  withdrawWaiver,
} from './my-wishes.ts';
import { goTo, PAGES, type PageAnswer, show } from './page-answer.ts';
import {
  currentViewer,
  dropCookie,
  frameOf,
  localeOf,
  minutesUntil,
  type PageRequest,
  type PortalRooms,
  readCookie,
  visitCookie,
  visitOf,
  writeCookie,
} from './page-context.ts';
import type { Viewer } from './portal-session.ts';
import { requestCode } from './request-code.ts';
import { type ConfirmProblem, confirmPage } from './views/confirm-page.ts';
import { missingPage } from './views/other-pages.ts';
import { preferencesPage, type Said } from './views/preferences-page.ts';
import { slowDownPage } from './views/sign-in-pages.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;
const field = z.string().max(400).optional();
const PURPOSE = 'preferences';
const MOST_KEY_TEXT = 200_000;

type Asked = { readonly act?: string | undefined; readonly about?: string | undefined };

/** What a recipient decides for themselves (PO-5). */
export function preferencesRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/preferences',
      summary: 'What one gets, by which channel, and how it is protected',
    }).handle(async (request) => {
      const viewer = await currentViewer(rooms, request);
      return viewer === null ? goTo('/sign-in') : showPreferences(rooms, request, viewer, 200, null);
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/preferences/keys',
      summary: 'Hand in an OpenPGP key or an S/MIME certificate',
      body: form(
        z.strictObject({ token: field, organisation: field, key: z.string().max(MOST_KEY_TEXT).optional() }),
      ),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const stale = await staleAnswer(rooms, request, viewer, body.token);
      if (stale !== null) return stale;
      const text = (body.key ?? '').trim();
      const given = { organisation: body.organisation, text };
      const done = text === '' ? 'unreadable' : await handInKey(rooms.needs, viewer, given, visitOf(request));
      if (done === null) return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      const good = done === 'taken' || done === 'known' || done === 'held';
      return showPreferences(rooms, request, viewer, good ? 200 : 422, {
        key: done,
        organisation: body.organisation,
      });
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/preferences/waiver/withdraw',
      summary: 'Take a waiver back',
      body: form(z.strictObject({ token: field, organisation: field })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const stale = await staleAnswer(rooms, request, viewer, body.token);
      if (stale !== null) return stale;
      const organisation = (body.organisation ?? '') as OrganisationId;
      if (!(await withdrawWaiver(rooms.needs, viewer, organisation, visitOf(request))))
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      return goTo('/preferences');
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/preferences/texts',
      summary: 'Stop texts, or have them sent again',
      body: form(z.strictObject({ token: field, act: field, organisation: field })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const stale = await staleAnswer(rooms, request, viewer, body.token);
      if (stale !== null) return stale;
      const asked = { organisation: body.organisation ?? '', stopped: body.act === 'stop' };
      const known = body.act === 'stop' || body.act === 'start';
      if (!known || !(await chooseTexts(rooms.needs, viewer, asked, visitOf(request))))
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      return goTo('/preferences');
    }),
    ...confirmRoutes(rooms),
  ];
}

/** Acts that lower protection: shown in full, and done only with a code that was asked for here and now. */
function confirmRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/preferences/ask',
      summary: 'Ask for a code, for an act that lowers protection',
      body: form(z.strictObject({ token: field, act: field, about: field })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const stale = await staleAnswer(rooms, request, viewer, body.token);
      return stale ?? askForCode(rooms, request, viewer, body);
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/preferences/confirm',
      summary: 'Give a waiver, or take a key away, with a fresh code',
      body: form(z.strictObject({ token: field, act: field, about: field, code: field })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const wish = await findWish(rooms.needs, viewer, { act: body.act, about: body.about });
      if (wish === null) return goTo('/preferences');
      return pressConfirm(rooms, request, viewer, wish, body);
    }),
  ];
}

async function staleAnswer(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  token: string | undefined,
): Promise<PageAnswer | null> {
  const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), PURPOSE, token);
  if (redeemed === 'used') return goTo('/preferences');
  return redeemed === 'bad' ? showPreferences(rooms, request, viewer, 403, 'stale') : null;
}

async function showPreferences(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  status: 200 | 403 | 422,
  said: Said,
): Promise<PageAnswer> {
  const wishes = await myWishes(rooms.needs, viewer);
  const visit = visitCookie(request);
  const token = () => rooms.forms.issue(visit, PURPOSE);
  const tokens = { keys: await token(), texts: await token(), waiver: await token() };
  return show(
    status,
    preferencesPage(frameOf(rooms, request, viewer, '/preferences'), { wishes, tokens, said }),
  );
}

async function askForCode(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  asked: Asked,
): Promise<PageAnswer> {
  const wish = await findWish(rooms.needs, viewer, { act: asked.act, about: asked.about });
  if (wish === null || viewer.lookup === null)
    return show(404, missingPage(frameOf(rooms, request, viewer, null)));
  const { organisation, person } = wish.at.place;
  const entry = { kind: 'known', organisation, person, lookup: viewer.lookup } as const;
  const answer = await requestCode(rooms.needs, entry, visitOf(request), localeOf(request, viewer));
  if (answer.kind === 'slow-down')
    return show(429, slowDownPage(frameOf(rooms, request, viewer, null), minutesUntil(rooms, answer.until)));
  writeCookie(request, 'code', answer.challenge, CODE_COOKIE_SECONDS);
  return showConfirm(rooms, request, viewer, wish, 200, null);
}

async function showConfirm(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  wish: Wish,
  status: 200 | 403 | 422,
  problem: ConfirmProblem,
): Promise<PageAnswer> {
  const token = await rooms.forms.issue(visitCookie(request), 'confirm');
  const frame = frameOf(rooms, request, viewerAt(viewer, wish.at.place), '/preferences');
  return show(status, confirmPage(frame, { wish, token, problem }));
}

async function pressConfirm(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  wish: Wish,
  body: { readonly token?: string | undefined; readonly code?: string | undefined },
): Promise<PageAnswer> {
  if ((await rooms.forms.redeem(readCookie(request, 'visit'), 'confirm', body.token)) !== 'good')
    return showConfirm(rooms, request, viewer, wish, 403, 'stale');
  const digits = digitsOf(body.code ?? '');
  if (digits === null) return showConfirm(rooms, request, viewer, wish, 422, 'malformed');
  const at = viewerAt(viewer, wish.at.place);
  const visit = visitOf(request);
  const given = { challenge: readCookie(request, 'code'), digits };
  const proved = await proveFreshly(rooms.needs, at, given, visit);
  if (proved !== 'proved') return showConfirm(rooms, request, viewer, wish, 422, proved);
  dropCookie(request, 'code');
  await fulfil(rooms.needs, wish, localeOf(request, viewer), visit);
  return goTo('/preferences');
}
