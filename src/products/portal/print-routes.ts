import { z } from 'zod';
import type { PortalItemId } from '#core/ids';
import { defineRoute, idParams, type Route } from '#platform/http';
import { notOpen } from './message-routes.ts';
import { openForPrint } from './open-message.ts';
import { goTo, PAGES, show } from './page-answer.ts';
import { frameOf, type PortalRooms, viewerForItem, visitOf } from './page-context.ts';
import { missingPage } from './views/other-pages.ts';
import { printPage } from './views/print-page.ts';

/** A message with its conversation as it goes onto paper: a page of its own, so that it needs no script and is on record. */
export function printRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      kind: 'page',
      tags: ['portal'],
      access: 'public',
      responses: PAGES,
      method: 'GET',
      path: '/messages/:id/print',
      summary: 'A message and its conversation, for printing',
      params: idParams,
      headers: z.strictObject({ 'sec-purpose': z.string().max(200).optional() }),
    }).handle(async ({ params, headers, ...request }) => {
      const viewer = await viewerForItem(rooms, request, params.id);
      if (viewer === null) return goTo('/sign-in');
      // A browser that fetches ahead is nobody printing.
      if (headers['sec-purpose']?.includes('prefetch') === true)
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      const opened = await openForPrint(rooms.needs, viewer, params.id as PortalItemId, visitOf(request));
      if (opened.kind !== 'open') return notOpen(rooms, request, viewer, opened);
      const frame = frameOf(rooms, request, viewer, `/messages/${params.id}/print`);
      const { timeZone } = viewer.profile;
      return show(
        200,
        printPage(frame, opened, { timeZone, care: viewer.care, at: rooms.needs.clock.now() }),
      );
    }),
  ];
}
