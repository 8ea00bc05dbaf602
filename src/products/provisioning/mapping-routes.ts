import { z } from 'zod';
import { SCOPE_KINDS } from '#core/actor';
import type { Access } from '#platform/access';
import { defineRoute, empty, idParams, type Route } from '#platform/http';

const TAGS = ['provisioning'];

const roleSchema = z.strictObject({
  role: z.string().trim().min(1).max(64).describe('A ready role’s name, or the id of one of your own'),
  scope: z.strictObject({ kind: z.enum(SCOPE_KINDS), id: z.string().trim().min(1).max(320) }).nullable(),
});

const mappedSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    source: z.string().describe('`scim:…` or `ldap:…`'),
    members: z.int(),
    roles: z.array(
      roleSchema.extend({ name: z.string().nullable().describe('Of one of your own roles') }).strict(),
    ),
  })
  .meta({ id: 'MappedGroup' });

/** Which roles the groups of outside directories give. */
export function mappingRoutes(groupRoles: Access['groupRoles']): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/provisioning/mappings',
      summary: 'Groups of outside directories, and the roles that they give',
      tags: TAGS,
      access: { permission: 'sign-in:read' },
      responses: { 200: z.strictObject({ items: z.array(mappedSchema) }) },
    }).handle(async ({ caller }) => {
      const groups = await groupRoles.list(caller);
      return { status: 200, body: { items: groups.map((one) => ({ ...one, roles: [...one.roles] })) } };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/provisioning/mappings/:id',
      summary: 'Say which roles a group of an outside directory gives',
      description:
        'Counts at once, also in live sessions. Nobody gives or takes what they do not hold themselves.',
      tags: TAGS,
      access: { permission: 'sign-in:write' },
      stepUp: true,
      fourEyes: 'roles',
      params: idParams,
      body: z.strictObject({ roles: z.array(roleSchema).max(50) }),
      responses: { 204: empty },
      errors: ['not-found', 'invalid'],
    }).handle(async ({ caller, params, body }) => {
      await groupRoles.set(caller, params.id, body.roles);
      return { status: 204 };
    }),
  ];
}
