import { z } from 'zod';
import { defineRoute, form, type Route } from '#platform/http';
import { CODE_COOKIE_SECONDS } from './limits.ts';
import { goTo, PAGES, show } from './page-answer.ts';
import {
  currentViewer,
  frameOf,
  localeOf,
  minutesUntil,
  type PortalRooms,
  readCookie,
  visitOf,
  writeCookie,
} from './page-context.ts';
import { requestCode } from './request-code.ts';
import { missingPage } from './views/other-pages.ts';
import { slowDownPage } from './views/sign-in-pages.ts';

const field = z.string().max(400).optional();

/** From one organisation to another that is not shown beside it: by a code of its own, though the address is the same. */
export function apartRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      kind: 'page',
      tags: ['portal'],
      access: 'public',
      responses: PAGES,
      method: 'POST',
      path: '/organisation',
      summary: 'Ask for a code for an organisation that is signed in to by itself',
      body: form(z.strictObject({ token: field, person: field })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      if ((await rooms.forms.redeem(readCookie(request, 'visit'), 'organisation', body.token)) !== 'good')
        return goTo('/messages');
      const target = viewer.apart.find(({ person }) => person === body.person);
      if (target === undefined || viewer.lookup === null)
        return show(404, missingPage(frameOf(rooms, request, viewer, null)));
      const { organisation, person } = target;
      const entry = { kind: 'known', organisation, person, lookup: viewer.lookup } as const;
      const asked = await requestCode(rooms.needs, entry, visitOf(request), localeOf(request, viewer));
      if (asked.kind === 'slow-down')
        return show(
          429,
          slowDownPage(frameOf(rooms, request, viewer, null), minutesUntil(rooms, asked.until)),
        );
      writeCookie(request, 'code', asked.challenge, CODE_COOKIE_SECONDS);
      return goTo('/code');
    }),
  ];
}
