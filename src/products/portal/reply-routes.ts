import type { PortalItemId } from '#core/ids';
import { defineRoute, idParams, multipart, type Part, type Route } from '#platform/http';
import { notOpen } from './message-routes.ts';
import type { ReplyFile } from './needs.ts';
import { reopenMessage } from './open-message.ts';
import { goTo, PAGES, type PageAnswer, show } from './page-answer.ts';
import {
  frameOf,
  type PageRequest,
  type PortalRooms,
  readCookie,
  viewerForItem,
  visitCookie,
  visitOf,
} from './page-context.ts';
import type { Viewer } from './portal-session.ts';
import {
  draftProblem,
  MOST_FILE_OCTETS,
  MOST_FILES,
  MOST_TEXT,
  mayReply,
  type ReplyDraft,
  type ReplyProblem,
  replyFile,
  replySubject,
  sendReply,
} from './send-reply.ts';
import { missingPage } from './views/other-pages.ts';
import { replyPage, replySentPage } from './views/reply-pages.ts';
import { senderText } from './views/thread-entries.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;

/**
 * Far above what a reply may hold: a form that is somewhat too large is read to its end and answered with a page that
 * still has the text, instead of a broken connection.
 */
export const READ_LIMITS = {
  maxFiles: MOST_FILES * 5,
  maxFileBytes: MOST_FILE_OCTETS * 5,
  maxFields: 5,
  maxFieldBytes: MOST_TEXT * 4 + 1024,
};

/** Answering a message. */
export function replyRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/messages/:id/reply',
      summary: 'Write a reply',
      params: idParams,
    }).handle(async ({ params, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      const blank = { text: '', problem: null, hadFiles: false };
      return showForm(rooms, request, viewer, params.id as PortalItemId, 200, blank);
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/messages/:id/reply',
      summary: 'Send a reply',
      params: idParams,
      body: multipart(READ_LIMITS),
    }).handle(async ({ params, body, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      return pressSend(rooms, request, viewer, params.id as PortalItemId, await readForm(body));
    }),
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/messages/:id/reply-sent',
      summary: 'The reply is on its way',
      params: idParams,
    }).handle(async ({ params, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      const opened = await reopenMessage(rooms.needs, viewer, params.id as PortalItemId);
      if (opened.kind !== 'open') return notOpen(rooms, request, viewer, opened);
      return show(200, replySentPage(frameOf(rooms, request, viewer, null), params.id));
    }),
  ];
}

interface SentForm {
  readonly token: string | undefined;
  /** Only of a new message: whom it is for, by an id, and what it is about. */
  readonly to: string;
  readonly subject: string;
  readonly draft: ReplyDraft;
  /** More than may be sent; what is over was read and thrown away. */
  readonly overflow: 'too-large' | 'too-many-files' | null;
}

/** Reads the parts; keeps no more in memory than a reply may hold. */
export async function readForm(parts: AsyncIterable<Part>): Promise<SentForm> {
  const fields = new Map<string, string>();
  const files: ReplyFile[] = [];
  let octets = 0;
  let overflow: SentForm['overflow'] = null;
  for await (const part of parts) {
    if (part.kind === 'field') {
      fields.set(part.name, part.value);
      continue;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of part.content) {
      octets += chunk.length;
      if (octets > MOST_FILE_OCTETS) overflow ??= 'too-large';
      if (overflow === null) chunks.push(chunk);
    }
    // A file field that was left alone arrives as one empty part without a name.
    if (part.fileName === '' && chunks.length === 0) continue;
    if (files.length >= MOST_FILES) overflow ??= 'too-many-files';
    if (overflow === null)
      files.push(replyFile(part.fileName, part.type, Buffer.concat(chunks), files.length));
  }
  // Browsers send line ends of text areas as CRLF (HTML, "constructing the entry list"); mail wants its own.
  const text = (fields.get('text') ?? '').replace(/\r\n?/g, '\n');
  const [to, subject] = [fields.get('to') ?? '', fields.get('subject') ?? ''];
  return { token: fields.get('token'), to, subject, draft: { text, files }, overflow };
}

async function pressSend(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  id: PortalItemId,
  sent: SentForm,
): Promise<PageAnswer> {
  const { draft } = sent;
  const again = (status: 403 | 413 | 422 | 429, problem: ReplyProblem | 'stale'): Promise<PageAnswer> => {
    const hadFiles = draft.files.length > 0 || sent.overflow !== null;
    return showForm(rooms, request, viewer, id, status, { text: draft.text, problem, hadFiles });
  };
  // What is wrong with the draft is said before the token is spent.
  const problem = sent.overflow ?? draftProblem(draft);
  if (problem !== null)
    return again(problem === 'too-large' || problem === 'too-many-files' ? 413 : 422, problem);
  const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), `reply:${id}`, sent.token);
  // Pressed twice: the first press has sent it.
  if (redeemed === 'used') return goTo(`/messages/${id}`);
  if (redeemed === 'bad') return again(403, 'stale');
  const outcome = await sendReply(rooms.needs, viewer, id, draft, visitOf(request));
  switch (outcome.kind) {
    case 'sent':
      return goTo(`/messages/${id}/reply-sent`);
    case 'gone':
      return goTo(`/messages/${id}`);
    case 'problem':
      return again(outcome.problem === 'too-often' ? 429 : 422, outcome.problem);
  }
}

async function showForm(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  id: PortalItemId,
  status: 200 | 403 | 413 | 422 | 429,
  draft: {
    readonly text: string;
    readonly problem: ReplyProblem | 'stale' | null;
    readonly hadFiles: boolean;
  },
): Promise<PageAnswer> {
  const opened = await reopenMessage(rooms.needs, viewer, id);
  if (opened.kind !== 'open') return notOpen(rooms, request, viewer, opened);
  if (!mayReply(viewer)) return show(404, missingPage(frameOf(rooms, request, viewer, null)));
  const token = await rooms.forms.issue(visitCookie(request), `reply:${id}`);
  const frame = frameOf(rooms, request, viewer, status === 200 ? `/messages/${id}/reply` : null);
  const to = senderText(opened.summary);
  const subject = replySubject(opened.summary.subject);
  return show(status, replyPage(frame, { item: id, token, to, subject, ...draft }));
}
