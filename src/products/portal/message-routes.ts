import { z } from 'zod';
import { INSTALLATION, type PortalItemId } from '#core/ids';
import { bytes, defineRoute, html, idParams, type Route, redirect } from '#platform/http';
import type { ReadAttachment } from '#platform/mail';
import { listMessages } from './list-messages.ts';
import { FRAME_POLICY, frameDocument } from './message-frame.ts';
import {
  type Ended,
  type Guarded,
  type Missing,
  openAttachment,
  openMessage,
  reopenMessage,
} from './open-message.ts';
import {
  goTo,
  PAGE_HEADERS,
  PAGES,
  type PageAnswer,
  type Redirected,
  type Shown,
  show,
} from './page-answer.ts';
import {
  currentViewer,
  frameOf,
  type PageRequest,
  type PortalRooms,
  viewerForItem,
  visitCookie,
  visitOf,
} from './page-context.ts';
import { passkeyInvitation } from './passkeys.ts';
import { ownsPdfPasswords } from './pdf-passwords.ts';
import type { Viewer } from './portal-session.ts';
import { mayReply } from './send-reply.ts';
import { hasPasskey } from './sign-in-ways.ts';
import { endedPage, listPage, messagePage } from './views/message-pages.ts';
import { missingPage } from './views/other-pages.ts';

const PUBLIC = { kind: 'page', tags: ['portal'], access: 'public' } as const;
const COMMON = { ...PUBLIC, responses: PAGES } as const;
const NOWHERE = INSTALLATION;

/** Reading: the list, one message, its parts. Every route needs a portal session; without one it leads to sign-in. */
export function messageRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/messages',
      summary: 'Messages of the person signed in',
      query: z.strictObject({ before: z.uuid().optional(), from: z.uuid().optional() }),
    }).handle(async ({ query, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      return showList(rooms, request, viewer, query);
    }),
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/messages/:id',
      summary: 'Open one message',
      params: idParams,
      query: z.strictObject({ view: z.enum(['text']).optional() }),
      headers: z.strictObject({ 'sec-purpose': z.string().max(200).optional() }),
    }).handle(async ({ params, query, headers, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      // A browser that fetches ahead is nobody reading: it gets nothing, and a press later gets the page.
      if (headers['sec-purpose']?.includes('prefetch') === true)
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      return showMessage(rooms, request, viewer, params.id as PortalItemId, query.view === 'text');
    }),
    bodyRoute(rooms),
    attachmentRoute(rooms),
  ];
}

async function showList(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  query: { readonly before?: string | undefined; readonly from?: string | undefined },
): Promise<PageAnswer> {
  const only = viewer.places.find(({ organisation }) => organisation === query.from)?.organisation ?? null;
  // An organisation that is not the viewer's own answers as if it were not there: with nothing.
  const from = query.from === undefined ? null : (only ?? NOWHERE);
  const messages = await listMessages(rooms.needs, viewer, { before: query.before ?? null, only: from });
  const frame = frameOf(rooms, request, viewer, '/messages');
  const { places, apart } = viewer;
  const token = apart.length === 0 ? '' : await rooms.forms.issue(visitCookie(request), 'organisation');
  const pdfPasswords = await ownsPdfPasswords(rooms.needs, viewer);
  const older = query.before !== undefined;
  return show(
    200,
    listPage(frame, messages, { places, only, apart, apartToken: token, older, pdfPasswords }),
  );
}

async function showMessage(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  id: PortalItemId,
  asText: boolean,
): Promise<PageAnswer> {
  const opened = await openMessage(rooms.needs, viewer, id, visitOf(request));
  if (opened.kind !== 'open') return notOpen(rooms, request, viewer, opened);
  const frame = frameOf(rooms, request, viewer, `/messages/${id}`);
  const { care } = viewer;
  const faster =
    care === null &&
    viewer.passkey === null &&
    (await passkeyInvitation(rooms.needs, viewer)) !== null &&
    !(await hasPasskey(rooms.needs, viewer));
  const options = { timeZone: viewer.profile.timeZone, asText, care, mayReply: mayReply(viewer), faster };
  return show(200, messagePage(frame, opened, options));
}

/** The page for what cannot be opened: the next proof where one is missing, gone in clear words for its own recipient, missing for everybody else. */
export function notOpen(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  outcome: Ended | Guarded | Missing,
): Shown<404> | Shown<410> | Redirected {
  if (outcome.kind === 'guarded') return goTo(`/messages/${outcome.item}/prove`);
  const frame = frameOf(rooms, request, viewer, null);
  if (outcome.kind === 'missing') return show(404, missingPage(frame));
  return show(410, endedPage(frame, outcome, viewer.profile.timeZone));
}

function bodyRoute(rooms: PortalRooms): Route {
  return defineRoute({
    ...PUBLIC,
    method: 'GET',
    path: '/messages/:id/body',
    summary: 'The formatted text, for a frame without rights',
    params: idParams,
    responses: PAGES,
  }).handle(async ({ params, ...request }) => {
    const viewer = await viewerForItem(rooms, request, params.id);
    if (viewer === null) return goTo('/sign-in');
    const opened = await reopenMessage(rooms.needs, viewer, params.id as PortalItemId);
    if (opened.kind !== 'open') return notOpen(rooms, request, viewer, opened);
    const { html: sent, attachments } = opened.message;
    if (sent === null) return show(404, missingPage(frameOf(rooms, request, viewer, null)));
    const headers = {
      ...PAGE_HEADERS,
      'content-security-policy': FRAME_POLICY,
      'x-frame-options': 'SAMEORIGIN',
    };
    return { status: 200, body: frameDocument(sent, attachments), headers };
  });
}

function attachmentRoute(rooms: PortalRooms): Route {
  return defineRoute({
    ...PUBLIC,
    method: 'GET',
    path: '/messages/:id/attachments/:index',
    summary: 'Download one attachment',
    params: z.strictObject({ id: z.uuid(), index: z.string().regex(/^\d{1,4}$/) }),
    responses: { 200: bytes(), 303: redirect, 404: html, 410: html },
  }).handle(async ({ params, ...request }) => {
    const viewer = await viewerForItem(rooms, request, params.id);
    if (viewer === null) return goTo('/sign-in');
    const id = params.id as PortalItemId;
    const opened = await openAttachment(rooms.needs, viewer, id, Number(params.index), visitOf(request));
    if (opened.kind === 'attachment') return download(opened.attachment);
    return notOpen(rooms, request, viewer, opened);
  });
}

/** Always saved, never shown here: what its sender calls it is not believed, and it may be a page with scripts. */
function download(attachment: ReadAttachment): {
  status: 200;
  body: Uint8Array;
  headers: Record<string, string>;
} {
  const octets = attachment.open();
  return {
    status: 200,
    body: octets,
    headers: {
      ...PAGE_HEADERS,
      'content-type': 'application/octet-stream',
      'content-disposition': dispositionOf(attachment.name),
      'content-length': String(octets.length),
      'content-security-policy': "default-src 'none'; sandbox",
    },
  };
}

/** RFC 6266 with RFC 8187: a plain name for old programs, the true one for all others. */
export function dispositionOf(name: string): string {
  const plain = name.replace(/[^\w .()-]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
