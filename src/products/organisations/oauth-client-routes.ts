import { z } from 'zod';
import { type KeySource, keySetSchema } from '#platform/access';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import { keySchema, networks, newKeyOf, newKeyShape, viewKey } from './api-key-routes.ts';
import type { OrganisationPorts } from './ports.ts';

const tags = ['api-keys'];

const keysOf = z
  .union([
    z.strictObject({ jwks: keySetSchema }),
    z.strictObject({ url: z.url({ protocol: /^https$/ }).max(500) }),
  ])
  .describe('The public keys themselves, or the https address where the client publishes them');

/** Programs that sign with a key of their own. They are listed, and revoked, among the API keys. */
export function oauthClientRoutes({ access }: OrganisationPorts): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/oauth-clients',
      summary: 'Register a client of a service account; the key’s prefix is the client id',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      fourEyes: 'keys',
      body: z.strictObject({
        ...newKeyShape,
        networks: networks.default([]),
        serviceAccount: z.uuid(),
        keys: keysOf,
        tokenSeconds: z.int().min(300).max(900).default(600),
        bindCertificate: z.boolean().default(false),
      }),
      responses: { 201: keySchema },
      errors: ['invalid-address'],
    }).handle(async ({ caller, body }) => {
      const key = await access.oauth.register(caller, {
        ...newKeyOf(body),
        serviceAccount: body.serviceAccount,
        keySource: sourceOf(body.keys),
        tokenSeconds: body.tokenSeconds,
        bindCertificate: body.bindCertificate,
      });
      return { status: 201, body: viewKey(key) };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/oauth-clients/:id/keys',
      summary: 'Replace a client’s public keys',
      tags,
      access: { permission: 'api-keys:write' },
      stepUp: true,
      fourEyes: 'keys',
      params: idParams,
      body: z.strictObject({ keys: keysOf }),
      responses: { 204: empty },
    }).handle(async ({ caller, params, body }) => {
      await access.oauth.changeKeys(caller, params.id, sourceOf(body.keys));
      return { status: 204 };
    }),
  ];
}

function sourceOf(keys: z.output<typeof keysOf>): KeySource {
  return keys;
}
