import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import {
  cursorId,
  defineRoute,
  empty,
  idParams,
  pageFrom,
  pageOf,
  pageQuery,
  type Route,
} from '#platform/http';
import { invitationSchema } from './organisation-routes.ts';
import type { OrganisationPorts } from './ports.ts';
import {
  addressOf,
  addressText,
  displayName,
  factorSchema,
  personSchema,
  roleSchema,
  time,
} from './schemas.ts';

const tags = ['members'];

const memberSchema = z
  .strictObject({
    identity: personSchema,
    roles: z.array(z.string()),
    factors: z.array(factorSchema),
    createdAt: time,
    canSignIn: z.boolean().describe('False until the invitation has been taken up'),
    bounded: z.boolean().describe('Whether a boundary narrows what their roles give'),
  })
  .meta({ id: 'Member' });

/** People of the organisation. */
export function memberRoutes(needs: OrganisationPorts): Route[] {
  const { members, invitations } = needs.access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/members',
      summary: 'People of your organisation',
      tags,
      access: { permission: 'members:read' },
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(memberSchema) },
    }).handle(async ({ caller, query }) => {
      const after = cursorId(query.cursor);
      const rows = await members.list(caller, after, query.limit + 1);
      const page = pageFrom(
        rows,
        query.limit,
        (member) => [member.person.id],
        (member) => ({
          identity: { ...member.person },
          roles: [...member.roles],
          factors: factorSchema.options.filter((kind) => member.factors.includes(kind)),
          createdAt: member.createdAt.toISOString(),
          canSignIn: member.canSignIn,
          bounded: member.bounded,
        }),
      );
      return { status: 200, body: page };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/members',
      summary: 'Add a person; nobody can give a role that may do more than they may',
      description:
        "A person who has an account in another organisation, or an address on another organisation's sending domain, is refused with reason `enrolled-elsewhere`.",
      tags,
      access: { permission: 'members:write' },
      stepUp: true,
      fourEyes: 'members',
      body: z.strictObject({
        address: addressText,
        displayName,
        roles: z
          .array(z.union([roleSchema, z.uuid()]))
          .min(1)
          .max(10),
      }),
      responses: {
        201: z.strictObject({
          id: z.string(),
          invitation: invitationSchema
            .nullable()
            .describe('Null when a former member comes back, who can sign in already'),
        }),
      },
      errors: ['already-exists', 'invalid-address'],
    }).handle(async ({ caller, body }) => {
      const { organisation } = caller;
      const roles = [...new Set(body.roles)];
      const member = { address: addressOf(body.address), displayName: body.displayName, roles };
      const made = await needs.database.tenant([organisation], 'app', async (tx) => {
        const added = await members.add(tx, organisation, member, caller, caller);
        const ticket = added.needsInvitation
          ? await invitations.issue(tx, added.identity, organisation)
          : null;
        return { id: added.identity, ticket };
      });
      const { id, ticket } = made;
      const invitation =
        ticket === null ? null : { token: ticket.ceremony, expiresAt: ticket.expiresAt.toISOString() };
      return { status: 201, body: { id, invitation } };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/members/:id',
      summary: 'End a membership; live sessions there end within seconds',
      tags,
      access: { permission: 'members:write' },
      stepUp: true,
      fourEyes: 'members',
      params: idParams,
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params }) => {
      await members.remove(caller, params.id as IdentityId);
      return { status: 204 };
    }),
  ];
}
