import { z } from 'zod';
import { isUuid } from '#core/ids';
import { defineRoute, form, type Route } from '#platform/http';
import { ownPlaces } from './find-places.ts';
import { openByLink } from './open-by-link.ts';
import { goTo, PAGES, type PageAnswer, show } from './page-answer.ts';
import {
  currentViewer,
  dropCookie,
  frameOf,
  type PageRequest,
  type PortalRooms,
  readCookie,
  visitCookie,
  visitOf,
  writeCookie,
} from './page-context.ts';
import { addPasskey, passkeyInvitation, portalParty, signInWithPasskey } from './passkeys.ts';
import type { Viewer } from './portal-session.ts';
import { removeDevice, removePasskey, signInWays, signOutEverywhere } from './sign-in-ways.ts';
import { looksLikeToken } from './token.ts';
import type { PasskeyOffer } from './views/passkey-forms.ts';
import { passkeyFailedPage } from './views/sign-in-pages.ts';
import { type WaysNote, waysPage } from './views/ways-page.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;
const field = z.string().max(400).optional();
/** What an authenticator says, as the page's script hands it on. An ES256 answer has a few hundred octets. */
const octets = z
  .string()
  .max(8_000)
  .regex(/^[\w-]*$/);
const YEAR_SECONDS = 365 * 24 * 60 * 60;

/** Signing in by passkey, and the page where a person keeps their passkeys and devices. */
export function passkeyRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/passkey',
      summary: 'Sign in with a passkey',
      body: form(
        z.strictObject({
          token: field,
          link: field,
          item: field,
          id: octets,
          clientDataJSON: octets,
          authenticatorData: octets,
          signature: octets,
        }),
      ),
    }).handle(async ({ body, ...request }) => {
      const { id, clientDataJSON, authenticatorData, signature, ...rest } = body;
      const response = { clientDataJSON, authenticatorData, signature };
      return pressPasskey(rooms, request, rest, credential(id, response));
    }),
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/ways',
      summary: 'Passkeys and remembered devices of the person signed in',
      query: z.strictObject({ done: z.enum(['added', 'removed']).optional() }),
    }).handle(async ({ query, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      return showWays(rooms, request, viewer, query.done ?? 'none');
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/ways',
      summary: 'Remove a passkey or device, or sign out everywhere',
      body: form(z.strictObject({ token: field, act: field, id: field })),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      return pressWays(rooms, request, viewer, body);
    }),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/passkeys',
      summary: 'Add a passkey',
      body: form(
        z.strictObject({
          token: field,
          id: octets,
          clientDataJSON: octets,
          attestationObject: octets,
          transports: z.string().max(100),
        }),
      ),
    }).handle(async ({ body, ...request }) => {
      const viewer = await currentViewer(rooms, request);
      if (viewer === null) return goTo('/sign-in');
      const { id, clientDataJSON, attestationObject } = body;
      const made = credential(id, { clientDataJSON, attestationObject });
      return pressAdd(rooms, request, viewer, body.token, made);
    }),
  ];
}

/** The shape that the library reads (WebAuthn §5.1, JSON form). */
function credential<Response>(id: string, response: Response) {
  return { id, rawId: id, type: 'public-key' as const, clientExtensionResults: {}, response };
}

/** What a page needs to let somebody sign in by passkey; null where passkeys cannot be used. */
export async function passkeyOffer(rooms: PortalRooms, request: PageRequest): Promise<PasskeyOffer | null> {
  const party = portalParty(rooms.needs);
  if (party === null) return null;
  const token = await rooms.forms.issue(visitCookie(request), 'passkey');
  return { token, rpId: party.id, used: readCookie(request, 'passkey') !== undefined };
}

