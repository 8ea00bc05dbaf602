import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import type { Explanation, MemberAccess } from '#platform/access';
import { cursorId, defineRoute, empty, encodeCursor, idParams, pageQuery, type Route } from '#platform/http';
import type { RolePorts } from './ports.ts';
import {
  permission,
  permissions,
  roleKey,
  scopeOf,
  scopeSchema,
  stopSchema,
  stopView,
  time,
} from './schemas.ts';

const tags = ['roles'];
const READ = { permission: 'roles:read' } as const;

const groupRef = z.strictObject({ id: z.string(), name: z.string() });
const via = z.enum(['direct', 'assignment', 'group']);

const accessSchema = z
  .strictObject({
    roles: z.array(z.string()).describe('Held directly, everywhere'),
    boundary: permissions.nullable().describe('The most this person may hold; null: no bound'),
    sources: z.array(
      z.strictObject({
        permission,
        role: z.string(),
        via,
        group: groupRef.nullable(),
        assignment: z.string().nullable(),
        scope: scopeSchema.nullable(),
        until: time.nullable(),
        underCare: z.boolean(),
        stopped: stopSchema.nullable(),
      }),
    ),
  })
  .meta({ id: 'MemberAccess' });

const explanationSchema = z
  .strictObject({
    allowed: z.boolean(),
    reasons: z.array(
      z.strictObject({
        code: z.enum([
          'granted',
          'operator',
          'other-scope',
          'care-relationship-needed',
          'stopped-by-boundary',
          'stopped-by-guardrail',
          'stopped-by-role-cap',
          'no-role-holds-it',
          'not-a-member',
        ]),
        role: z.string().nullable(),
        via: via.nullable(),
        group: groupRef.nullable(),
        assignment: z.string().nullable(),
        scope: scopeSchema.nullable(),
        until: time.nullable(),
        organisation: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'AccessExplanation' });

const unusedSchema = z
  .strictObject({
    countedSince: z.iso.date().nullable().describe('Before this day nobody knows'),
    items: z.array(
      z.strictObject({
        identity: z.strictObject({ id: z.string(), displayName: z.string(), address: z.string() }),
        memberSince: time,
        held: z.int(),
        unused: permissions,
      }),
    ),
    next: z.string().nullable(),
  })
  .meta({ id: 'UnusedPermissions' });

/** What one member may do, why, and what they never use. */
export function rightRoutes(ports: RolePorts): Route[] {
  return [...memberRights(ports), explain(ports), unused(ports)];
}

function memberRights({ access: { rights } }: RolePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/members/:id/access',
      summary: 'Every way by which a permission comes to a person',
      tags,
      access: READ,
      params: idParams,
      responses: { 200: accessSchema },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => ({
      status: 200,
      body: accessView(await rights.read(caller, params.id as IdentityId)),
    })),
    defineRoute({
      method: 'PUT',
      path: '/v1/members/:id/roles',
      summary: "Replace a person's direct roles",
      description: 'Whoever does it must hold what the roles gave and what they then give.',
      tags,
      access: { permission: 'members:write' },
      stepUp: true,
      fourEyes: 'roles',
      params: idParams,
      body: z.strictObject({ roles: z.array(roleKey).max(50) }),
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      await rights.setRoles(caller, params.id as IdentityId, body.roles);
      return { status: 204 };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/members/:id/boundary',
      summary: 'The most that a person may hold, whatever roles give; null for no bound',
      tags,
      access: { permission: 'roles:write' },
      stepUp: true,
      fourEyes: 'roles',
      params: idParams,
      body: z.strictObject({ permissions: permissions.nullable() }),
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      await rights.setBoundary(caller, params.id as IdentityId, body.permissions);
      return { status: 204 };
    }),
  ];
}

function explain({ access: { rights } }: RolePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/access/explain',
    summary: 'Whether somebody may do something, and why',
    description: 'Read by the same function that sessions get their permissions from.',
    tags,
    access: READ,
    body: z.strictObject({
      identity: z.uuid(),
      permission,
      scope: scopeSchema.nullable().default(null),
    }),
    responses: { 200: explanationSchema },
    errors: ['invalid', 'invalid-address'],
  }).handle(async ({ caller, body }) => {
    const scope = scopeOf(body.scope);
    const told = await rights.explain(caller, body.identity as IdentityId, body.permission, scope);
    return { status: 200, body: explanationView(told, told.groups) };
  });
}

function unused({ access: { uses } }: RolePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/access/unused',
    summary: 'What people hold and have not used',
    tags,
    access: READ,
    query: z.strictObject({ ...pageQuery, days: z.coerce.number().int().min(1).max(365).default(90) }),
    responses: { 200: unusedSchema },
  }).handle(async ({ caller, query }) => {
    const [rows, countedSince] = await Promise.all([
      uses.unused(caller, query.days, cursorId(query.cursor), query.limit + 1),
      uses.countedSince(caller),
    ]);
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    const items = shown.map(({ person, memberSince, held, unused: never }) => ({
      identity: { ...person },
      memberSince: memberSince.toISOString(),
      held,
      unused: [...never],
    }));
    const next = rows.length > query.limit && last !== undefined ? encodeCursor(last.person.id) : null;
    return { status: 200, body: { countedSince, items, next } };
  });
}

function groupView(id: string | null, names: ReadonlyMap<string, string>) {
  return id === null ? null : { id, name: names.get(id) ?? '' };
}

/** The care rule's own scope is said by `underCare` and never in a source's scope. */
function scopeView(scope: MemberAccess['sources'][number]['scope']): z.output<typeof scopeSchema> | null {
  return scope === null || scope.kind === 'care' ? null : { kind: scope.kind, id: scope.id };
}

function accessView({ roles, boundary, sources, groups }: MemberAccess): z.output<typeof accessSchema> {
  return {
    roles: [...roles],
    boundary: boundary === null ? null : [...boundary],
    sources: sources.map((source) => ({
      permission: source.permission,
      role: source.role,
      via: source.via,
      group: groupView(source.group, groups),
      assignment: source.assignment,
      scope: scopeView(source.scope),
      until: source.until?.toISOString() ?? null,
      underCare: source.underCare,
      stopped: stopView(source.stopped),
    })),
  };
}

function explanationView(
  { allowed, reasons }: Explanation,
  groups: ReadonlyMap<string, string>,
): z.output<typeof explanationSchema> {
  return {
    allowed,
    reasons: reasons.map((reason) => ({
      code: reason.code,
      role: reason.role,
      via: reason.via,
      group: groupView(reason.group, groups),
      assignment: reason.assignment,
      scope: scopeView(reason.scope),
      until: reason.until?.toISOString() ?? null,
      organisation: reason.organisation,
    })),
  };
}
