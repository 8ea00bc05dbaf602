import { z } from 'zod';
import { relyingParty } from '#platform/access';
import { defineRoute, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { enrolmentDueSchema, passphrase, sessionSchema, time, token } from './schemas.ts';
import { answer, welcome } from './session-view.ts';
import {
  authenticationOf,
  authenticationSchema,
  creationOptionsSchema,
  plainOptions,
  registrationOf,
  registrationSchema,
  requestOptionsSchema,
} from './webauthn-schemas.ts';

const tags = ['sign-in'];
const common = { method: 'POST', tags, access: 'public' } as const;

/** Sign-in by a passkey alone, and the passkey that must be added on the way in. */
export function passkeySignInRoutes(needs: OrganisationPorts): Route[] {
  const { passkeySignIn, signInEnrolment } = needs.access;
  return [
    defineRoute({
      ...common,
      path: '/v1/sign-in/passkey-alone/options',
      summary: 'Begin with a passkey alone',
      description: 'The same for everybody: it names no account and no key.',
      body: z.strictObject({}),
      responses: {
        200: z
          .strictObject({ ceremony: z.string(), options: requestOptionsSchema, expiresAt: time })
          .meta({ id: 'PasskeyAlone' }),
      },
      errors: ['wrong-state'],
    }).handle(async ({ origin, request, pageOrigin }) => {
      const begun = await passkeySignIn.begin(relyingParty(pageOrigin), { origin, request });
      const { ceremony, expiresAt } = begun;
      const options = plainOptions(requestOptionsSchema, begun.options);
      return { status: 200, body: { ceremony, options, expiresAt: expiresAt.toISOString() } };
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/passkey-alone',
      summary: 'Sign in with a passkey whose authenticator has verified its holder',
      body: z.strictObject({ ceremony: token, response: authenticationSchema }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['not-authenticated', 'gone', 'wrong-state'],
    }).handle(async ({ body, origin, request, userAgent, cookies, pageOrigin }) => {
      const shown = { ceremony: body.ceremony, response: authenticationOf(body.response), agent: userAgent };
      const outcome = await passkeySignIn.finish(shown, relyingParty(pageOrigin), { origin, request });
      return answer(needs, outcome, cookies);
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/enrolment/passphrase',
      summary: 'Change the passphrase that is older than the organisation wants, and go on',
      body: z.strictObject({ ceremony: token, passphrase }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['gone'],
    }).handle(async ({ body, origin, request, userAgent, cookies }) => {
      const chosen = { ...body, agent: userAgent };
      return answer(needs, await needs.access.renewPassphrase(chosen, { origin, request }), cookies);
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/enrolment/passkey/options',
      summary: 'Options for making the passkey that the organisation demands',
      body: z.strictObject({ ceremony: token }),
      responses: { 200: z.strictObject({ options: creationOptionsSchema }) },
      errors: ['gone', 'wrong-state'],
    }).handle(async ({ body, pageOrigin }) => {
      const options = await signInEnrolment.passkeyOptions(body.ceremony, relyingParty(pageOrigin));
      return { status: 200, body: { options: plainOptions(creationOptionsSchema, options) } };
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/enrolment/passkey',
      summary: 'Add that passkey and finish the sign-in',
      body: z.strictObject({
        ceremony: token,
        response: registrationSchema,
        label: z.string().trim().max(100).default('Passkey'),
      }),
      responses: { 200: sessionSchema },
      errors: ['not-authenticated', 'gone', 'wrong-state'],
    }).handle(async ({ body, origin, request, userAgent, cookies, pageOrigin }) => {
      const { ceremony, label } = body;
      const made = { ceremony, label, response: registrationOf(body.response), agent: userAgent };
      const started = await signInEnrolment.withPasskey(made, relyingParty(pageOrigin), { origin, request });
      return { status: 200, body: await welcome(needs, started, cookies) };
    }),
  ];
}
