import { z } from 'zod';
import { type Permission, SCOPE_KINDS } from '#core/actor';
import { Refusal } from '#core/errors';
import { type ApiKey, type IssuedApiKey, isNetwork, type KeyLimits } from '#platform/access';
import { defineRoute, empty, idParams, pageById, pageOf, pageQuery, type Route } from '#platform/http';
import { addressIndexForm, parseAddress } from '#platform/mail';
import type { OrganisationPorts } from './ports.ts';
import { permissionSchema, time } from './schemas.ts';

const tags = ['api-keys'];

/** What narrows a key beyond permissions and networks. */
const certificateSchema = z
  .union([
    z.strictObject({ spki: z.base64url().length(43) }),
    z.strictObject({ issuer: z.string().min(1).max(1000), subject: z.string().min(1).max(1000) }),
  ])
  .describe(
    'The client certificate that must come with it: SHA-256 of its public key (base64url), or issuer and subject, one attribute a line',
  );
const scopeSchema = z
  .strictObject({ kind: z.enum(SCOPE_KINDS), id: z.string().min(1).max(320) })
  .describe('One thing; a mailbox is its address, a stream its name')
  .meta({ id: 'KeyScope' });

/** The parts of a new key that keys and OAuth clients share. */
export const newKeyShape = {
  label: z.string().trim().min(1).max(100),
  permissions: z.array(permissionSchema).min(1).max(50),
  scopes: z.array(scopeSchema).max(50).default([]),
  certificate: certificateSchema.nullable().default(null),
  expiresAt: time.optional().describe('Without it: as late as the organisation’s rule allows'),
};

export const keySchema = z
  .strictObject({
    id: z.string(),
    label: z.string(),
    prefix: z.string().describe('The shown part of the key; also the SMTP user name'),
    kind: z.enum(['secret', 'jwt']).describe('`jwt`: an OAuth client; its prefix is the client id'),
    permissions: z.array(permissionSchema),
    networks: z.array(z.string()),
    scopes: z.array(scopeSchema),
    certificate: certificateSchema.nullable(),
    serviceAccount: z.string().nullable(),
    createdBy: z.string().nullable().describe('Whose present permissions bound it, where no account does'),
    backed: z.boolean().describe('False: the person or account behind it has gone; it opens nothing'),
    unused: z.boolean().describe('Not used for 90 days'),
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

export const networks = z
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
      const page = await pageById(query, (position, limit) => apiKeys.list(caller, position, limit), viewKey);
      return { status: 200, body: page };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/api-keys',
      summary: 'Make a key; nobody can give a permission that they do not hold',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      fourEyes: 'keys',
      body: z.strictObject({
        ...newKeyShape,
        networks: networks.default([]),
        serviceAccount: z.uuid().nullable().default(null),
      }),
      responses: { 201: issuedSchema },
      errors: ['invalid-address'],
    }).handle(async ({ caller, body }) => {
      const issued = await apiKeys.create(caller, {
        ...newKeyOf(body),
        serviceAccount: body.serviceAccount,
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
      fourEyes: 'keys',
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

/** As senders are compared. Refusal `invalid-address`. */
function mailboxOf(text: string, path: string): string {
  const address = parseAddress(text.trim());
  if (address === null) throw new Refusal('invalid-address', { path });
  return addressIndexForm(address);
}

/** A new key as the access room takes it. Refusal `invalid-address` for a mailbox that is none. */
export function newKeyOf(body: {
  readonly label: string;
  readonly permissions: readonly Permission[];
  readonly networks: readonly string[];
  readonly scopes: KeyLimits['scopes'];
  readonly certificate: KeyLimits['certificate'];
  readonly expiresAt?: string | undefined;
}) {
  const scopes = body.scopes.map(({ kind, id }, index) => ({
    kind,
    id: kind === 'mailbox' ? mailboxOf(id, `scopes.${index}.id`) : id,
  }));
  return {
    label: body.label,
    permissions: [...new Set(body.permissions)],
    networks: body.networks,
    limits: { scopes, certificate: body.certificate },
    expiresAt: body.expiresAt === undefined ? null : new Date(body.expiresAt),
  };
}

export function viewKey(key: ApiKey): z.output<typeof keySchema> {
  return {
    id: key.id,
    label: key.label,
    prefix: key.prefix,
    kind: key.kind,
    permissions: [...key.permissions],
    networks: [...key.networks],
    scopes: key.limits.scopes.map(({ kind, id }) => ({ kind, id })),
    certificate: key.limits.certificate,
    serviceAccount: key.serviceAccount,
    createdBy: key.createdBy,
    backed: key.backed,
    unused: key.unused,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
  };
}

function viewIssued({ key, secret }: IssuedApiKey): z.output<typeof issuedSchema> {
  return { key: viewKey(key), secret };
}
