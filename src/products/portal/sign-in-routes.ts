import { z } from 'zod';
import { defineRoute, form, type Route } from '#platform/http';
import { parseAddress } from '#platform/mail';
import { openChallenge } from './challenge.ts';
import { checkCode, digitsOf } from './check-code.ts';
import { knownDoor } from './delegation/door.ts';
import { CODE_COOKIE_SECONDS, CODE_MINUTES } from './limits.ts';
import { challengeTarget, linkTarget, otherRecipient } from './link-target.ts';
import { mayOpenByPress, openByLink } from './open-by-link.ts';
import { goTo, PAGES, type PageAnswer, show } from './page-answer.ts';
import {
  currentViewer,
  dropCookie,
  frameOf,
  localeOf,
  minutesUntil,
  type PageRequest,
  type PortalRooms,
  readCookie,
  visitCookie,
  visitOf,
  writeCookie,
} from './page-context.ts';
import { passkeyOffer } from './passkey-routes.ts';
import { signOut } from './portal-session.ts';
import { DEVICE_DAYS, forgetDevice } from './remembered-device.ts';
import { type CodeRequested, type Entry, requestCode } from './request-code.ts';
import {
  type CodeProblem,
  codeOverPage,
  codePage,
  linkPage,
  signedOutPage,
  signInPage,
  signOutPage,
  slowDownPage,
} from './views/sign-in-pages.ts';

const COMMON = { kind: 'page', tags: ['portal'], access: 'public', responses: PAGES } as const;
const field = z.string().max(400).optional();
const linkParams = z.strictObject({ token: z.string().max(200) });

/** From the notice's link, or from an address, to a session. */
export function signInRoutes(rooms: PortalRooms): Route[] {
  return [
    defineRoute({
      ...COMMON,
      method: 'GET',
      path: '/m/:token',
      summary: 'Page behind a notice link',
      params: linkParams,
    }).handle(async ({ params, ...request }) =>
      show(200, await linkPageFor(rooms, request, params.token, false)),
    ),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/m/:token',
      summary: 'Ask for a code, or open on a remembered device',
      params: linkParams,
      body: form(z.strictObject({ token: field, act: field })),
    }).handle(async ({ params, body, ...request }) => pressLink(rooms, request, params.token, body)),

    defineRoute({ ...COMMON, method: 'GET', path: '/sign-in', summary: 'Sign in without a link' }).handle(
      async (request) => show(200, await signInPageFor(rooms, request, '', 'none')),
    ),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/sign-in',
      summary: 'Ask for a code by address',
      body: form(z.strictObject({ token: field, address: field })),
    }).handle(async ({ body, ...request }) => pressSignIn(rooms, request, body)),

    defineRoute({ ...COMMON, method: 'GET', path: '/code', summary: 'Type the code' }).handle(
      async (request) => {
        const challenge = await openChallenge(rooms.needs.vault, readCookie(request, 'code'));
        if (challenge === null) return goTo('/sign-in');
        return show(200, await codePageFor(rooms, request, { kind: 'none' }, false));
      },
    ),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/code',
      summary: 'Sign in with the code',
      body: form(z.strictObject({ token: field, code: field, remember: field })),
    }).handle(async ({ body, ...request }) => pressCode(rooms, request, body)),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/code/again',
      summary: 'Ask for another code',
      body: form(z.strictObject({ token: field })),
    }).handle(async ({ body, ...request }) => pressAgain(rooms, request, body.token)),

    defineRoute({ ...COMMON, method: 'GET', path: '/sign-out', summary: 'Ask how to sign out' }).handle(
      async (request) => {
        const viewer = await currentViewer(rooms, request);
        if (viewer === null) return goTo('/signed-out');
        const token = await rooms.forms.issue(visitCookie(request), 'sign-out');
        return show(200, signOutPage(frameOf(rooms, request, viewer, '/sign-out'), token));
      },
    ),
    defineRoute({
      ...COMMON,
      method: 'POST',
      path: '/sign-out',
      summary: 'Sign out',
      body: form(z.strictObject({ token: field, device: field })),
    }).handle(async ({ body, ...request }) => pressSignOut(rooms, request, body)),
    defineRoute({ ...COMMON, method: 'GET', path: '/signed-out', summary: 'Signed out' }).handle(
      async (request) => show(200, signedOutPage(frameOf(rooms, request, null, '/signed-out'))),
    ),
  ];
}

