import { z } from 'zod';
import { bytes, defineRoute, empty, form, type Route, text } from '#platform/http';
import { goTo, ownPath, PAGES, show } from './page-answer.ts';
import { currentViewer, frameOf, type PortalRooms, writeCookie } from './page-context.ts';
import { chooseLocale } from './portal-session.ts';
import { helpPage } from './views/other-pages.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public' } as const;
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Start, help, language, and the portal's own files. */
export function otherRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({ ...COMMON, method: 'GET', path: '/', summary: 'Start', responses: PAGES }).handle(
      async (request) => goTo((await currentViewer(rooms, request)) === null ? '/sign-in' : '/messages'),
    ),
    defineRoute({ ...COMMON, method: 'GET', path: '/help', summary: 'Help', responses: PAGES }).handle(
      async (request) => {
        const viewer = await currentViewer(rooms, request);
        return show(200, helpPage(frameOf(rooms, request, viewer, '/help')));
      },
    ),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/language',
      summary: 'Choose a language',
      body: form(z.strictObject({ locale: z.enum(['en', 'es']), back: z.string().max(400).optional() })),
      responses: PAGES,
    }).handle(async ({ body, ...request }) => {
      writeCookie(request, 'language', body.locale, YEAR_SECONDS);
      const viewer = await currentViewer(rooms, request);
      if (viewer !== null) await chooseLocale(rooms.needs, viewer, body.locale);
      return goTo(ownPath(body.back));
    }),
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/robots.txt',
      summary: 'Nothing here is for search engines',
      responses: { 200: text() },
      unlimited: true,
    }).handle(async () => ({ status: 200, body: 'User-agent: *\nDisallow: /\n' })),
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/assets/:version/:name',
      summary: 'Style, script, marks and font',
      params: z.strictObject({ version: z.string().max(64), name: z.string().max(64) }),
      headers: z.strictObject({ 'accept-encoding': z.string().max(400).optional() }),
      responses: { 200: bytes(), 404: empty },
      unlimited: true,
    }).handle(async ({ params, headers }) => {
      const asset = rooms.assets.find(params.version, params.name);
      if (asset === null) return { status: 404 };
      const brotli = asset.compressed !== null && /\bbr\b/.test(headers['accept-encoding'] ?? '');
      const common = {
        'content-type': asset.type,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
      };
      if (brotli && asset.compressed !== null) {
        return { status: 200, body: asset.compressed, headers: { ...common, 'content-encoding': 'br' } };
      }
      return { status: 200, body: asset.bytes, headers: common };
    }),
  ];
}
