import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import { type Access, accessRulesSchema, changeRules, readRules, replayRules } from '#platform/access';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { personSchema, time } from './schemas.ts';

const tags = ['access rules'];
const READ = { permission: 'access-rules:read' } as const;
const WRITE = { permission: 'access-rules:write' } as const;

const setSchema = z
  .strictObject({ version: z.int().min(0), rules: accessRulesSchema })
  .meta({ id: 'AccessRules' });
const decision = z.enum(['allow', 'step-up', 'deny']);
const replaySchema = z
  .strictObject({
    signIns: z.int().describe('How many the rules were tried on'),
    counts: z.strictObject({ allow: z.int(), 'step-up': z.int(), deny: z.int() }),
    changed: z
      .array(
        z.strictObject({
          id: z.string(),
          person: personSchema.nullable(),
          at: time,
          was: z.string(),
          wouldBe: decision,
          rules: z.array(z.string()).describe('Names of the rules that hold'),
        }),
      )
      .describe('What would have been decided otherwise: the newest 100'),
  })
  .meta({ id: 'AccessReplay' });
const MOST_SHOWN = 100;

/** Conditional access: from where, with what and when people may work. */
export function accessRuleRoutes(needs: OrganisationPorts): Route[] {
  return [...ruleRoutes(needs), ...deviceRoutes(needs)];
}

function ruleRoutes(needs: OrganisationPorts): Route[] {
  const { access, database } = needs;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/access-rules',
      summary: 'The access rules of your organisation',
      tags,
      access: READ,
      responses: { 200: setSchema },
    }).handle(async ({ caller }) => {
      const { organisation } = caller;
      const found = await database.tenant([organisation], 'app', (tx) => readRules(tx, organisation));
      return { status: 200, body: setSchema.parse(found) };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/access-rules',
      summary: 'Put access rules in force, against the version that was read',
      description:
        'Rules that would deny the person who saves them are refused with reason `locks-you-out`, unless `confirm` is true.',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'sign-in',
      body: z.strictObject({
        version: z.int().min(0),
        rules: accessRulesSchema,
        confirm: z.boolean().default(false),
      }),
      responses: { 200: setSchema },
      errors: ['wrong-state', 'version-conflict'],
    }).handle(async ({ caller, session, body }) => {
      const { version, rules, confirm } = body;
      const standing = session?.standing ?? null;
      const stored = await changeRules({ ...needs, placeOf: access.placeOf }, caller, {
        version,
        rules,
        confirm,
        standing,
      });
      return { status: 200, body: { version: stored, rules } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/access-rules/replay',
      summary: 'Try rules on past sign-ins, those on trial as if they were in force',
      tags,
      access: READ,
      body: z.strictObject({ rules: accessRulesSchema, days: z.int().min(1).max(90).default(30) }),
      responses: { 200: replaySchema },
    }).handle(async ({ caller, body }) => {
      const { signIns, changed } = await replayRules(needs, caller.organisation, body.rules, body.days);
      const counts = { allow: 0, 'step-up': 0, deny: 0 };
      for (const { wouldBe } of changed) counts[wouldBe] += 1;
      const shown = changed.slice(0, MOST_SHOWN);
      const people = await peopleOf(
        access,
        shown.map(({ identity }) => identity),
      );
      const items = shown.map(({ identity, at, rules, ...rest }) => ({
        ...rest,
        at: at.toISOString(),
        rules: [...rules],
        person: people.get(identity) ?? null,
      }));
      return { status: 200, body: { signIns, counts, changed: items } };
    }),
  ];
}

type PersonView = z.output<typeof personSchema>;

async function peopleOf(access: Access, ids: readonly string[]): Promise<Map<string, PersonView>> {
  const found = new Map<string, PersonView>();
  for (const id of new Set(ids)) {
    const person = await access.members.person(id as IdentityId);
    if (person !== undefined) found.set(id, { ...person });
  }
  return found;
}

const deviceSchema = z
  .strictObject({
    id: z.string(),
    person: personSchema.nullable(),
    name: z.string().nullable(),
    agent: z.string().nullable(),
    firstSeenAt: time,
    lastSeenAt: time,
    trusted: z.boolean(),
  })
  .meta({ id: 'Device' });

function deviceRoutes({ access }: OrganisationPorts): Route[] {
  const { devices } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/devices',
      summary: 'Browsers that your people have signed in with, last seen first',
      tags,
      access: READ,
      query: z.strictObject({ person: z.uuid().optional() }),
      responses: { 200: z.strictObject({ items: z.array(deviceSchema), next: z.null() }) },
    }).handle(async ({ caller, query }) => {
      const list = await devices.list(caller, (query.person ?? null) as IdentityId | null);
      const people = await peopleOf(
        access,
        list.map(({ identity }) => identity),
      );
      const items = list.map(({ identity, firstSeenAt, lastSeenAt, ...rest }) => ({
        ...rest,
        person: people.get(identity) ?? null,
        firstSeenAt: firstSeenAt.toISOString(),
        lastSeenAt: lastSeenAt.toISOString(),
      }));
      return { status: 200, body: { items, next: null } };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/devices/:id',
      summary: 'Name a browser and say whether it is trusted',
      tags,
      access: WRITE,
      stepUp: true,
      params: idParams,
      body: z.strictObject({ name: z.string().trim().min(1).max(100).nullable(), trusted: z.boolean() }),
      responses: { 204: empty },
    }).handle(async ({ caller, params, body }) => {
      await devices.change(caller, params.id, body);
      return { status: 204 };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/devices/:id',
      summary: 'Forget a browser: its next sign-in is one with a new device',
      tags,
      access: WRITE,
      params: idParams,
      responses: { 204: empty },
    }).handle(async ({ caller, params }) => {
      await devices.remove(caller, params.id);
      return { status: 204 };
    }),
  ];
}
