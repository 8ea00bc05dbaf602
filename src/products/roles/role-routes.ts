import { z } from 'zod';
import type { RoleView } from '#platform/access';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { RolePorts } from './ports.ts';
import { permission, permissions, stopSchema, stopView } from './schemas.ts';

const tags = ['roles'];
const WRITE = { permission: 'roles:write' } as const;

const roleSchema = z
  .strictObject({
    id: z.string().describe("A ready role's name, or the id of one of your own"),
    kind: z.enum(['ready', 'own']),
    name: z.string().nullable().describe('Null for ready roles, which are worded where they are shown'),
    description: z.string(),
    careOnly: z
      .boolean()
      .describe('With the care rule on, reading content counts for own messages and patients only'),
    permissions: z.array(z.strictObject({ permission, stopped: stopSchema.nullable() })),
  })
  .meta({ id: 'AccessRole' });

const written = z.strictObject({
  name: z.string().trim().min(1).max(60),
  description: z.string().trim().max(300).default(''),
  permissions,
  careOnly: z.boolean().default(false),
});

/** Roles: the ready ones to read, one's own to make. */
export function roleRoutes({ access }: RolePorts): Route[] {
  const { roles } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/roles',
      summary: 'Every role and what it holds',
      description: '`stopped` says which guardrail from above keeps a permission from everybody here.',
      tags,
      access: { permission: 'roles:read' },
      responses: { 200: z.strictObject({ items: z.array(roleSchema), next: z.null() }) },
    }).handle(async ({ caller }) => ({
      status: 200,
      body: { items: (await roles.list(caller)).map(view), next: null },
    })),
    defineRoute({
      method: 'POST',
      path: '/v1/roles',
      summary: 'Make a role; nobody can put into it what they do not hold',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'roles',
      body: written,
      responses: { 201: z.strictObject({ id: z.string() }) },
      errors: ['already-exists'],
    }).handle(async ({ caller, body }) => ({ status: 201, body: await roles.create(caller, body) })),
    defineRoute({
      method: 'PUT',
      path: '/v1/roles/:id',
      summary: 'Change a role for all who have it, at once',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'roles',
      params: idParams,
      body: written,
      responses: { 204: empty },
      errors: ['not-found', 'already-exists', 'wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      await roles.change(caller, params.id, body);
      return { status: 204 };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/roles/:id',
      summary: 'End a role and every assignment of it',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'roles',
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      await roles.remove(caller, params.id);
      return { status: 204 };
    }),
  ];
}

function view(role: RoleView): z.output<typeof roleSchema> {
  const held = role.permissions.map(({ permission: one, stopped }) => ({
    permission: one,
    stopped: stopView(stopped),
  }));
  return { ...role, permissions: held };
}
