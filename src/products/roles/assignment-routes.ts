import { z } from 'zod';
import type { Assignment } from '#platform/access';
import { defineRoute, empty, idParams, pageById, pageOf, pageQuery, type Route } from '#platform/http';
import type { RolePorts } from './ports.ts';
import { roleKey, scopeOf, scopeSchema, subjectOf, subjectSchema, time } from './schemas.ts';

const tags = ['roles'];
const WRITE = { permission: 'roles:write' } as const;

const assignmentSchema = z
  .strictObject({
    id: z.string(),
    subject: subjectSchema,
    role: z.string(),
    scope: scopeSchema.nullable().describe('Null: everywhere in the organisation'),
    source: z.string(),
    createdAt: time,
    expiresAt: time.nullable(),
  })
  .meta({ id: 'RoleAssignment' });

/** Roles given to people and groups. */
export function assignmentRoutes({ access: { assignments } }: RolePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/role-assignments',
      summary: 'Assignments that stand, of one person or group or of everybody',
      tags,
      access: { permission: 'roles:read' },
      query: z.strictObject({ ...pageQuery, subject: z.uuid().optional() }),
      responses: { 200: pageOf(assignmentSchema) },
    }).handle(async ({ caller, query }) => ({
      status: 200,
      body: await pageById(
        query,
        (after, limit) => assignments.list(caller, query.subject ?? null, after, limit),
        view,
      ),
    })),
    defineRoute({
      method: 'POST',
      path: '/v1/role-assignments',
      summary: 'Give a role, everywhere or for one thing, for good or for a time',
      description:
        'Nobody gives what they do not hold at least as widely and as long. Streams and mailboxes (by sender) count for sending, reading and cancelling messages.',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'roles',
      body: z.strictObject({
        subject: subjectSchema,
        role: roleKey,
        scope: scopeSchema.nullable().default(null),
        expiresAt: time.nullable().default(null),
      }),
      responses: { 201: z.strictObject({ id: z.string() }) },
      errors: ['not-found', 'invalid', 'invalid-address'],
    }).handle(async ({ caller, body }) => {
      const { role } = body;
      const expiresAt = body.expiresAt === null ? null : new Date(body.expiresAt);
      const wanted = { subject: subjectOf(body.subject), role, scope: scopeOf(body.scope), expiresAt };
      return { status: 201, body: await assignments.assign(caller, wanted) };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/role-assignments/:id',
      summary: 'End an assignment',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'roles',
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      await assignments.unassign(caller, params.id);
      return { status: 204 };
    }),
  ];
}

function view({ createdAt, expiresAt, ...rest }: Assignment): z.output<typeof assignmentSchema> {
  return { ...rest, createdAt: createdAt.toISOString(), expiresAt: expiresAt?.toISOString() ?? null };
}
