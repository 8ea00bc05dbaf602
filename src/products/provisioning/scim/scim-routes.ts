import { z } from 'zod';
import type { Permission } from '#core/actor';
import { Refusal } from '#core/errors';
import { bytes, defineRoute, empty, type Route, scimDocument } from '#platform/http';
import { isObject, type JsonObject } from './match.ts';
import {
  GROUPS,
  LIST,
  RESOURCES,
  resourceTypeView,
  SEARCH,
  schemaView,
  serviceView,
  USERS,
} from './schemas.ts';
import { scimRefusal } from './scim-refusal.ts';
import { baseOf, groupResource, type ScimPorts, type ScimResource, userResource } from './scim-service.ts';
import { select, selectionOf } from './select.ts';

const TYPE = 'application/scim+json; charset=utf-8';
const LARGEST = 8 * 1024 * 1024;
const permission: Permission = 'provisioning:sync';
const common = { kind: 'scim', tags: ['scim'], access: { permission } } as const;

const whole = z.coerce.number().int().min(-1_000_000).max(100_000_000);
const selecting = {
  attributes: z.string().max(2_000).optional(),
  excludedAttributes: z.string().max(2_000).optional(),
  // Entra ID adds this to the address of a tenant to be told apart; it says nothing.
  aadOptscim062020: z.string().max(20).optional(),
};
const listQuery = z.strictObject({
  ...selecting,
  filter: z.string().max(2_000).optional(),
  sortBy: z.string().max(200).optional(),
  sortOrder: z.enum(['ascending', 'descending']).optional(),
  startIndex: whole.optional(),
  count: whole.optional(),
});
const oneQuery = z.strictObject(selecting);
/** Any text: an id that is none of ours is not found, whatever it looks like. */
const oneParams = z.strictObject({ id: z.string().max(200) });
const schemaParams = z.strictObject({ name: z.string().max(200) });
const ifMatch = z.strictObject({ 'if-match': z.string().max(500).optional() });
const ifNoneMatch = z.strictObject({ 'if-none-match': z.string().max(500).optional() });
const searchMessage = z.object({
  schemas: z.array(z.string()).refine((list) => list.includes(SEARCH)),
  filter: z.string().max(2_000).optional(),
  sortBy: z.string().max(200).optional(),
  sortOrder: z.enum(['ascending', 'descending']).optional(),
  startIndex: whole.optional(),
  count: whole.optional(),
  attributes: z.array(z.string().max(200)).max(100).optional(),
  excludedAttributes: z.array(z.string().max(200)).max(100).optional(),
});

const octets = (body: object) => Buffer.from(JSON.stringify(body));
const answered = (body: object) => ({ status: 200, body: octets(body) }) as const;

function metaOf(view: JsonObject): { readonly etag: string; readonly location: string } {
  const { version, location } = isObject(view.meta) ? view.meta : {};
  return { etag: String(version), location: String(location) };
}

/** SCIM 2.0 (RFC 7643, RFC 7644): what an outside directory keeps people and groups in step with. */
export function scimRoutes(ports: ScimPorts): Route[] {
  return [...aboutRoutes(ports), ...[userResource(ports), groupResource(ports)].flatMap(resourceRoutes)];
}

/** Every one asks for the key: who may use this service need not be told to strangers. */
function aboutRoutes(ports: ScimPorts): Route[] {
  const about = { ...common, method: 'GET', responses: { 200: bytes(TYPE) } } as const;
  const listOf = (all: readonly object[]) => ({
    ...{ schemas: [LIST], totalResults: all.length, startIndex: 1, itemsPerPage: all.length },
    Resources: all,
  });
  // A filter here must be refused, not passed over (RFC 7644 §4).
  const query = z.strictObject({ ...selecting, filter: z.string().max(2_000).optional() });
  const unfiltered = ({ filter }: { readonly filter?: string | undefined }) => {
    if (filter !== undefined) throw new Refusal('not-permitted', { reason: 'no-filter' });
  };
  const named = (name: string) => {
    const found = RESOURCES.find((one) => one.name === name || one.schema === name);
    if (found === undefined) throw new Refusal('not-found');
    return found;
  };
  return [
    defineRoute({
      ...about,
      path: '/scim/v2/ServiceProviderConfig',
      summary: 'What this service can do',
      query,
    }).handle(async (request) => {
      unfiltered(request.query);
      return answered(serviceView(baseOf(ports)));
    }),
    defineRoute({ ...about, path: '/scim/v2/Schemas', summary: 'Attributes that are kept', query }).handle(
      async (request) => {
        unfiltered(request.query);
        return answered(listOf(RESOURCES.map((one) => schemaView(one, baseOf(ports)))));
      },
    ),
    defineRoute({
      ...about,
      path: '/scim/v2/Schemas/:name',
      summary: 'Attributes of one kind',
      params: schemaParams,
    }).handle(async ({ params }) => answered(schemaView(named(params.name), baseOf(ports)))),
    defineRoute({ ...about, path: '/scim/v2/ResourceTypes', summary: 'Kinds of resources', query }).handle(
      async (request) => {
        unfiltered(request.query);
        return answered(listOf(RESOURCES.map((one) => resourceTypeView(one, baseOf(ports)))));
      },
    ),
    defineRoute({
      ...about,
      path: '/scim/v2/ResourceTypes/:name',
      summary: 'One kind of resource',
      params: schemaParams,
    }).handle(async ({ params }) => answered(resourceTypeView(named(params.name), baseOf(ports)))),
  ];
}

