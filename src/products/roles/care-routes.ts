import { z } from 'zod';
import type { Care } from '#platform/access';
import { cursorId, defineRoute, empty, idParams, pageFrom, pageOf, type Route } from '#platform/http';
import type { RolePorts } from './ports.ts';
import { indexedAddress, subjectOf, subjectSchema, time } from './schemas.ts';

const tags = ['roles'];
const READ = { permission: 'roles:read' } as const;
const WRITE = { permission: 'roles:write' } as const;

const careSchema = z
  .strictObject({
    id: z.string(),
    subject: subjectSchema,
    address: z.string().describe("The patient's address"),
    since: time,
    until: time.nullable(),
    source: z.string(),
  })
  .meta({ id: 'CareRelationship' });

const ruleSchema = z.strictObject({ on: z.boolean() }).meta({ id: 'CareRule' });

/** Access by care relationship: the rule, and who cares for whom. Addresses travel in bodies, never in URLs. */
export function careRoutes(ports: RolePorts): Route[] {
  return [...rule(ports), ...relationships(ports)];
}

function rule({ access: { care } }: RolePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/care-rule',
      summary: 'Whether roles for care read only what concerns their own patients',
      tags,
      access: READ,
      responses: { 200: ruleSchema },
    }).handle(async ({ caller }) => ({ status: 200, body: { on: await care.rule(caller) } })),
    defineRoute({
      method: 'PUT',
      path: '/v1/care-rule',
      summary: 'Turn the rule of care relationships on or off',
      tags,
      access: WRITE,
      stepUp: true,
      fourEyes: 'roles',
      body: ruleSchema,
      responses: { 204: empty },
    }).handle(async ({ caller, body }) => {
      await care.setRule(caller, body.on);
      return { status: 204 };
    }),
  ];
}

function relationships({ access: { care } }: RolePorts): Route[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/care-relationships/search',
      summary: 'Who cares for whom: of a person or group, of a patient, or all',
      tags,
      access: READ,
      body: z.strictObject({
        subject: z.uuid().optional(),
        address: z.string().min(3).max(320).optional(),
        cursor: z.string().max(200).optional(),
        limit: z.number().int().min(1).max(200).default(50),
      }),
      responses: { 200: pageOf(careSchema) },
      errors: ['invalid-address'],
    }).handle(async ({ caller, body }) => {
      const address = body.address === undefined ? null : indexedAddress(body.address, 'address');
      const filter = { subject: body.subject ?? null, address };
      const rows = await care.list(caller, filter, cursorId(body.cursor), body.limit + 1);
      return { status: 200, body: pageFrom(rows, body.limit, ({ id }) => [id], view) };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/care-relationships',
      summary: 'Record that a person or group cares for a patient',
      description:
        'It opens messages to them: whoever records it must hold the right to read content beyond care.',
      tags,
      access: WRITE,
      stepUp: true,
      body: z.strictObject({
        subject: subjectSchema,
        address: z.string().min(3).max(320),
        since: time,
        until: time.nullable().default(null),
      }),
      responses: { 201: z.strictObject({ id: z.string() }) },
      errors: ['not-found', 'invalid', 'invalid-address'],
    }).handle(async ({ caller, body }) => {
      const made = await care.record(caller, {
        subject: subjectOf(body.subject),
        address: indexedAddress(body.address, 'address'),
        since: new Date(body.since),
        until: body.until === null ? null : new Date(body.until),
      });
      return { status: 201, body: made };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/care-relationships/:id',
      summary: 'End a care relationship',
      tags,
      access: WRITE,
      stepUp: true,
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found'],
    }).handle(async ({ caller, params }) => {
      await care.end(caller, params.id);
      return { status: 204 };
    }),
  ];
}

function view({ id, subject, address, since, until, source }: Care): z.output<typeof careSchema> {
  return {
    ...{ id, subject: { kind: subject.kind, id: subject.id }, address, source },
    since: since.toISOString(),
    until: until?.toISOString() ?? null,
  };
}
