import { z } from 'zod';
import { defineRoute, empty, type Route } from '#platform/http';
import type { Delegations } from './delegations.ts';
import { delegationRulesSchema } from './rules.ts';
import { type Delegation, delegationPlaces } from './settings.ts';

export interface DelegationRoutePorts {
  readonly delegations: Delegations;
  /** Public address of the portal as it is now. */
  readonly portalUrl: () => string;
}

const TAGS = ['organisations'];
const PATH = '/v1/organisation/portal-delegation';
const MOST_ACCOUNTS = 500;

const provider = {
  issuer: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .describe('As the portal writes it, without `/.well-known/openid-configuration`'),
  clientId: z.string().trim().min(1).max(300),
  method: z.enum(['client_secret_basic', 'private_key_jwt']),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/)).max(20),
  userInfo: z.boolean().describe('Ask the UserInfo endpoint too'),
};

const common = {
  name: z.string().trim().min(1).max(60).describe('What your patients call the portal: on the button'),
  mode: z.enum(['off', 'beside', 'only']).describe('`beside` the codes, or the `only` way to your messages'),
  rules: delegationRulesSchema,
};

const changeSchema = z
  .strictObject({
    ...common,
    provider: z
      .strictObject({ ...provider, secret: z.string().min(8).max(1_000).optional() })
      .meta({ id: 'PortalDelegationProviderChange' })
      .nullable(),
  })
  .meta({ id: 'PortalDelegationChange' });

const viewSchema = z
  .strictObject({
    id: z.uuid(),
    ...common,
    provider: z
      .strictObject({ ...provider, issuer: z.string(), secretKept: z.boolean() })
      .meta({ id: 'PortalDelegationProvider' })
      .nullable(),
    places: z
      .strictObject({
        signInPage: z.string().describe('A sign-in page of your own, to link to'),
        redirectUri: z.string(),
        initiateLoginUri: z
          .string()
          .describe('`iss`, and `target_link_uri` of a message, begin a sign-in that ends at that message'),
        messageUri: z
          .string()
          .describe('A link to one message: with its id, as the API gave it, in the place of `{message}`'),
        backChannelLogoutUri: z.string(),
        keysUri: z.string(),
      })
      .describe('What the administrator of your patient portal must be told'),
    changedAt: z.iso.datetime(),
  })
  .meta({ id: 'PortalDelegation' });

const answerSchema = z.strictObject({ delegation: viewSchema.nullable() });

/** Sign-in of recipients by their organisation's own patient portal (PO-7). */
export function delegationRoutes(ports: DelegationRoutePorts): Route[] {
  return [read(ports), set(ports), remove(ports), accounts(ports)];
}

function view({ portalUrl }: DelegationRoutePorts, { row, client }: Delegation): z.output<typeof viewSchema> {
  const { id, name, mode, rules } = row;
  const base = portalUrl();
  return {
    ...{ id, name, mode, rules: { ...rules, strong: [...rules.strong] } },
    provider: client.provider === null ? null : providerView(client.provider),
    places: {
      ...delegationPlaces(base, id),
      messageUri: `${base}/portal/${id}/start?message={message}`,
    },
    changedAt: row.changed_at.toISOString(),
  };
}

function providerView({ secret, ...rest }: NonNullable<Delegation['client']['provider']>) {
  return { ...rest, secretKept: secret !== null };
}

function read(ports: DelegationRoutePorts): Route {
  return defineRoute({
    method: 'GET',
    path: PATH,
    summary: 'How your patients sign in with their account of your own patient portal',
    description: 'Null where nothing is set up.',
    tags: TAGS,
    access: { permission: 'organisation:read' },
    responses: { 200: answerSchema },
  }).handle(async ({ caller }) => {
    const found = await ports.delegations.get(caller);
    return { status: 200, body: { delegation: found && view(ports, found) } };
  });
}

function set(ports: DelegationRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: PATH,
    summary: 'Let your patients sign in with their account of your own patient portal (OpenID Connect)',
    description:
      'Whoever comes that way sees the messages of your organisation alone. A change of who is who, or turning it off, ends every session that came by it. `secret` is kept where it is left out and issuer and client stay.',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    stepUp: true,
    fourEyes: 'portal-sign-in',
    body: changeSchema,
    responses: { 200: answerSchema },
    errors: ['invalid'],
  }).handle(async ({ caller, body }) => ({
    status: 200,
    body: { delegation: view(ports, await ports.delegations.set(caller, body)) },
  }));
}

function remove(ports: DelegationRoutePorts): Route {
  return defineRoute({
    method: 'DELETE',
    path: PATH,
    summary: 'Remove the sign-in by your patient portal',
    description: 'Sessions that came by it end at once; which account is whose is forgotten.',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    stepUp: true,
    fourEyes: 'portal-sign-in',
    responses: { 204: empty },
    errors: ['not-found'],
  }).handle(async ({ caller }) => {
    await ports.delegations.remove(caller);
    return { status: 204 };
  });
}

function accounts(ports: DelegationRoutePorts): Route {
  return defineRoute({
    method: 'PUT',
    path: `${PATH}/accounts`,
    summary: 'Say whose account at your patient portal has which address',
    description:
      'For a claim that names an account. Only keyed hashes are kept, so that nothing can be listed. A null address forgets the account.',
    tags: TAGS,
    access: { permission: 'organisation:write' },
    stepUp: true,
    fourEyes: 'portal-sign-in',
    body: z.strictObject({
      items: z
        .array(
          z.strictObject({
            account: z.string().trim().min(1).max(320),
            address: z.string().min(3).max(320).nullable(),
          }),
        )
        .min(1)
        .max(MOST_ACCOUNTS),
    }),
    responses: { 200: z.strictObject({ set: z.int(), forgotten: z.int() }) },
    errors: ['not-found', 'invalid-address'],
  }).handle(async ({ caller, body }) => ({
    status: 200,
    body: await ports.delegations.accounts(caller, body.items),
  }));
}
