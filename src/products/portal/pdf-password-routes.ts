import { z } from 'zod';
import { defineRoute, idParams, type Route } from '#platform/http';
import { goTo, PAGES, show } from './page-answer.ts';
import { currentViewer, frameOf, type PortalRooms, visitOf } from './page-context.ts';
import { listOwnPdfPasswords, openPdfPassword } from './pdf-passwords.ts';
import { missingPage } from './views/other-pages.ts';
import { pdfPasswordPage, pdfPasswordsPage } from './views/pdf-password-pages.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;

/** Passwords of protected PDFs that came by mail. The list shows none; each has a page of its own, and its showing is on record. */
export function pdfPasswordRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/pdf-passwords',
      summary: 'Passwords of one’s protected PDFs',
    }).handle(async (request) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const passwords = await listOwnPdfPasswords(rooms.needs, viewer);
      const frame = frameOf(rooms, request, viewer, '/pdf-passwords');
      return show(200, pdfPasswordsPage(frame, passwords, viewer.profile.timeZone));
    }),
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/pdf-passwords/:id',
      summary: 'Read one password',
      params: idParams,
      headers: z.strictObject({ 'sec-purpose': z.string().max(200).optional() }),
    }).handle(async ({ params, headers, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      // A browser that fetches ahead is nobody reading.
      const ahead = headers['sec-purpose']?.includes('prefetch') === true;
      const opened = ahead ? null : await openPdfPassword(rooms.needs, viewer, params.id, visitOf(request));
      if (opened === null) return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      const frame = frameOf(rooms, request, viewer, `/pdf-passwords/${params.id}`);
      return show(200, pdfPasswordPage(frame, opened, viewer.profile.timeZone));
    }),
  ];
}
