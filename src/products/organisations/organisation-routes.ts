import { z } from 'zod';
import { Refusal } from '#core/errors';
import { INSTALLATION, type OrganisationId } from '#core/ids';
import { auditEntry, MOST_UNREAD_NOTICE_DAYS } from '#platform/access';
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
import { newId } from '#platform/runtime';
import { foundOrganisation } from './found-organisation.ts';
import type { OrganisationPorts } from './ports.ts';
import {
  addressOf,
  addressText,
  displayName,
  domainName,
  organisationName,
  organisationRef,
  time,
} from './schemas.ts';

const tags = ['organisations'];

export const invitationSchema = z
  .strictObject({
    token: z.string().describe('One-time; the link is <console>/invitation#<token>. Shown once'),
    expiresAt: time,
  })
  .meta({ id: 'Invitation' });

const unreadDays = z.number().int().min(0).max(MOST_UNREAD_NOTICE_DAYS).meta({
  description:
    'Days after which the sender is told that nobody has opened a copy in the portal, once; 0: never',
});

const organisationSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    timeZone: z.string(),
    locale: z.string(),
    unreadNoticeDays: unreadDays,
    separateSignIn: z
      .boolean()
      .describe('Its messages in the portal are never shown beside those of other organisations'),
    domains: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  })
  .meta({ id: 'Organisation' });

const domainSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    records: z.array(z.strictObject({ name: z.string(), type: z.literal('TXT'), value: z.string() })),
  })
  .meta({ id: 'SendingDomain' });

const timeZone = z
  .string()
  .max(60)
  .refine(isTimeZone, { params: { code: 'not-a-time-zone' } });

/** The caller's organisation, and (for the operator of the installation) the others. */
export function ownOrganisationRoutes(needs: OrganisationPorts): Route[] {
  return [...ownRoutes(needs), ...domainRoutes(needs), ...operatorRoutes(needs)];
}

function ownRoutes(needs: OrganisationPorts): Route[] {
  const { organisations } = needs.access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/organisation',
      summary: 'Your organisation',
      tags,
      access: { permission: 'organisation:read' },
      responses: { 200: organisationSchema },
    }).handle(async ({ caller }) => ({
      status: 200,
      body: await viewOrganisation(needs, caller.organisation),
    })),
    defineRoute({
      method: 'PATCH',
      path: '/v1/organisation',
      summary:
        'Change name, time zone, language, when unread copies are reported, or whether the portal asks for a sign-in of its own',
      tags,
      access: { permission: 'organisation:write' },
      body: z.strictObject({
        name: organisationName.optional(),
        timeZone: timeZone.optional(),
        locale: z.enum(['en', 'es']).optional(),
        unreadNoticeDays: unreadDays.optional(),
        separateSignIn: z.boolean().optional(),
      }),
      responses: { 200: organisationSchema },
      errors: ['not-found'],
    }).handle(async ({ caller, body }) => {
      const { name = null, timeZone: zone = null, locale = null } = body;
      const { unreadNoticeDays = null, separateSignIn = null } = body;
      await organisations.change(caller, { name, timeZone: zone, locale, unreadNoticeDays, separateSignIn });
      return { status: 200, body: await viewOrganisation(needs, caller.organisation) };
    }),
  ];
}

function domainRoutes(needs: OrganisationPorts): Route[] {
  const { organisations } = needs.access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/organisation/domains',
      summary: 'Sending domains with what must stand in DNS',
      tags,
      access: { permission: 'organisation:read' },
      responses: { 200: z.strictObject({ items: z.array(domainSchema) }) },
    }).handle(async ({ caller }) => {
      const { organisation } = caller;
      const items = await needs.database.tenant([organisation], 'app', async (tx) => {
        const viewed = [];
        for (const { id, name } of await organisations.domains(tx, organisation)) {
          const records = await needs.domainRecords(tx, organisation, name);
          viewed.push({ id, name, records: [...records] });
        }
        return viewed;
      });
      return { status: 200, body: { items } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/organisation/domains',
      summary: 'Add a sending domain to your organisation',
      description: 'For the operator: who owns a name is not proven by asking for it.',
      tags,
      access: { permission: 'installation:operate' },
      body: z.strictObject({ name: domainName }),
      responses: { 201: domainSchema },
      errors: ['already-exists'],
    }).handle(async ({ caller, body }) => {
      const { organisation, actor } = caller;
      const added = await needs.database.tenant([organisation], 'app', async (tx) => {
        await organisations.addDomain(tx, organisation, body.name);
        await needs.prepare(tx, organisation, body.name, actor);
        const details = { domain: body.name };
        await needs.audit.append(
          tx,
          auditEntry(caller, { organisation, action: 'domain.added', actor, details }),
        );
        const row = (await organisations.domains(tx, organisation)).find(({ name }) => name === body.name);
        if (row === undefined) throw new Error('a domain that has just been added is not there');
        return { ...row, records: [...(await needs.domainRecords(tx, organisation, body.name))] };
      });
      return { status: 201, body: { id: added.id, name: added.name, records: added.records } };
    }),
  ];
}

