import { defineRoute, idParams, multipart, type Route } from '#platform/http';
import { viewerAtLetter } from './find-places.ts';
import { goTo, PAGES, type PageAnswer, show } from './page-answer.ts';
import {
  currentViewer,
  frameOf,
  type PageRequest,
  type PortalRooms,
  readCookie,
  visitCookie,
  visitOf,
} from './page-context.ts';
import type { Viewer } from './portal-session.ts';
import { READ_LIMITS, readForm } from './reply-routes.ts';
import { letterPage, nobodyToWritePage, writePage } from './views/letter-pages.ts';
import { missingPage } from './views/other-pages.ts';
import {
  correspondents,
  type LetterDraft,
  type LetterProblem,
  letterProblem,
  openLetter,
  sendLetter,
} from './write-letter.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;
const PURPOSE = 'write';
const BLANK = { to: '', subject: '', text: '', files: [] } as const;

/** Writing to the organisation without a message to answer. */
export function letterRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/write',
      summary: 'Write a new message',
    }).handle(async (request) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      return showForm(rooms, request, viewer, 200, BLANK, null, false);
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/write',
      summary: 'Send a new message',
      body: multipart(READ_LIMITS),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      return pressSend(rooms, request, viewer, await readForm(body));
    }),
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/written/:id',
      summary: 'A message that the person wrote, and what was answered',
      params: idParams,
    }).handle(async ({ params, ...request }) => {
      const reader = await currentViewer(rooms, request);
      if (reader === null) return goTo('/sign-in');
      const viewer = await viewerAtLetter(rooms.needs, reader, params.id);
      const opened = await openLetter(rooms.needs, viewer, params.id);
      // A letter has no proof page of its own: the way is over a message.
      if (opened === 'guarded') return goTo('/messages');
      if (opened === null) return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      const frame = frameOf(rooms, request, viewer, `/written/${params.id}`);
      return show(200, letterPage(frame, opened, viewer.profile.timeZone));
    }),
  ];
}

async function pressSend(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  sent: Awaited<ReturnType<typeof readForm>>,
): Promise<PageAnswer> {
  const draft: LetterDraft = { ...sent.draft, to: sent.to, subject: sent.subject };
  const again = (status: 403 | 413 | 422 | 429, problem: LetterProblem | 'stale'): Promise<PageAnswer> => {
    const hadFiles = draft.files.length > 0 || sent.overflow !== null;
    return showForm(rooms, request, viewer, status, draft, problem, hadFiles);
  };
  // What is wrong with the draft is said before the token is spent.
  const problem = sent.overflow ?? letterProblem(draft);
  if (problem !== null)
    return again(problem === 'too-large' || problem === 'too-many-files' ? 413 : 422, problem);
  const people = await correspondents(rooms.needs, viewer);
  if (!people.some(({ item }) => item === draft.to)) return again(422, 'nobody');
  const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), PURPOSE, sent.token);
  // Pressed twice: the first press has sent it.
  if (redeemed === 'used') return goTo('/messages');
  if (redeemed === 'bad') return again(403, 'stale');
  const outcome = await sendLetter(rooms.needs, viewer, draft, visitOf(request));
  if (outcome.kind === 'sent') return goTo(`/written/${outcome.letter}`);
  return again(outcome.problem === 'too-often' ? 429 : 422, outcome.problem);
}

async function showForm(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  status: 200 | 403 | 413 | 422 | 429,
  draft: LetterDraft,
  problem: LetterProblem | 'stale' | null,
  hadFiles: boolean,
): Promise<PageAnswer> {
  const people = await correspondents(rooms.needs, viewer);
  const frame = frameOf(rooms, request, viewer, '/write');
  if (people.length === 0) return show(status, nobodyToWritePage(frame));
  const token = await rooms.forms.issue(visitCookie(request), PURPOSE);
  const { to, subject, text } = draft;
  return show(status, writePage(frame, { token, people, to, subject, text, problem, hadFiles }));
}
