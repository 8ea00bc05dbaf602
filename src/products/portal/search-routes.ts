import { z } from 'zod';
import { defineRoute, form, type Route } from '#platform/http';
import { goTo, PAGES, show } from './page-answer.ts';
import { currentViewer, frameOf, type PortalRooms } from './page-context.ts';
import { searchMessages } from './search-messages.ts';
import { searchPage } from './views/search-page.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;

/** Searching one's own messages. The words are posted: they stand in no address, no log and no history. */
export function searchRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/search',
      summary: 'Search in one’s own messages',
    }).handle(async (request) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const frame = frameOf(rooms, request, viewer, '/search');
      return show(200, searchPage(frame, '', null));
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/search',
      summary: 'What was found',
      body: form(z.strictObject({ words: z.string().max(400).optional() })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const words = body.words ?? '';
      const searched = await searchMessages(rooms.needs, viewer, words);
      const frame = frameOf(rooms, request, viewer, '/search');
      const status = searched.kind === 'found' ? 200 : searched.problem === 'no-words' ? 422 : 429;
      return show(status, searchPage(frame, words, searched));
    }),
  ];
}