async function linkPageFor(
  rooms: PortalRooms,
  request: PageRequest,
  token: string,
  stale: boolean,
): Promise<string> {
  const known = await mayOpenByPress(rooms.needs, token, browserOf(request), visitOf(request));
  const viewer = known ? null : await currentViewer(rooms, request);
  return linkPage(frameOf(rooms, request, null, null), {
    token: await rooms.forms.issue(visitCookie(request), 'link'),
    action: `/m/${encodeURIComponent(token)}`,
    known,
    stale,
    link: token,
    target: await linkTarget(rooms.needs, token),
    other: viewer === null ? null : await otherRecipient(rooms.needs, token, viewer),
    passkey: await passkeyOffer(rooms, request),
  });
}

function browserOf(request: PageRequest): { session: string | undefined; device: string | undefined } {
  return { session: readCookie(request, 'session'), device: readCookie(request, 'device') };
}

async function pressLink(
  rooms: PortalRooms,
  request: PageRequest,
  token: string,
  body: { readonly token?: string | undefined; readonly act?: string | undefined },
): Promise<PageAnswer> {
  if ((await rooms.forms.redeem(readCookie(request, 'visit'), 'link', body.token)) !== 'good') {
    return show(403, await linkPageFor(rooms, request, token, true));
  }
  if (body.act === 'open') {
    const opened = await openByLink(rooms.needs, token, browserOf(request), visitOf(request));
    if (opened !== null) {
      if (opened.sessionToken !== null) writeCookie(request, 'session', opened.sessionToken);
      return goTo(`/messages/${opened.item}`);
    }
  }
  return askForCode(rooms, request, { kind: 'link', token, channel: body.act === 'text' ? 'text' : 'mail' });
}

async function askForCode(rooms: PortalRooms, request: PageRequest, entry: Entry): Promise<PageAnswer> {
  const answer = await requestCode(rooms.needs, entry, visitOf(request), localeOf(request, null));
  return afterAsking(rooms, request, answer);
}

/** To the page where the code is typed; the same whether or not one went out. */
export function afterAsking(rooms: PortalRooms, request: PageRequest, answer: CodeRequested): PageAnswer {
  if (answer.kind === 'slow-down') {
    const frame = frameOf(rooms, request, null, null);
    return show(429, slowDownPage(frame, minutesUntil(rooms, answer.until)));
  }
  writeCookie(request, 'code', answer.challenge, CODE_COOKIE_SECONDS);
  return goTo('/code');
}

async function signInPageFor(
  rooms: PortalRooms,
  request: PageRequest,
  address: string,
  problem: 'none' | 'missing' | 'stale',
): Promise<string> {
  const token = await rooms.forms.issue(visitCookie(request), 'sign-in');
  const passkey = await passkeyOffer(rooms, request);
  const door = await knownDoor(rooms.needs, readCookie(request, 'door'));
  const frame = frameOf(rooms, request, null, '/sign-in');
  return signInPage(frame, { token, address, problem, passkey, door, own: false });
}

async function pressSignIn(
  rooms: PortalRooms,
  request: PageRequest,
  body: { readonly token?: string | undefined; readonly address?: string | undefined },
): Promise<PageAnswer> {
  const address = (body.address ?? '').trim();
  if ((await rooms.forms.redeem(readCookie(request, 'visit'), 'sign-in', body.token)) !== 'good') {
    return show(403, await signInPageFor(rooms, request, address, 'stale'));
  }
  if (parseAddress(address) === null)
    return show(422, await signInPageFor(rooms, request, address, 'missing'));
  return askForCode(rooms, request, { kind: 'form', address });
}

