import { z } from 'zod';
import type { Caller } from '#core/actor';
import { defineRoute, type Route } from '#platform/http';
import { parseAddress } from '#platform/mail';
import { findByDomain, findBySlug, listConnections, readConnection } from './connection.store.ts';
import type { SignOnNeeds } from './ports.ts';
import type { SignOut } from './sign-out.ts';

const tags = ['sign-in'];

const waySchema = z
  .strictObject({ id: z.string(), name: z.string(), startUrl: z.string() })
  .meta({ id: 'SignOnWay' });

const wayOf = ({ id, name }: { readonly id: string; readonly name: string }) => ({
  id,
  name,
  startUrl: `/sso/${id}/start`,
});

/** Which provider somebody comes by. Only the domain decides, or the organisation's link: nothing is said of persons. */
export function discoverRoutes({
  needs,
  signOut,
}: {
  readonly needs: SignOnNeeds;
  readonly signOut: SignOut;
}): Route[] {
  const { database } = needs;
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/sign-in/discover',
      summary: 'Find the identity provider of an address’s domain',
      description: 'The same for everybody of a domain, whether or not there is such a person.',
      tags,
      access: 'public',
      body: z.strictObject({ address: z.string().min(3).max(320) }),
      responses: { 200: z.strictObject({ way: waySchema.nullable() }) },
    }).handle(async ({ body }) => {
      const domain = parseAddress(body.address.trim())?.domain.toLowerCase();
      const found =
        domain === undefined ? null : await database.system('app', (tx) => findByDomain(tx, domain));
      if (found === null) return { status: 200, body: { way: null } };
      const row = await database.tenant([found.organisation], 'app', (tx) =>
        readConnection(tx, found.organisation, found.connection),
      );
      return { status: 200, body: { way: row?.live === true ? wayOf(row) : null } };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/sign-in/organisations/:slug',
      summary: 'Identity providers of an organisation, by the last part of its sign-in link',
      tags,
      access: 'public',
      params: z.strictObject({ slug: z.string().min(1).max(100) }),
      responses: { 200: z.strictObject({ ways: z.array(waySchema) }) },
    }).handle(async ({ params }) => {
      const organisation = await database.system('app', (tx) => findBySlug(tx, params.slug.toLowerCase()));
      if (organisation === null) return { status: 200, body: { ways: [] } };
      const rows = await database.tenant([organisation], 'app', (tx) => listConnections(tx, organisation));
      const ways = rows.filter(({ live }) => live).map(wayOf);
      return { status: 200, body: { ways } };
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/session/provider',
      summary: 'Where to sign out at the identity provider that this session came by',
      tags,
      access: 'session',
      responses: { 200: z.strictObject({ signOutUrl: z.string().nullable() }) },
    }).handle(async ({ caller, session }) => {
      const { organisation }: Caller = caller;
      const signOutUrl = await signOut.atProvider(session.id, organisation);
      return { status: 200, body: { signOutUrl } };
    }),
  ];
}
