import { z } from 'zod';
import { defineRoute, form, type Route } from '#platform/http';
import { myAccess, withdrawCaregiver } from './my-access.ts';
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
import { accessPage } from './views/access-page.ts';
import { missingPage } from './views/other-pages.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;
const field = z.string().max(400).optional();
const PURPOSE = 'withdraw-caregiver';

/** Who sees this person's messages, and who did what with them. */
export function accessRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/access',
      summary: 'Who has access to one’s messages, and who opened them',
    }).handle(async (request) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      return showAccess(rooms, request, viewer, 200);
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/access/withdraw',
      summary: 'Take a caregiver’s access back',
      body: form(z.strictObject({ token: field, grant: field })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), PURPOSE, body.token);
      // Pressed twice: the first press has done it.
      if (redeemed === 'used') return goTo('/access');
      if (redeemed === 'bad') return showAccess(rooms, request, viewer, 403);
      const grant = z.uuid().safeParse(body.grant);
      if (!grant.success || !(await withdrawCaregiver(rooms.needs, viewer, grant.data, visitOf(request))))
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      return goTo('/access');
    }),
  ];
}

async function showAccess(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  status: 200 | 403,
): Promise<PageAnswer> {
  const access = await myAccess(rooms.needs, viewer);
  const token = await rooms.forms.issue(visitCookie(request), PURPOSE);
  return show(status, accessPage(frameOf(rooms, request, viewer, '/access'), access, token, status === 403));
}