function operatorRoutes(needs: OrganisationPorts): Route[] {
  const { organisations, invitations } = needs.access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/organisations',
      summary: 'All organisations of the installation (operator)',
      tags,
      access: { permission: 'installation:operate' },
      query: z.strictObject(pageQuery),
      responses: { 200: pageOf(organisationRef) },
    }).handle(async ({ query }) => {
      const after = cursorId(query.cursor);
      const ids = (await organisations.ids()).filter((id) => after === null || id > after);
      const rows = await organisations.load(ids.slice(0, query.limit + 1));
      const byId = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
      const page = pageFrom(
        byId,
        query.limit,
        (row) => [row.id],
        ({ id, name, slug }) => ({ id, name, slug }),
      );
      return { status: 200, body: page };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/organisations',
      summary: 'Make an organisation with its first administrator (operator)',
      description:
        "The administrator is yourself or a person without an account: one who has an account, or an address on another organisation's sending domain, is refused with reason `enrolled-elsewhere`.",
      tags,
      access: { permission: 'installation:operate' },
      stepUp: true,
      body: z.strictObject({
        name: organisationName,
        slug: z.string().regex(/^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){1,38}[a-z0-9]$/),
        domain: domainName,
        administrator: z.strictObject({ address: addressText, displayName }),
      }),
      idempotent: true,
      responses: {
        201: z.strictObject({
          organisation: organisationRef,
          invitation: invitationSchema.nullable().describe('Null when you are the administrator yourself'),
        }),
      },
      errors: ['already-exists', 'invalid-address', 'idempotency-key-reused'],
    }).handle(async ({ caller, body, idempotency }) => {
      const id = newId() as OrganisationId;
      const administrator = {
        address: addressOf(body.administrator.address),
        displayName: body.administrator.displayName,
      };
      const { name, slug, domain } = body;
      const tenants = [id, caller.organisation, INSTALLATION];
      const answer = await needs.database.tenant(tenants, 'app', async (tx) => {
        const founding = { id, name, slug, domain, administrator, operator: false };
        const added = await foundOrganisation(needs, tx, founding, caller);
        const ticket = added.needsInvitation ? await invitations.issue(tx, added.identity, id) : null;
        const subjects = [{ kind: 'organisation', id }];
        const { actor } = caller;
        const entry = { organisation: INSTALLATION, action: 'organisation.created', actor, subjects };
        await needs.audit.append(tx, auditEntry(caller, entry));
        const invitation =
          ticket === null ? null : { token: ticket.ceremony, expiresAt: ticket.expiresAt.toISOString() };
        const made = { organisation: { id, name, slug }, invitation };
        await idempotency.commit(tx, 201, made);
        return made;
      });
      return { status: 201, body: answer };
    }),
    limitRoute(needs),
  ];
}

function limitRoute(needs: OrganisationPorts): Route {
  return defineRoute({
    method: 'PUT',
    path: '/v1/organisations/:id/limits',
    summary: "Set an organisation's hourly limit of recipients (operator)",
    description:
      'Null takes the limit away. Takes hold within seconds; what is over it is refused with 429 or 452.',
    tags,
    access: { permission: 'installation:operate' },
    params: idParams,
    body: z.strictObject({ recipientsPerHour: z.int().min(1).max(2_000_000_000).nullable() }),
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller, params, body }) => {
    await needs.access.organisations.limit(caller, params.id as OrganisationId, body.recipientsPerHour);
    return { status: 204 };
  });
}

async function viewOrganisation(
  { access, database }: OrganisationPorts,
  id: OrganisationId,
): Promise<z.output<typeof organisationSchema>> {
  return database.tenant([id], 'app', async (tx) => {
    const [row] = await access.organisations.read(tx, [id]);
    if (row === undefined) throw new Refusal('not-found');
    const domains = (await access.organisations.domains(tx, id)).map((domain) => ({
      id: domain.id,
      name: domain.name,
    }));
    const { name, slug, timeZone: zone, locale, unreadNoticeDays, separateSignIn } = row;
    return { id, name, slug, timeZone: zone, locale, unreadNoticeDays, separateSignIn, domains };
  });
}

function isTimeZone(name: string): boolean {
  return name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name);
}
