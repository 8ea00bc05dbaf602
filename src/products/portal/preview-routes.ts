import { z } from 'zod';
import type { PortalItemId } from '#core/ids';
import { bytes, defineRoute, html, type Route, redirect } from '#platform/http';
import type { ReadAttachment } from '#platform/mail';
import { say } from './catalogue.ts';
import { notOpen } from './message-routes.ts';
import { openAttachment, reopenMessage } from './open-message.ts';
import { goTo, PAGE_HEADERS, PAGES, show } from './page-answer.ts';
import { frameOf, localeOf, type PortalRooms, viewerForItem, visitOf } from './page-context.ts';
import { actorOf, type Viewer } from './portal-session.ts';
import {
  busyDocument,
  PAGES_AT_ONCE,
  PREVIEW_POLICY,
  pdfDocument,
  previewDocument,
  previewOf,
} from './preview.ts';
import { missingPage } from './views/other-pages.ts';
import { pdfPreviewPage, previewPage } from './views/preview-page.ts';

const PUBLIC = { kind: 'page', tags: ['portal'], access: 'public' } as const;
const params = z.strictObject({ id: z.uuid(), index: z.string().regex(/^\d{1,4}$/) });
/** The first page of a PDF that is shown. */
const query = z.strictObject({ from: z.coerce.number().int().min(1).max(100_000).optional() });
const headers = z.strictObject({ 'sec-purpose': z.string().max(200).optional() });

/** Looking at an attachment without saving it. Its octets go out by the second route only, which puts them on record. */
export function previewRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...PUBLIC,
      method: 'GET',
      path: '/messages/:id/attachments/:index/preview',
      summary: 'A page that shows one attachment in a frame without rights',
      params,
      query,
      responses: PAGES,
    }).handle(async ({ params, query, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      const opened = await reopenMessage(rooms.needs, viewer, params.id as PortalItemId);
      if (opened.kind !== 'open') return notOpen(rooms, request, viewer, opened);
      const attachment = opened.message.attachments[Number(params.index)];
      const preview = attachment === undefined ? null : previewOf(attachment.open());
      if (attachment === undefined || preview === null)
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      const here = `/messages/${params.id}/attachments/${params.index}/preview`;
      const frame = frameOf(rooms, request, viewer, here);
      if (preview.kind !== 'pdf') return show(200, previewPage(frame, params.id, attachment, preview));
      const whose = actorOf(viewer);
      const counted = await rooms.needs.pdf.render({ octets: attachment.open(), from: 1, most: 0, whose });
      const from = query.from ?? 1;
      if (counted.kind === 'pages' && from > counted.total)
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      return show(
        counted.kind === 'busy' ? 429 : 200,
        pdfPreviewPage(frame, params.id, attachment, counted, from),
      );
    }),
    contentRoute(rooms),
  ];
}

function contentRoute(rooms: PortalRooms): Route {
  return defineRoute({
    ...PUBLIC,
    method: 'GET',
    path: '/messages/:id/attachments/:index/content',
    summary: 'One attachment, for a frame or a page of its own',
    params,
    query,
    headers,
    responses: { 200: bytes(), 303: redirect, 404: html, 410: html },
  }).handle(async ({ params, query, headers, ...request }) => {
    const viewer = await viewerForItem(rooms, request, params.id);
    if (viewer === null) return goTo('/sign-in');
    const missing = () => show(404, missingPage(frameOf(rooms, request, viewer, null)));
    // A browser that fetches ahead is nobody looking.
    if (headers['sec-purpose']?.includes('prefetch') === true) return missing();
    const [id, index] = [params.id as PortalItemId, Number(params.index)];
    const known = await reopenMessage(rooms.needs, viewer, id);
    if (known.kind !== 'open') return notOpen(rooms, request, viewer, known);
    const octets = known.message.attachments[index]?.open();
    const preview = octets === undefined ? null : previewOf(octets);
    if (octets === undefined || preview === null) return missing();
    const opened = await openAttachment(rooms.needs, viewer, id, index, visitOf(request));
    if (opened.kind !== 'attachment') return notOpen(rooms, request, viewer, opened);
    const shown =
      preview.kind === 'pdf'
        ? await pdfPages(rooms, request, viewer, opened.attachment, octets, query.from ?? 1)
        : previewDocument(opened.attachment, octets, preview);
    if (shown === null) return missing();
    return {
      status: 200 as const,
      body: Buffer.from(shown),
      headers: {
        ...PAGE_HEADERS,
        'content-type': 'text/html; charset=utf-8',
        'content-disposition': 'inline',
        'content-security-policy': PREVIEW_POLICY,
        'x-frame-options': 'SAMEORIGIN',
      },
    };
  });
}

/** Null where nothing can be shown: the page around the frame says why, this is for whoever asks for the frame alone. */
async function pdfPages(
  rooms: PortalRooms,
  request: Parameters<typeof localeOf>[0],
  viewer: Viewer,
  attachment: Pick<ReadAttachment, 'name'>,
  octets: Buffer,
  from: number,
): Promise<string | null> {
  const locale = localeOf(request, viewer);
  const whose = actorOf(viewer);
  const rendered = await rooms.needs.pdf.render({ octets, from, most: PAGES_AT_ONCE, whose });
  if (rendered.kind === 'busy') return busyDocument(attachment, say(locale, 'portal.preview.busy'));
  if (rendered.kind !== 'pages' || rendered.pages.length === 0) return null;
  const total = `${rendered.total}`;
  return pdfDocument(attachment, rendered.pages, (page) =>
    say(locale, 'portal.preview.page', { page: `${page}`, total }),
  );
}
