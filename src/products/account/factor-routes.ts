import { z } from 'zod';
import {
  creationOptionsSchema,
  LEVELS,
  type OwnAccount,
  plainOptions,
  registrationOf,
  registrationSchema,
  relyingParty,
} from '#platform/access';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import { ownerOf } from './owner.ts';
import type { AccountPorts } from './ports.ts';

const tags = ['account'];
const time = z.iso.datetime();
const token = z.string().min(20).max(100);
const label = z.string().trim().min(1).max(100);

const ownKind = z.enum(['passkey', 'totp', 'certificate', 'texted-code']).meta({ id: 'OwnFactorKind' });

const accountSchema = z
  .strictObject({
    factors: z.array(
      z.strictObject({
        id: z.string(),
        kind: ownKind,
        label: z.string(),
        number: z.string().nullable().describe('Of telephones: the last two digits'),
        addedAt: time,
        lastUsedAt: time.nullable(),
        phishingResistant: z.boolean().describe('Withstands a page that pretends to be this one'),
        deviceBound: z
          .boolean()
          .nullable()
          .describe('True: the key stays in one authenticator; false: it is synced; null: not known'),
        expiresAt: time.nullable().describe('Until when the certificate shown last is good'),
        enough: z.boolean().describe('Meets what your organisations demand'),
      }),
    ),
    mayAdd: z.array(ownKind).describe('What your organisation lets you add'),
    recoveryCodesLeft: z.int(),
    passphraseChangedAt: time.nullable(),
    demanded: z.enum(LEVELS),
    dueBy: time.nullable().describe('Until when you may sign in without a factor that is demanded'),
  })
  .meta({ id: 'OwnAccount' });

/** A person's own second factors. */
export function factorRoutes(needs: AccountPorts): Route[] {
  return [...keeping(needs), ...adding(needs)];
}

function keeping({ access }: AccountPorts): Route[] {
  const { account } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/account',
      summary: 'What you sign in with',
      tags,
      access: 'session',
      responses: { 200: accountSchema },
    }).handle(async ({ caller, session }) => ({
      status: 200,
      body: view(await account.read(ownerOf(caller, session))),
    })),
    defineRoute({
      method: 'PATCH',
      path: '/v1/account/factors/:id',
      summary: 'Name one of your factors',
      tags,
      access: 'session',
      stepUp: true,
      params: idParams,
      body: z.strictObject({ label }),
      responses: { 204: empty },
      errors: ['not-found'],
    }).handle(async ({ caller, session, params, body }) => {
      await account.rename(ownerOf(caller, session), params.id, body.label);
      return { status: 204 };
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/account/factors/:id',
      summary: 'Remove one of your factors; your other sessions end',
      description:
        'Not the last passkey or app (`last-factor`), and not the last that meets what an organisation of yours demands (`factor-demanded`).',
      tags,
      access: 'session',
      stepUp: true,
      params: idParams,
      responses: { 204: empty },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, session, params }) => {
      await account.remove(ownerOf(caller, session), params.id);
      return { status: 204 };
    }),
  ];
}

function adding({ access, totpPicture }: AccountPorts): Route[] {
  const { account } = access;
  const common = { method: 'POST', tags, access: 'session', stepUp: true } as const;
  return [
    defineRoute({
      ...common,
      path: '/v1/account/totp/options',
      summary: 'A secret for an authenticator app',
      body: z.strictObject({}),
      responses: {
        200: z
          .strictObject({ ceremony: z.string(), uri: z.string(), secret: z.string(), svg: z.string() })
          .meta({ id: 'OwnTotpEnrolment' }),
      },
    }).handle(async ({ caller, session }) => {
      const { ceremony, uri, secret } = await account.totpOptions(ownerOf(caller, session));
      return { status: 200, body: { ceremony, uri, secret, svg: await totpPicture(uri) } };
    }),
    defineRoute({
      ...common,
      path: '/v1/account/totp',
      summary: 'Add the authenticator app by a code of it',
      body: z.strictObject({ ceremony: token, code: z.string().regex(/^\d{6}$/), label }),
      responses: { 204: empty },
      errors: ['gone'],
    }).handle(async ({ caller, session, body }) => {
      await account.addTotp(ownerOf(caller, session), body);
      return { status: 204 };
    }),
    defineRoute({
      ...common,
      path: '/v1/account/passkey/options',
      summary: 'Options for making a passkey or enrolling a hardware key',
      body: z.strictObject({}),
      responses: {
        200: z
          .strictObject({ ceremony: z.string(), options: creationOptionsSchema })
          .meta({ id: 'OwnPasskeyEnrolment' }),
      },
      errors: ['wrong-state'],
    }).handle(async ({ caller, session, pageOrigin }) => {
      const begun = await account.passkeyOptions(ownerOf(caller, session), relyingParty(pageOrigin));
      const options = plainOptions(creationOptionsSchema, begun.options);
      return { status: 200, body: { ceremony: begun.ceremony, options } };
    }),
    defineRoute({
      ...common,
      path: '/v1/account/passkey',
      summary: 'Add that passkey',
      body: z.strictObject({ ceremony: token, response: registrationSchema, label }),
      responses: { 204: empty },
      errors: ['gone', 'wrong-state', 'already-exists'],
    }).handle(async ({ caller, session, body, pageOrigin }) => {
      const made = { ...body, response: registrationOf(body.response) };
      await account.addPasskey(ownerOf(caller, session), made, relyingParty(pageOrigin));
      return { status: 204 };
    }),
  ];
}

function view(account: OwnAccount): z.output<typeof accountSchema> {
  return {
    ...account,
    mayAdd: [...account.mayAdd],
    factors: account.factors.map((factor) => ({
      ...factor,
      addedAt: factor.addedAt.toISOString(),
      lastUsedAt: factor.lastUsedAt?.toISOString() ?? null,
      expiresAt: factor.expiresAt?.toISOString() ?? null,
    })),
    passphraseChangedAt: account.passphraseChangedAt?.toISOString() ?? null,
    dueBy: account.dueBy?.toISOString() ?? null,
  };
}
