import { html, redirect } from '#platform/http';

/** No inline script or style, nothing from elsewhere, frames only from here, never inside a frame. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "script-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every page, over those that the server sets. */
export const PAGE_HEADERS = {
  'content-security-policy': PAGE_POLICY,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
  'x-dns-prefetch-control': 'off',
} as const;

/** What any page may answer. */
export const PAGES = {
  200: html,
  303: redirect,
  403: html,
  404: html,
  410: html,
  413: html,
  422: html,
  429: html,
} as const;

type PageStatus = Exclude<keyof typeof PAGES, 303>;

/** A page as it is answered. */
export interface Shown<Status extends PageStatus> {
  readonly status: Status;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Redirected {
  readonly status: 303;
  readonly headers: Readonly<Record<string, string>>;
}

export type PageAnswer = Shown<PageStatus> | Redirected;

export function show<Status extends PageStatus>(status: Status, body: string): Shown<Status> {
  return { status, body, headers: PAGE_HEADERS };
}

/** Goes on with a GET, so that reloading repeats nothing. `path` is ours, never taken from a request as it is. */
export function goTo(path: string): Redirected {
  return {
    status: 303,
    headers: { location: path, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  };
}

/** A path of ours that a form carried along; `/` for anything else. */
export function ownPath(text: string | undefined): string {
  return text !== undefined && text.length <= 300 && /^\/(?:[\w-][\w/.-]*)?$/.test(text) ? text : '/';
}
