import { createHmac } from 'node:crypto';
import { constantTimeEqual } from '#platform/runtime';

/**
 * The token that the console sends back as `X-Sealpost-CSRF`: derived from the session's secret, so it needs no
 * storage, ends with the session, and says nothing about the cookie.
 */
export function csrfToken(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('sealpost csrf v1').digest('base64url');
}

/** True when the header belongs to this session. */
export function csrfMatches(sessionToken: string, header: string | undefined): boolean {
  return header !== undefined && constantTimeEqual(csrfToken(sessionToken), header);
}

export interface BrowserSigns {
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  /** Whether the route's own form token guards it: then a browser too old to say where a request comes from may say `null`. */
  readonly formToken: boolean;
}

/**
 * Whether an unsafe request may come from where it says it comes from. Browsers send Origin or Sec-Fetch-Site with
 * every such request; programs send neither and are let through (they hold no cookie of somebody else). Forms of pages
 * with `Referrer-Policy: no-referrer` come with `Origin: null` (Fetch, "append a request Origin header"): then it is
 * Sec-Fetch-Site that counts, which no page can set.
 */
export function sameOrigin(signs: BrowserSigns, allowed: readonly string[]): boolean {
  const site = signs.secFetchSite;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (signs.origin === 'null') return site === 'same-origin' || (site === undefined && signs.formToken);
  return signs.origin === undefined || allowed.includes(signs.origin);
}

/** GET, HEAD and OPTIONS change nothing. */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
