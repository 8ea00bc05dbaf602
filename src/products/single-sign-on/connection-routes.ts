import { z } from 'zod';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { Connections } from './connections.ts';
import type { SignOnNeeds } from './ports.ts';
import { describeProvider } from './provider-metadata.ts';
import { newToken, type Road } from './road.ts';
import { browserToken } from './road-routes.ts';
import { changeOf, changeSchema, connectionSchema, metadataSchema, trySchema, viewOf } from './schemas.ts';
import { showResult } from './show-try.ts';

export interface ConnectionRoutePorts {
  readonly needs: SignOnNeeds;
  readonly connections: Connections;
  readonly road: Road;
}

const tags = ['single sign-on'];
const read = { permission: 'sign-in:read' } as const;
const write = { permission: 'sign-in:write' } as const;

/** An organisation's identity providers, for those who set them up. */
export function connectionRoutes(ports: ConnectionRoutePorts): Route[] {
  return [
    list(ports),
    create(ports),
    get(ports),
    change(ports),
    remove(ports),
    metadata(ports),
    ...tries(ports),
  ];
}

function list({ needs, connections }: ConnectionRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/sso-connections',
    summary: 'Your identity providers',
    tags,
    access: read,
    responses: { 200: z.strictObject({ items: z.array(connectionSchema) }) },
  }).handle(async ({ caller }) => {
    const items = (await connections.list(caller)).map((one) => viewOf(needs, one));
    return { status: 200, body: { items } };
  });
}

function create({ needs, connections }: ConnectionRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/sso-connections',
    summary: 'Begin a connection to an identity provider',
    description:
      'It is off and knows no provider yet; the answer holds what the provider’s administrator must be told.',
    tags,
    access: write,
    stepUp: true,
    body: z.strictObject({
      kind: z.enum(['oidc', 'saml']),
      name: z.string().trim().min(1).max(100),
    }),
    responses: { 201: connectionSchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => ({
    status: 201,
    body: viewOf(needs, await connections.create(caller, body)),
  }));
}

function get({ needs, connections }: ConnectionRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: '/v1/sso-connections/:id',
    summary: 'One of your identity providers',
    tags,
    access: read,
    params: idParams,
    responses: { 200: connectionSchema },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => ({
    status: 200,
    body: viewOf(needs, await connections.get(caller, params.id)),
  }));
}

function change({ needs, connections }: ConnectionRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/sso-connections/:id',
    summary: 'Change a connection to an identity provider',
    description:
      'Who comes in by it can never do more than whoever last changed its provider, domains or rules could do then. `secret` is kept where it is left out and issuer and client stay.',
    tags,
    access: write,
    stepUp: true,
    fourEyes: 'single-sign-on',
    params: idParams,
    body: changeSchema,
    responses: { 200: connectionSchema },
    errors: ['not-found', 'invalid'],
  }).handle(async ({ caller, params, body }) => ({
    status: 200,
    body: viewOf(needs, await connections.change(caller, params.id, changeOf(body))),
  }));
}

function remove({ connections }: ConnectionRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: '/v1/sso-connections/:id',
    summary: 'Remove a connection to an identity provider',
    description: 'Sessions that came by it end at once, and the roles it gave. People stay members.',
    tags,
    access: write,
    stepUp: true,
    fourEyes: 'single-sign-on',
    params: idParams,
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params }) => {
    await connections.remove(caller, params.id);
    return { status: 204 };
  });
}

function metadata({ needs }: ConnectionRoutePorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/sso-connections/read-metadata',
    summary: 'Read an identity provider’s SAML metadata, from text or from its address',
    description:
      'Nothing is stored. An address must be `https:` and public, or in a network that the operator has named.',
    tags,
    access: write,
    body: z.strictObject({
      xml: z.string().min(1).max(1_000_000).optional(),
      url: z.url().max(2_000).optional(),
    }),
    responses: { 200: metadataSchema },
    errors: ['invalid', 'unavailable'],
  }).handle(async ({ body }) => ({ status: 200, body: await describeProvider(needs, body) }));
}

function tries({ needs, connections, road }: ConnectionRoutePorts): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/sso-connections/:id/tries',
      summary: 'Try a connection: the whole road, without a session at its end',
      description: 'Send the browser to `url`. What the provider said can then be read for ten minutes.',
      tags,
      access: write,
      params: idParams,
      responses: {
        201: z.strictObject({
          url: z.string().nullable(),
          try: z.string().nullable(),
          reason: z.string().nullable(),
        }),
      },
      errors: ['not-found'],
    }).handle(async ({ caller, params, cookies, origin, request }) => {
      await connections.get(caller, params.id);
      const browser = caller.actor.kind === 'person' ? browserToken(cookies) : newToken();
      const wish = { purpose: 'try', browser, returnTo: '/', fresh: false, loginHint: null } as const;
      const begun = await road.begin(params.id, wish, { origin, request });
      const body =
        begun.kind === 'leave'
          ? { url: begun.url, try: begun.attempt, reason: null }
          : { url: null, try: null, reason: begun.reason };
      return { status: 201, body };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/sso-connections/:id/tries/:try',
      summary: 'What a try of a connection has shown',
      tags,
      access: write,
      params: z.strictObject({ id: z.uuid(), try: z.uuid() }),
      responses: { 200: trySchema },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => {
      const connection = await connections.get(caller, params.id);
      return { status: 200, body: await showResult(needs, connection, params.try) };
    }),
  ];
}
