import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { OrganisationId, SessionId } from '#core/ids';
import type { SessionEntry } from '#platform/access';
import { defineRoute, empty, idParams, type Route, SESSION_COOKIE } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { sessionEntrySchema, sessionSchema, time } from './schemas.ts';
import { viewSession } from './session-view.ts';

const tags = ['session'];

/** The signed-in person's own sessions. */
export function sessionRoutes(needs: OrganisationPorts): Route[] {
  return [...currentRoutes(needs), ...bindingRoutes(needs), ...ownRoutes(needs)];
}

function currentRoutes(needs: OrganisationPorts): Route[] {
  const { sessions } = needs.access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/session',
      summary: 'Who is signed in',
      tags,
      access: 'session',
      responses: { 200: sessionSchema },
    }).handle(async ({ caller, session }) => {
      const { organisation, permissions, scoped } = caller;
      const { identity, expiresAt, idleSeconds, csrfToken: csrf } = session;
      return {
        status: 200,
        body: await viewSession(needs, {
          identity,
          organisation,
          permissions,
          scoped,
          expiresAt,
          idleSeconds,
          csrf,
        }),
      };
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/session',
      summary: 'Go on in another of your organisations, under a new cookie',
      tags,
      access: 'session',
      body: z.strictObject({ organisation: z.uuid() }),
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, session, body, cookies }) => {
      const organisation = body.organisation as OrganisationId;
      const fresh = await sessions.switchTo(caller, session.id, session.identity, organisation);
      cookies.set(SESSION_COOKIE, fresh, { sameSite: 'strict' });
      return { status: 204 };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/session',
      summary: 'Sign out',
      tags,
      access: 'session',
      responses: { 204: empty },
      errors: ['not-found'],
    }).handle(async ({ caller, session, cookies }) => {
      await sessions.end(caller, session.identity, session.id);
      cookies.clear(SESSION_COOKIE);
      return { status: 204, headers: SIGNED_OUT };
    }),
  ];
}

/**
 * What the browser kept of the answers goes with the session, also pages it would show on "back" (Clear-Site-Data, W3C). Not
 * "storage": that holds the key by which this browser is known, and the reader's choice of light or dark.
 */
const SIGNED_OUT = { 'clear-site-data': '"cache"' } as const;

function bindingRoutes({ access }: OrganisationPorts): Route[] {
  const { sessions } = access;
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/session/key',
      summary: 'Bind a session whose sign-in ended in a redirect to the key of this browser',
      description:
        'Within a minute of the sign-in, once. The key and its proof come in the headers Sealpost-Proof-Key and Sealpost-Proof.',
      tags,
      access: 'session',
      binds: true,
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, session, origin }) => {
      const key = origin.browser?.key ?? null;
      if (key === null) throw new Refusal('wrong-state', { reason: 'bound' });
      await sessions.bind(caller, session.id, key);
      return { status: 204 };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/session/tickets',
      summary: 'A ticket for a download that the browser makes by itself',
      description:
        'Append it to the address as the last parameter, `ticket`. Good once, for 45 seconds, for this session and that address. Asks for what the file itself asks: its permission, and a factor again where it wants one.',
      tags,
      access: 'session',
      body: z.strictObject({
        target: z
          .string()
          .max(2_000)
          .regex(/^\/v1\/[^#\s]*$/)
          .describe('Path and query'),
      }),
      responses: {
        201: z.strictObject({ ticket: z.string(), expiresAt: time }).meta({ id: 'DownloadTicket' }),
      },
      errors: ['not-found', 'step-up-required'],
    }).handle(async ({ caller, session, body, mayOpen }) => {
      await mayOpen(body.target);
      const holder = { organisation: caller.organisation, session };
      const { ticket, expiresAt } = await sessions.tickets.issue(holder, body.target);
      return { status: 201, body: { ticket, expiresAt: expiresAt.toISOString() } };
    }),
  ];
}

function ownRoutes({ access, database }: OrganisationPorts): Route[] {
  const { sessions } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/sessions',
      summary: 'Your live sessions, newest first',
      tags,
      access: 'session',
      responses: { 200: z.strictObject({ items: z.array(sessionEntrySchema), next: z.null() }) },
    }).handle(async ({ session }) => {
      const entries = await sessions.list(session.identity);
      return {
        status: 200,
        body: { items: entries.map((entry) => viewEntry(entry, session.id)), next: null },
      };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/sessions',
      summary: 'Sign out everywhere but here',
      tags,
      access: 'session',
      responses: { 200: z.strictObject({ ended: z.int() }) },
    }).handle(async ({ caller, session }) => {
      const { organisation, actor } = caller;
      const who = { identity: session.identity, organisation, but: session.id, reason: 'everywhere' };
      const ended = await database.tenant([organisation], 'app', (tx) =>
        sessions.endAll(tx, who, actor, caller),
      );
      return { status: 200, body: { ended } };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/sessions/:id',
      summary: 'End one of your sessions',
      tags,
      access: 'session',
      params: idParams,
      responses: { 204: empty },
    }).handle(async ({ caller, session, params }) => {
      await sessions.end(caller, session.identity, params.id as SessionId);
      return { status: 204 };
    }),
  ];
}

export function viewEntry(entry: SessionEntry, current: SessionId | null) {
  return {
    id: entry.id,
    current: entry.id === current,
    createdAt: entry.createdAt.toISOString(),
    lastUsedAt: entry.lastUsedAt.toISOString(),
    expiresAt: entry.expiresAt.toISOString(),
    address: entry.address,
    country: entry.country,
    agent: entry.agent,
    bound: entry.bound,
    factors: [...entry.factors],
  };
}