async function pressPasskey(
  rooms: PortalRooms,
  request: PageRequest,
  body: {
    readonly token?: string | undefined;
    readonly link?: string | undefined;
    readonly item?: string | undefined;
  },
  response: Parameters<typeof signInWithPasskey>[2],
): Promise<PageAnswer> {
  const link = body.link !== undefined && looksLikeToken(body.link) ? body.link : null;
  const back = link === null ? '/sign-in' : `/m/${link}`;
  const failed = (): PageAnswer => show(422, passkeyFailedPage(frameOf(rooms, request, null, null), back));
  const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), 'passkey', body.token);
  if (redeemed !== 'good' || body.token === undefined) return failed();
  const onto = await currentViewer(rooms, request);
  const signedIn = await signInWithPasskey(rooms.needs, body.token, response, onto, visitOf(request));
  if (signedIn === null) return failed();
  writeCookie(request, 'session', signedIn.sessionToken);
  writeCookie(request, 'passkey', '1', YEAR_SECONDS);
  if (link !== null) return onToLink(rooms, request, link, signedIn.sessionToken);
  const item = body.item ?? '';
  return goTo(isUuid(item) ? `/messages/${item}` : '/messages');
}

/** To the message behind the link; where it was sent to another address, to the page that says so. */
async function onToLink(
  rooms: PortalRooms,
  request: PageRequest,
  link: string,
  session: string,
): Promise<PageAnswer> {
  const opened = await openByLink(rooms.needs, link, { session, device: undefined }, visitOf(request));
  if (opened === null) return goTo(`/m/${link}`);
  if (opened.sessionToken !== null) writeCookie(request, 'session', opened.sessionToken);
  return goTo(`/messages/${opened.item}`);
}

async function showWays(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  note: WaysNote,
): Promise<PageAnswer> {
  const visit = visitCookie(request);
  const ways = await signInWays(rooms.needs, viewer, readCookie(request, 'device'));
  const status = note === 'failed' ? 422 : note === 'stale' ? 403 : 200;
  return show(
    status,
    waysPage(frameOf(rooms, request, viewer, '/ways'), ways, {
      token: await rooms.forms.issue(visit, 'ways'),
      addToken: await rooms.forms.issue(visit, 'passkey-add'),
      invitation: await passkeyInvitation(rooms.needs, viewer),
      offered: portalParty(rooms.needs) !== null,
      note,
      timeZone: viewer.profile.timeZone,
    }),
  );
}

async function pressAdd(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  token: string | undefined,
  made: Parameters<typeof addPasskey>[3],
): Promise<PageAnswer> {
  const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), 'passkey-add', token);
  if (redeemed !== 'good' || token === undefined) return showWays(rooms, request, viewer, 'stale');
  const added = await addPasskey(rooms.needs, viewer, token, made, visitOf(request));
  if (!added) return showWays(rooms, request, viewer, 'failed');
  writeCookie(request, 'passkey', '1', YEAR_SECONDS);
  return goTo('/ways?done=added');
}

async function pressWays(
  rooms: PortalRooms,
  request: PageRequest,
  viewer: Viewer,
  body: {
    readonly token?: string | undefined;
    readonly act?: string | undefined;
    readonly id?: string | undefined;
  },
): Promise<PageAnswer> {
  const redeemed = await rooms.forms.redeem(readCookie(request, 'visit'), 'ways', body.token);
  if (redeemed !== 'good') return showWays(rooms, request, viewer, 'stale');
  const visit = visitOf(request);
  if (body.act === 'everywhere') {
    const people = [...ownPlaces(viewer), ...viewer.apart];
    await signOutEverywhere(rooms.needs, people, visit);
    for (const cookie of ['session', 'device'] as const) dropCookie(request, cookie);
    return goTo('/signed-out');
  }
  const id = isUuid(body.id ?? '') ? (body.id ?? '') : null;
  if (id === null) return goTo('/ways');
  const remove = body.act === 'remove-passkey' ? removePasskey : removeDevice;
  return goTo((await remove(rooms.needs, viewer, id, visit)) ? '/ways?done=removed' : '/ways');
}
