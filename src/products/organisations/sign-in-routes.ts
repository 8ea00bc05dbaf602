import { z } from 'zod';
import { relyingParty } from '#platform/access';
import { defineRoute, empty, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import {
  addressOf,
  addressText,
  ceremonySchema,
  enrolmentDueSchema,
  passphrase,
  sessionSchema,
  token,
  totpCode,
} from './schemas.ts';
import { answer } from './session-view.ts';
import {
  authenticationOf,
  authenticationSchema,
  plainOptions,
  requestOptionsSchema,
} from './webauthn-schemas.ts';

const tags = ['sign-in'];
const common = { method: 'POST', tags, access: 'public' } as const;

/** Sign-in of staff: passphrase, then one second factor. */
export function signInRoutes(needs: OrganisationPorts): Route[] {
  const { signIn } = needs.access;
  return [
    ...allowedRoutes(needs),
    defineRoute({
      ...common,
      path: '/v1/sign-in',
      summary: 'Begin with address and passphrase',
      body: z.strictObject({ address: addressText, passphrase }),
      responses: { 200: ceremonySchema },
      errors: ['not-authenticated', 'invalid-address'],
    }).handle(async ({ body, origin, request }) => {
      const address = addressOf(body.address);
      const ticket = await signIn.begin({ address, passphrase: body.passphrase }, { origin, request });
      const { ceremony, factors, expiresAt } = ticket;
      return { status: 200, body: { ceremony, factors: [...factors], expiresAt: expiresAt.toISOString() } };
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/totp',
      summary: 'Finish with a code of the authenticator app',
      body: z.strictObject({ ceremony: token, code: totpCode }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['not-authenticated', 'gone'],
    }).handle(async ({ body, origin, request, userAgent, cookies }) => {
      return answer(
        needs,
        await signIn.withTotp({ ...body, agent: userAgent }, { origin, request }),
        cookies,
      );
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/recovery-code',
      summary: 'Finish with a recovery code, which is used up',
      body: z.strictObject({ ceremony: token, code: z.string().min(8).max(40) }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['not-authenticated', 'gone'],
    }).handle(async ({ body, origin, request, userAgent, cookies }) => {
      return answer(
        needs,
        await signIn.withRecoveryCode({ ...body, agent: userAgent }, { origin, request }),
        cookies,
      );
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/mailed-code/send',
      summary: 'Mail a code, where the organisation counts it',
      body: z.strictObject({ ceremony: token }),
      responses: { 204: empty },
      errors: ['gone', 'wrong-state'],
    }).handle(async ({ body, origin, request }) => {
      await signIn.mailCode(body.ceremony, { origin, request });
      return { status: 204 };
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/mailed-code',
      summary: 'Finish with the mailed code',
      body: z.strictObject({ ceremony: token, code: totpCode }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['not-authenticated', 'gone'],
    }).handle(async ({ body, origin, request, userAgent, cookies }) => {
      return answer(
        needs,
        await signIn.withMailedCode({ ...body, agent: userAgent }, { origin, request }),
        cookies,
      );
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/passkey/options',
      summary: 'Options for using a passkey',
      body: z.strictObject({ ceremony: token }),
      responses: { 200: z.strictObject({ options: requestOptionsSchema }) },
      errors: ['gone', 'wrong-state'],
    }).handle(async ({ body, pageOrigin }) => {
      const options = await signIn.passkeyOptions(body.ceremony, relyingParty(pageOrigin));
      return { status: 200, body: { options: plainOptions(requestOptionsSchema, options) } };
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/passkey',
      summary: 'Finish with a passkey',
      body: z.strictObject({ ceremony: token, response: authenticationSchema }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['not-authenticated', 'gone', 'wrong-state'],
    }).handle(async ({ body, origin, request, userAgent, cookies, pageOrigin }) => {
      const shown = { ceremony: body.ceremony, response: authenticationOf(body.response), agent: userAgent };
      return answer(
        needs,
        await signIn.withPasskey(shown, relyingParty(pageOrigin), { origin, request }),
        cookies,
      );
    }),
  ];
}

/** Second factors that count only where the organisation says so: a texted code, a certificate. */
function allowedRoutes(needs: OrganisationPorts): Route[] {
  const { signIn } = needs.access;
  return [
    defineRoute({
      ...common,
      path: '/v1/sign-in/texted-code/send',
      summary: 'Text a code to the telephone on record, where the organisation counts it',
      body: z.strictObject({ ceremony: token }),
      responses: { 204: empty },
      errors: ['gone', 'wrong-state'],
    }).handle(async ({ body, origin, request }) => {
      await signIn.textCode(body.ceremony, { origin, request });
      return { status: 204 };
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/texted-code',
      summary: 'Finish with the texted code',
      body: z.strictObject({ ceremony: token, code: totpCode }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['not-authenticated', 'gone'],
    }).handle(async ({ body, origin, request, userAgent, cookies }) => {
      const typed = { ...body, agent: userAgent };
      return answer(needs, await signIn.withTextedCode(typed, { origin, request }), cookies);
    }),
    defineRoute({
      ...common,
      path: '/v1/sign-in/certificate',
      summary: 'Finish with the client certificate of this connection',
      body: z.strictObject({ ceremony: token }),
      responses: { 200: sessionSchema, 202: enrolmentDueSchema },
      errors: ['not-authenticated', 'gone'],
    }).handle(async ({ body, origin, request, userAgent, cookies, clientCertificate: certificate }) => {
      const shown = { ceremony: body.ceremony, certificate, agent: userAgent };
      return answer(needs, await signIn.withCertificate(shown, { origin, request }), cookies);
    }),
  ];
}
