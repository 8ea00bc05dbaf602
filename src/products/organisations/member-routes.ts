import { z } from 'zod';
import { Refusal } from '#core/errors';
import type { IdentityId } from '#core/ids';
import type { Member } from '#platform/access';
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
import { parseAddress } from '#platform/mail';
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
/** People that one search gives at most. */
const MOST_FOUND = 50;

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
      const page = pageFrom(rows, query.limit, (member) => [member.person.id], memberView);
      return { status: 200, body: page };
    }),
    search(needs),
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

function search({ access: { members } }: OrganisationPorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/members/search',
    summary: 'Find people of your organisation by name or address, or by their ids',
    description:
      'Terms are posted, so that they never stand in a URL or a log. Each word of `text` must begin a word of the name or address; a whole address finds its person however many there are. `ids` in place of `text` gives those who are members now; ids of others are left out.',
    tags,
    access: { permission: 'members:read' },
    body: z.strictObject({
      text: z.string().trim().min(1).max(320).optional(),
      ids: z.array(z.uuid()).min(1).max(MOST_FOUND).optional(),
      limit: z.int().min(1).max(MOST_FOUND).default(20).describe('Of people found by `text`'),
    }),
    responses: {
      200: z
        .strictObject({
          items: z.array(memberSchema),
          more: z.boolean().describe('Whether more people match than are given'),
          whole: z
            .boolean()
            .describe(
              'False: the organisation has more than 5,000 people, of whom the first 5,000 were looked through. A whole address finds everybody.',
            ),
        })
        .meta({ id: 'FoundMembers' }),
    },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => {
    const { text, ids, limit } = body;
    if ((text === undefined) === (ids === undefined)) throw new Refusal('invalid', { path: 'text' });
    const found =
      text === undefined
        ? { members: await members.named(caller, ids ?? []), more: false, whole: true }
        : await members.search(caller, { text, address: parseAddress(text), most: limit });
    const { members: people, ...rest } = found;
    return { status: 200, body: { items: people.map(memberView), ...rest } };
  });
}

function memberView(member: Member): z.output<typeof memberSchema> {
  return {
    identity: { ...member.person },
    roles: [...member.roles],
    factors: factorSchema.options.filter((kind) => member.factors.includes(kind)),
    createdAt: member.createdAt.toISOString(),
    canSignIn: member.canSignIn,
    bounded: member.bounded,
  };
}
