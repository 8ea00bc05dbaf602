import { z } from 'zod';
import type { PortalItemId } from '#core/ids';
import { bytes, defineRoute, html, type Route, redirect } from '#platform/http';
import { notOpen } from './message-routes.ts';
import { openAttachment, reopenMessage } from './open-message.ts';
import { goTo, PAGE_HEADERS, PAGES, show } from './page-answer.ts';
import { frameOf, type PortalRooms, viewerForItem, visitOf } from './page-context.ts';
import { PDF_POLICY, PREVIEW_POLICY, previewDocument, previewOf } from './preview.ts';
import { missingPage } from './views/other-pages.ts';
import { previewPage } from './views/preview-page.ts';

const PUBLIC = { kind: 'page', tags: ['portal'], access: 'public' } as const;
const params = z.strictObject({ id: z.uuid(), index: z.string().regex(/^\d{1,4}$/) });
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
      responses: PAGES,
    }).handle(async ({ params, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      const opened = await reopenMessage(rooms.needs, viewer, params.id as PortalItemId);
      if (opened.kind !== 'open') return notOpen(rooms, request, viewer, opened);
      const attachment = opened.message.attachments[Number(params.index)];
      const preview = attachment === undefined ? null : previewOf(attachment.open());
      if (attachment === undefined || preview === null || preview.kind === 'pdf')
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      const here = `/messages/${params.id}/attachments/${params.index}/preview`;
      return show(200, previewPage(frameOf(rooms, request, viewer, here), params.id, attachment, preview));
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
    headers,
    responses: { 200: bytes(), 303: redirect, 404: html, 410: html },
  }).handle(async ({ params, headers, ...request }) => {
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
    const pdf = preview.kind === 'pdf';
    return {
      status: 200 as const,
      body: pdf ? octets : Buffer.from(previewDocument(opened.attachment, octets, preview)),
      headers: {
        ...PAGE_HEADERS,
        'content-type': pdf ? 'application/pdf' : 'text/html; charset=utf-8',
        'content-disposition': 'inline',
        'content-security-policy': pdf ? PDF_POLICY : PREVIEW_POLICY,
        ...(pdf ? {} : { 'x-frame-options': 'SAMEORIGIN' }),
      },
    };
  });
}
