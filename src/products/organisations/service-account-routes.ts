import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import { defineRoute, empty, idParams, pageById, pageOf, pageQuery, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { permissionSchema, time } from './schemas.ts';

const tags = ['api-keys'];

const accountSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    owner: z.strictObject({ id: z.string(), label: z.string().nullable() }),
    owned: z.boolean().describe('False: the person who answered for it has left'),
    permissions: z.array(permissionSchema),
    keys: z.int(),
    createdAt: time,
    lastUsedAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: 'ServiceAccount' });

const permissions = z.array(permissionSchema).min(1).max(50);

/** Identities of the organisation that are no persons, and how long new keys may live. */
export function serviceAccountRoutes({ access }: OrganisationPorts): Route[] {
  const { serviceAccounts, apiKeys, members } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/service-accounts',
      summary: 'List, newest first, ended ones too',
      tags,
      access: { permission: 'api-keys:read' },
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(accountSchema) },
    }).handle(async ({ caller, query }) => {
      const page = await pageById(
        query,
        (position, limit) => serviceAccounts.list(caller, position, limit),
        (one) => one,
      );
      const people = await members.people(page.items.map(({ owner }) => owner));
      const items = page.items.map((one) => ({
        ...one,
        owner: { id: one.owner, label: people.get(one.owner)?.displayName ?? null },
        permissions: [...one.permissions],
        createdAt: one.createdAt.toISOString(),
        lastUsedAt: one.lastUsedAt?.toISOString() ?? null,
        endedAt: one.endedAt?.toISOString() ?? null,
      }));
      return { status: 200, body: { ...page, items } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/service-accounts',
      summary: 'Make one; a person of the organisation answers for it',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      fourEyes: 'keys',
      body: z.strictObject({ name: z.string().trim().min(1).max(100), owner: z.uuid(), permissions }),
      responses: { 201: z.strictObject({ id: z.string() }) },
      errors: ['already-exists'],
    }).handle(async ({ caller, body }) => {
      const id = await serviceAccounts.create(caller, { ...body, owner: body.owner as IdentityId });
      return { status: 201, body: { id } };
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/service-accounts/:id',
      summary: 'Name another owner, or other permissions; its keys follow at once',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      fourEyes: 'keys',
      params: idParams,
      body: z.strictObject({ owner: z.uuid().optional(), permissions: permissions.optional() }),
      responses: { 204: empty },
    }).handle(async ({ caller, params, body }) => {
      await serviceAccounts.change(caller, params.id, {
        owner: body.owner === undefined ? null : (body.owner as IdentityId),
        permissions: body.permissions ?? null,
      });
      return { status: 204 };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/service-accounts/:id',
      summary: 'End it, and all its keys with it',
      tags,
      access: { permission: 'api-keys:write' },
      params: idParams,
      responses: { 204: empty },
    }).handle(async ({ caller, params }) => {
      await serviceAccounts.end(caller, params.id);
      return { status: 204 };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/api-key-rule',
      summary: 'How long a new key may live',
      tags,
      access: { permission: 'api-keys:read' },
      responses: { 200: z.strictObject({ longestDays: z.int() }) },
    }).handle(async ({ caller }) => {
      return { status: 200, body: { longestDays: await apiKeys.longestDays(caller) } };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/api-key-rule',
      summary: 'Say how long a new key may live; keys that stand are left as they are',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      fourEyes: 'keys',
      body: z.strictObject({ longestDays: z.int().min(1).max(3650) }),
      responses: { 204: empty },
    }).handle(async ({ caller, body }) => {
      await apiKeys.setLongestDays(caller, body.longestDays);
      return { status: 204 };
    }),
  ];
}
