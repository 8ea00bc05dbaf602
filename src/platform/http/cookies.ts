/** Cookies of the request, and those that the answer will set. Every cookie is HttpOnly, host-only and Path=/. */
export interface Cookies {
  /** `base` is the name without prefix; see `cookieName`. */
  get(base: string): string | undefined;
  /** Without `maxAgeSeconds` the cookie ends with the browser's session. */
  set(
    base: string,
    value: string,
    options: { readonly maxAgeSeconds?: number; readonly sameSite: 'strict' | 'lax' },
  ): void;
  clear(base: string): void;
}

/**
 * The real name of a cookie. `__Host-` (RFC 6265bis §4.1.3.2) needs Secure, which browsers do not take over plain
 * http; that is only served on loopback, where the name goes without its prefix.
 */
export function cookieName(base: string, secure: boolean): string {
  return secure ? `__Host-${base}` : base;
}