function resourceRoutes(resource: ScimResource): Route[] {
  return [...readingRoutes(resource), ...writingRoutes(resource)];
}

const pathOf = ({ definition }: ScimResource) => `/scim/v2${definition.endpoint}`;
const wordOf = ({ definition }: ScimResource) => (definition === USERS ? 'person' : 'group');

function readingRoutes(resource: ScimResource): Route[] {
  const path = pathOf(resource);
  const word = wordOf(resource);
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path,
      summary: `Find each ${word} that passes a filter`,
      query: listQuery,
      responses: { 200: bytes(TYPE) },
    }).handle(async ({ caller, query }) => answered(await resource.list(caller, query))),
    defineRoute({
      ...common,
      method: 'POST',
      path: `${path}/.search`,
      summary: `Find each ${word}; the filter is in the body and so in no log of a proxy`,
      body: scimDocument({ maxBytes: LARGEST }),
      responses: { 200: bytes(TYPE) },
    }).handle(async ({ caller, body }) => {
      const parsed = searchMessage.safeParse(body);
      if (!parsed.success) throw scimRefusal('invalidSyntax');
      const { attributes, excludedAttributes, ...query } = parsed.data;
      const names = { attributes: attributes?.join(), excludedAttributes: excludedAttributes?.join() };
      return answered(await resource.list(caller, { ...query, ...names }));
    }),
    defineRoute({
      ...common,
      method: 'GET',
      path: `${path}/:id`,
      summary: `Read a ${word}`,
      params: oneParams,
      query: oneQuery,
      headers: ifNoneMatch,
      responses: { 200: bytes(TYPE), 304: empty },
    }).handle(async ({ caller, params, query, headers }) => {
      const view = await resource.read(caller, params.id);
      const { etag } = metaOf(view);
      const known = headers['if-none-match']?.split(',').some((one) => one.trim() === etag);
      if (known === true) return { status: 304, headers: { etag } };
      return { ...answered(select(view, selectionOf(query))), headers: { etag } };
    }),
  ];
}

function writingRoutes(resource: ScimResource): Route[] {
  const path = pathOf(resource);
  const word = wordOf(resource);
  const one = { ...common, path: `${path}/:id`, params: oneParams, headers: ifMatch } as const;
  const changing = {
    ...{ query: oneQuery, body: scimDocument({ maxBytes: LARGEST }), responses: { 200: bytes(TYPE) } },
    errors: ['already-exists', 'version-conflict'],
  } as const;
  return [
    defineRoute({
      ...common,
      method: 'POST',
      path,
      summary: `Add a ${word}`,
      query: oneQuery,
      body: scimDocument({ maxBytes: LARGEST }),
      responses: { 201: bytes(TYPE) },
      errors: ['already-exists'],
    }).handle(async ({ caller, query, body }) => {
      const view = await resource.create(caller, body);
      return { status: 201, body: octets(select(view, selectionOf(query))), headers: metaOf(view) };
    }),
    defineRoute({ ...one, ...changing, method: 'PUT', summary: `Describe a ${word} anew` }).handle(
      async ({ caller, params, query, headers, body }) => {
        const view = await resource.replace(caller, params.id, body, headers['if-match']);
        return { ...answered(select(view, selectionOf(query))), headers: { etag: metaOf(view).etag } };
      },
    ),
    defineRoute({ ...one, ...changing, method: 'PATCH', summary: `Change parts of a ${word}` }).handle(
      async ({ caller, params, query, headers, body }) => {
        const view = await resource.patch(caller, params.id, body, headers['if-match']);
        return { ...answered(select(view, selectionOf(query))), headers: { etag: metaOf(view).etag } };
      },
    ),
    defineRoute({
      ...one,
      method: 'DELETE',
      summary: resource.definition === GROUPS ? 'Remove a group' : 'End all access of a person',
      responses: { 204: empty },
      errors: ['version-conflict'],
    }).handle(async ({ caller, params, headers }) => {
      await resource.remove(caller, params.id, headers['if-match']);
      return { status: 204 };
    }),
  ];
}
