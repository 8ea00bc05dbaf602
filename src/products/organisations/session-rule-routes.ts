import { z } from 'zod';
import type { Caller } from '#core/actor';
import { Refusal } from '#core/errors';
import type { IdentityId, SessionId } from '#core/ids';
import { changeSettings, readSettings, sessionSettingsSchema } from '#platform/access';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { sessionEntrySchema } from './schemas.ts';
import { viewEntry } from './session-routes.ts';

const tags = ['session'];

/** The id of somebody who is a member of the caller's organisation. Refusal `not-found`. */
async function memberId({ access }: OrganisationPorts, caller: Caller, id: string): Promise<IdentityId> {
  const homes = await access.members.organisationsOf(id as IdentityId);
  if (!homes.includes(caller.organisation)) throw new Refusal('not-found');
  return id as IdentityId;
}

/** What the organisation asks of sessions, and the sessions of its people. */
export function sessionRuleRoutes(needs: OrganisationPorts): Route[] {
  return [...settingRoutes(needs), ...memberSessionRoutes(needs)];
}

function settingRoutes(needs: OrganisationPorts): Route[] {
  const { database } = needs;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/session-settings',
      summary: 'Time-outs by role, step-up, and how many sessions at once',
      tags,
      access: { permission: 'access-rules:read' },
      responses: { 200: sessionSettingsSchema },
    }).handle(async ({ caller }) => {
      const { organisation } = caller;
      const body = await database.tenant([organisation], 'app', (tx) => readSettings(tx, organisation));
      return { status: 200, body };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/session-settings',
      summary: 'Change time-outs, step-up and the number of sessions',
      tags,
      access: { permission: 'access-rules:write' },
      stepUp: true,
      fourEyes: 'sign-in',
      body: sessionSettingsSchema,
      responses: { 200: sessionSettingsSchema },
    }).handle(async ({ caller, body }) => {
      await changeSettings(needs, caller, body);
      return { status: 200, body };
    }),
  ];
}

function memberSessionRoutes(needs: OrganisationPorts): Route[] {
  const { access, database } = needs;
  const { sessions } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/members/:id/sessions',
      summary: "A member's live sessions in your organisation",
      tags,
      access: { permission: 'sessions:read' },
      params: idParams,
      responses: { 200: z.strictObject({ items: z.array(sessionEntrySchema), next: z.null() }) },
    }).handle(async ({ caller, session, params }) => {
      const identity = await memberId(needs, caller, params.id);
      const entries = await sessions.list(identity, caller.organisation);
      const items = entries.map((entry) => viewEntry(entry, session?.id ?? null));
      return { status: 200, body: { items, next: null } };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/members/:id/sessions',
      summary: "End a member's sessions in your organisation",
      tags,
      access: { permission: 'sessions:end' },
      stepUp: true,
      params: idParams,
      responses: { 200: z.strictObject({ ended: z.int() }) },
    }).handle(async ({ caller, session, params }) => {
      const { organisation, actor } = caller;
      const identity = await memberId(needs, caller, params.id);
      const but = session?.identity === identity ? session.id : null;
      const who = { identity, organisation, but, reason: 'administrator', only: organisation };
      const ended = await database.tenant([organisation], 'app', (tx) =>
        sessions.endAll(tx, who, actor, caller),
      );
      return { status: 200, body: { ended } };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/members/:id/sessions/:session',
      summary: "End one of a member's sessions in your organisation",
      tags,
      access: { permission: 'sessions:end' },
      stepUp: true,
      params: z.strictObject({ id: z.uuid(), session: z.uuid() }),
      responses: { 204: empty },
    }).handle(async ({ caller, params }) => {
      const identity = await memberId(needs, caller, params.id);
      await sessions.endOther(caller, identity, params.session as SessionId);
      return { status: 204 };
    }),
  ];
}
