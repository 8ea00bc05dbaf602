import { z } from 'zod';
import type { OrganisationId, SessionId } from '#core/ids';
import { defineRoute, empty, idParams, type Route, SESSION_COOKIE } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { sessionSchema, time } from './schemas.ts';
import { viewSession } from './session-view.ts';

const tags = ['session'];

const entrySchema = z
  .strictObject({
    id: z.string(),
    current: z.boolean(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
    address: z.string().nullable(),
    factors: z.array(z.string()),
  })
  .meta({ id: 'SessionEntry' });

/** The signed-in person's own sessions. */
export function sessionRoutes(needs: OrganisationPorts): Route[] {
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
      const { organisation, permissions } = caller;
      const { identity, expiresAt, csrfToken: csrf } = session;
      return {
        status: 200,
        body: await viewSession(needs, { identity, organisation, permissions, expiresAt, csrf }),
      };
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/session',
      summary: 'Go on in another of your organisations',
      tags,
      access: 'session',
      body: z.strictObject({ organisation: z.uuid() }),
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, session, body }) => {
      await sessions.switchTo(caller, session.id, session.identity, body.organisation as OrganisationId);
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
      return { status: 204 };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/sessions',
      summary: 'Your live sessions, newest first',
      tags,
      access: 'session',
      responses: { 200: z.strictObject({ items: z.array(entrySchema), next: z.null() }) },
    }).handle(async ({ session }) => {
      const items = (await sessions.list(session.identity)).map((entry) => ({
        id: entry.id,
        current: entry.id === session.id,
        createdAt: entry.createdAt.toISOString(),
        lastUsedAt: entry.lastUsedAt.toISOString(),
        expiresAt: entry.expiresAt.toISOString(),
        address: entry.address,
        factors: [...entry.factors],
      }));
      return { status: 200, body: { items, next: null } };
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
