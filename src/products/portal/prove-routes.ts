import { z } from 'zod';
import type { PortalItemId } from '#core/ids';
import { defineRoute, form, idParams, type Route } from '#platform/http';
import { notOpen } from './message-routes.ts';
import { goTo, PAGES, type PageAnswer, show } from './page-answer.ts';
import {
  frameOf,
  localeOf,
  minutesUntil,
  type PageRequest,
  type PortalRooms,
  readCookie,
  viewerForItem,
  visitCookie,
  visitOf,
  writeCookie,
} from './page-context.ts';
import { passkeyOffer } from './passkey-routes.ts';
import type { Viewer } from './portal-session.ts';
import { type Proving, provingFor } from './prove-message.ts';
import { answerQuestion } from './question-check.ts';
import { requestCode } from './request-code.ts';
import { afterAsking } from './sign-in-routes.ts';
import { closedPage, type ProveProblem, provePage } from './views/prove-pages.ts';
import { slowDownPage } from './views/sign-in-pages.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;
const field = z.string().max(400).optional();

/** Proving more before a message opens: a second factor, or the question that the organisation asks. */
export function proveRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/messages/:id/prove',
      summary: 'What must be proved before this message opens',
      params: idParams,
    }).handle(async ({ params, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      return showProving(rooms, request, viewer, params.id as PortalItemId, { kind: 'none' });
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/messages/:id/prove',
      summary: 'Ask for a code, or answer the question',
      params: idParams,
      body: form(z.strictObject({ token: field, act: field, answer: field })),
    }).handle(async ({ params, body, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      return press(rooms, request, viewer, params.id as PortalItemId, body);
    }),
  ];
}

const purpose = (id: PortalItemId): string => `prove:${id}`;

async function showProving(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  id: PortalItemId,
  problem: ProveProblem,
): Promise<PageAnswer> {
  const proving = await provingFor(rooms.needs, viewer, id, visitOf(request));
  if (proving.kind !== 'next') return elsewhere(rooms, request, viewer, id, proving);
  const frame = frameOf(rooms, request, viewer, `/messages/${id}/prove`);
  const token = await rooms.forms.issue(visitCookie(request), purpose(id));
  const passkey = await passkeyOffer(rooms, request);
  const status = problem.kind === 'none' ? 200 : problem.kind === 'stale' ? 403 : 422;
  return show(status, provePage(frame, { ...proving, item: id, token, passkey, problem }));
}

function elsewhere(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  id: PortalItemId,
  proving: Exclude<Proving, { kind: 'next' }>,
): PageAnswer {
  switch (proving.kind) {
    case 'enough':
      return goTo(`/messages/${id}`);
    case 'locked':
    case 'unprovable': {
      const caregiver = proving.kind === 'unprovable' && viewer.care !== null;
      const why = caregiver ? 'unprovable-caregiver' : proving.kind;
      return show(403, closedPage(frameOf(rooms, request, viewer, `/messages/${id}/prove`), why));
    }
    default:
      return notOpen(rooms, request, viewer, proving);
  }
}

async function press(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  id: PortalItemId,
  body: {
    readonly token?: string | undefined;
    readonly act?: string | undefined;
    readonly answer?: string | undefined;
  },
): Promise<PageAnswer> {
  const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), purpose(id), body.token);
  if (redeemed !== 'good') return showProving(rooms, request, viewer, id, { kind: 'stale' });
  if (body.act === 'answer') return pressAnswer(rooms, request, viewer, id, body.answer ?? '');
  const channel = body.act === 'text' ? 'text' : 'mail';
  const proving = await provingFor(rooms.needs, viewer, id, visitOf(request));
  if (proving.kind !== 'next') return elsewhere(rooms, request, viewer, id, proving);
  if (!proving.factors.includes(channel === 'text' ? 'texted-code' : 'mailed-code'))
    return showProving(rooms, request, viewer, id, { kind: 'none' });
  const entry = { kind: 'step', viewer, item: id, channel } as const;
  const asked = await requestCode(rooms.needs, entry, visitOf(request), localeOf(request, viewer));
  return afterAsking(rooms, request, asked);
}

async function pressAnswer(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  id: PortalItemId,
  answer: string,
): Promise<PageAnswer> {
  if (answer.trim() === '') return showProving(rooms, request, viewer, id, { kind: 'empty' });
  const answered = await answerQuestion(rooms.needs, viewer, id, answer, visitOf(request));
  switch (answered.kind) {
    case 'right':
      writeCookie(request, 'session', answered.sessionToken);
      return goTo(`/messages/${id}`);
    case 'wrong':
      return showProving(rooms, request, viewer, id, { kind: 'wrong', left: answered.left });
    case 'slow-down': {
      const frame = frameOf(rooms, request, viewer, null);
      return show(429, slowDownPage(frame, minutesUntil(rooms, answered.until)));
    }
    case 'locked':
    case 'not-asked':
      return goTo(`/messages/${id}/prove`);
  }
}