async function codePageFor(
  rooms: PortalRooms,
  request: PageRequest,
  problem: CodeProblem,
  remember: boolean,
): Promise<string> {
  const visit = visitCookie(request);
  const challenge = await openChallenge(rooms.needs.vault, readCookie(request, 'code'));
  return codePage(frameOf(rooms, request, null, '/code'), {
    token: await rooms.forms.issue(visit, 'code'),
    againToken: await rooms.forms.issue(visit, 'again'),
    problem,
    remember,
    minutes: CODE_MINUTES,
    days: DEVICE_DAYS,
    channel: challenge?.channel ?? 'mail',
    target: challenge === null ? null : await challengeTarget(rooms.needs, challenge),
  });
}

async function pressCode(
  rooms: PortalRooms,
  request: PageRequest,
  body: {
    readonly token?: string | undefined;
    readonly code?: string | undefined;
    readonly remember?: string | undefined;
  },
): Promise<PageAnswer> {
  const remember = body.remember === 'yes';
  if ((await rooms.forms.redeem(readCookie(request, 'visit'), 'code', body.token)) !== 'good') {
    return show(403, await codePageFor(rooms, request, { kind: 'stale' }, remember));
  }
  const digits = digitsOf(body.code ?? '');
  if (digits === null) return show(422, await codePageFor(rooms, request, { kind: 'malformed' }, remember));
  const onto = await currentViewer(rooms, request);
  const attempt = { challenge: readCookie(request, 'code'), digits, remember, onto };
  const checked = await checkCode(rooms.needs, attempt, visitOf(request));
  switch (checked.kind) {
    case 'signed-in':
      dropCookie(request, 'code');
      writeCookie(request, 'session', checked.sessionToken);
      if (checked.deviceToken !== null) {
        writeCookie(request, 'device', checked.deviceToken, DEVICE_DAYS * 24 * 60 * 60);
      }
      return goTo(checked.item === null ? '/messages' : `/messages/${checked.item}`);
    case 'wrong':
      return show(
        422,
        await codePageFor(rooms, request, { kind: 'wrong', left: checked.triesLeft }, remember),
      );
    case 'over':
      dropCookie(request, 'code');
      return show(429, codeOverPage(frameOf(rooms, request, null, null), minutesUntil(rooms, checked.until)));
  }
}

async function pressAgain(
  rooms: PortalRooms,
  request: PageRequest,
  token: string | undefined,
): Promise<PageAnswer> {
  if ((await rooms.forms.redeem(readCookie(request, 'visit'), 'again', token)) !== 'good') {
    return show(403, await codePageFor(rooms, request, { kind: 'stale' }, false));
  }
  const challenge = await openChallenge(rooms.needs.vault, readCookie(request, 'code'));
  if (challenge === null) return goTo('/sign-in');
  return askForCode(rooms, request, { kind: 'again', challenge });
}

async function pressSignOut(
  rooms: PortalRooms,
  request: PageRequest,
  body: { readonly token?: string | undefined; readonly device?: string | undefined },
): Promise<PageAnswer> {
  const viewer = await currentViewer(rooms, request);
  if (viewer === null) return goTo('/signed-out');
  if ((await rooms.forms.redeem(readCookie(request, 'visit'), 'sign-out', body.token)) !== 'good')
    return goTo('/sign-out');
  await signOut(rooms.needs, viewer, visitOf(request));
  dropCookie(request, 'session');
  if (body.device === 'forget') {
    await forgetDevice(rooms.needs, readCookie(request, 'device'), visitOf(request));
    dropCookie(request, 'device');
  }
  return goTo('/signed-out');
}
