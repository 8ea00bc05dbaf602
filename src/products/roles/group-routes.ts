import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import {
  cursorId,
  defineRoute,
  empty,
  idParams,
  pageById,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import type { RolePorts } from './ports.ts';
import { time } from './schemas.ts';

const tags = ['roles'];
const READ = { permission: 'roles:read' } as const;
const WRITE = { permission: 'roles:write' } as const;

const groupSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    source: z.string().describe('`own`, or the directory that keeps its members'),
    members: z.int(),
    createdAt: time,
  })
  .meta({ id: 'AccessGroup' });

const memberSchema = z
  .strictObject({ id: z.string(), displayName: z.string(), address: z.string(), since: time })
  .meta({ id: 'AccessGroupMember' });

const named = z.strictObject({ name: z.string().trim().min(1).max(100) });
const memberParams = z.strictObject({ id: z.uuid(), identity: z.uuid() });

/** Groups of people and who is in them. */
export function groupRoutes(ports: RolePorts): Route[] {
  return [...groupsThemselves(ports), ...groupMembers(ports)];
}

function groupsThemselves({ access: { groups } }: RolePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/groups',
      summary: 'Groups of people',
      tags,
      access: READ,
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(groupSchema) },
    }).handle(async ({ caller, query }) => ({
      status: 200,
      body: await pageById(
        query,
        (after, limit) => groups.list(caller, after, limit),
        ({ createdAt, ...group }) => ({ ...group, createdAt: createdAt.toISOString() }),
      ),
    })),
    defineRoute({
      method: 'POST',
      path: '/v1/groups',
      summary: 'Make a group',
      tags,
      access: WRITE,
      stepUp: true,
      body: named,
      responses: { 201: z.strictObject({ id: z.string() }) },
      errors: ['already-exists'],
    }).handle(async ({ caller, body }) => ({ status: 201, body: await groups.create(caller, body.name) })),
    defineRoute({
      method: 'PUT',
      path: '/v1/groups/:id',
      summary: 'Rename a group',
      tags,
      access: WRITE,
      stepUp: true,
      params: idParams,
      body: named,
      responses: { 204: empty },
      errors: ['not-found', 'already-exists', 'wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      await groups.rename(caller, params.id, body.name);
      return { status: 204 };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/groups/:id',
      summary: 'End a group and what was assigned to it',
      tags,
      access: WRITE,
      stepUp: true,
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      await groups.remove(caller, params.id);
      return { status: 204 };
    }),
  ];
}

function groupMembers({ access: { groups } }: RolePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/groups/:id/members',
      summary: 'Who is in a group',
      tags,
      access: READ,
      params: idParams,
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(memberSchema) },
      errors: ['not-found'],
    }).handle(async ({ caller, params, query }) => {
      const rows = await groups.members(caller, params.id, cursorId(query.cursor), query.limit + 1);
      const page = pageFrom(
        rows,
        query.limit,
        ({ person }) => [person.id],
        ({ person, since }) => ({ ...person, since: since.toISOString() }),
      );
      return { status: 200, body: page };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/groups/:id/members/:identity',
      summary:
        'Bring a person into a group; nobody can bring anybody into one that gives more than they hold',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'roles',
      params: memberParams,
      responses: { 204: empty },
      errors: ['not-found', 'already-exists', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      await groups.addMember(caller, params.id, params.identity as IdentityId);
      return { status: 204 };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/groups/:id/members/:identity',
      summary: 'Take a person out of a group',
      tags,
      access: WRITE,
      stepUp: true,
      params: memberParams,
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      await groups.removeMember(caller, params.id, params.identity as IdentityId);
      return { status: 204 };
    }),
  ];
}
