import { z } from 'zod';
import type { Caller } from '#core/actor';
import type { AnyAnswer } from './response.ts';
import type { RawRequest, Route } from './route.ts';

/**
 * Kinds of acts that an organisation may want a second person for. `settings` is the choice of these itself, and always
 * wants one once any of them is chosen.
 */
export const FOUR_EYES_CODES = [
  'roles',
  'members',
  'keys',
  'recovery',
  'sign-in',
  'single-sign-on',
  'portal-sign-in',
  'encryption',
  'monitoring',
  'retention',
  'audit-export',
  'installation',
  'leave-sandbox',
] as const;
export type FourEyesCode = (typeof FOUR_EYES_CODES)[number] | 'settings';

/** What a request asked for, parsed and found good; JSON. */
export interface HeldRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Keeps acts until a second person has approved them. */
export interface SecondPerson {
  /** Null: nobody else is needed. Refusal `not-permitted` for programs. */
  hold(
    act: { readonly code: FourEyesCode; readonly route: string; readonly permission: string },
    caller: Caller,
    request: HeldRequest,
  ): Promise<{ readonly id: string; readonly expiresAt: Date } | null>;
}

export const heldActSchema = z
  .strictObject({
    held: z.literal(true).describe('Nothing was done yet: a second person must approve it'),
    id: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'HeldAct' });

/** Puts the act aside where a second person is needed; null where it may be done now. Input that is not good is refused first. */
export async function holdAct(
  secondPerson: SecondPerson | null,
  route: Route,
  raw: RawRequest,
): Promise<AnyAnswer | null> {
  const { fourEyes: code, access } = route;
  if (secondPerson === null || code === null || raw.caller === null || typeof access === 'string')
    return null;
  route.check(raw);
  const names = route.headers instanceof z.ZodObject ? Object.keys(route.headers.shape) : [];
  const headers = Object.fromEntries(
    names.filter((name) => raw.headers[name] !== undefined).map((name) => [name, raw.headers[name]]),
  );
  const act = { code, route: `${route.method} ${route.path}`, permission: access.permission };
  const { params, query, body } = raw;
  const held = await secondPerson.hold(act, raw.caller, { params, query, headers, body });
  if (held === null) return null;
  const { id, expiresAt } = held;
  return { status: 202, body: { held: true, id, expiresAt: expiresAt.toISOString() } };
}

/** Does a held act now, as the caller who asked for it. Refusals and faults are thrown as the handler throws them. */
export function runHeldAct(
  route: Route,
  caller: Caller,
  held: HeldRequest,
  pageOrigin: string,
): Promise<AnyAnswer> {
  const noCookies = () => {
    throw new Error('an act that was held has no browser to give a cookie to');
  };
  const noSession = () => Promise.reject(new Error('an act that was held has no session to open files with'));
  return route.invoke({
    ...held,
    ...{ caller, session: null },
    common: {
      ...{ origin: caller.origin, request: caller.request, pageOrigin, mayOpen: noSession },
      cookies: { get: () => undefined, set: noCookies, clear: noCookies },
      idempotency: { commit: () => Promise.resolve() },
      signal: new AbortController().signal,
      ...{ acceptLanguage: undefined, userAgent: undefined, clientCertificate: null },
    },
  });
}
