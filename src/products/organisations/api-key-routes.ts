import { z } from 'zod';
import { type ApiKey, type IssuedApiKey, isNetwork } from '#platform/access';
import { defineRoute, empty, idParams, pageById, pageOf, pageQuery, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { permissionSchema, time } from './schemas.ts';

const tags = ['api-keys'];

const keySchema = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    prefix: z.string().describe('The shown part of the key; also the SMTP user name'),
    permissions: z.array(permissionSchema),
    networks: z.array(z.string()),
    createdAt: time,
    expiresAt: time.nullable(),
    lastUsedAt: time.nullable(),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' });

const issuedSchema = z
  .strictObject({
    key: keySchema,
    secret: z.string().describe('The whole key, also the SMTP password; shown once'),
  })
  .meta({ id: 'IssuedApiKey' });

const networks = z
  .array(
    z
      .string()
      .max(50)
      .refine(isNetwork, { params: { code: 'not-a-network' } }),
  )
  .max(50);

/** API keys, which are SMTP credentials as well when they hold messages:send. */
export function apiKeyRoutes(needs: OrganisationPorts): Route[] {
  const { apiKeys } = needs.access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/api-keys',
      summary: 'List, newest first, ended ones too',
      tags,
      access: { permission: 'api-keys:read' },
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(keySchema) },
    }).handle(async ({ caller, query }) => {
      const page = await pageById(query, (position, limit) => apiKeys.list(caller, position, limit), view);
      return { status: 200, body: page };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/api-keys',
      summary: 'Make a key; nobody can give a permission that they do not hold',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      body: z.strictObject({
        label: z.string().trim().min(1).max(100),
        permissions: z.array(permissionSchema).min(1).max(50),
        networks: networks.default([]),
        expiresAt: time.optional(),
      }),
      responses: { 201: issuedSchema },
    }).handle(async ({ caller, body }) => {
      const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt);
      const permissions = [...new Set(body.permissions)];
      const issued = await apiKeys.create(caller, {
        label: body.label,
        permissions,
        networks: body.networks,
        expiresAt,
      });
      return { status: 201, body: viewIssued(issued) };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/api-keys/:id/rotate',
      summary: 'Make a successor; the old key goes on for the overlap',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      params: idParams,
      body: z.strictObject({
        overlapSeconds: z
          .int()
          .min(0)
          .max(30 * 86_400)
          .default(86_400),
      }),
      responses: { 201: issuedSchema },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      return { status: 201, body: viewIssued(await apiKeys.rotate(caller, params.id, body.overlapSeconds)) };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/api-keys/:id',
      summary: 'Revoke at once',
      tags,
      access: { permission: 'api-keys:write' },
      params: idParams,
      responses: { 204: empty },
    }).handle(async ({ caller, params }) => {
      await apiKeys.revoke(caller, params.id);
      return { status: 204 };
    }),
  ];
}

function view(key: ApiKey): z.output<typeof keySchema> {
  return {
    id: key.id,
    label: key.label,
    prefix: key.prefix,
    permissions: [...key.permissions],
    networks: [...key.networks],
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
  };
}

function viewIssued({ key, secret }: IssuedApiKey): z.output<typeof issuedSchema> {
  return { key: view(key), secret };
}
