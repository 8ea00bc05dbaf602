import { z } from 'zod';
import { relyingParty } from '#platform/access';
import { csrfToken, defineRoute, type Route, SESSION_COOKIE } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { factorSchema, time, token, totpCode } from './schemas.ts';
import {
  authenticationOf,
  authenticationSchema,
  plainOptions,
  requestOptionsSchema,
} from './webauthn-schemas.ts';

const tags = ['session'];
const doneSchema = z
  .strictObject({ csrf: z.string().describe('The new value of the X-Sealpost-CSRF header'), provenAt: time })
  .meta({ id: 'SteppedUp' });

/** Proving a second factor again. The session goes on under a new cookie, so that an older copy of it is worth nothing. */
export function stepUpRoutes({ access, clock }: OrganisationPorts): Route[] {
  const { stepUp } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/session/step-up',
      summary: 'What you can confirm an act with',
      tags,
      access: 'session',
      responses: {
        200: z
          .strictObject({ factors: z.array(factorSchema), provenAt: time, minutes: z.int() })
          .meta({ id: 'StepUpWays' }),
      },
    }).handle(async ({ caller, session }) => {
      const factors = await stepUp.factors({ caller, session });
      const { provenAt, stepUpMinutes: minutes } = session;
      return { status: 200, body: { factors: [...factors], provenAt: provenAt.toISOString(), minutes } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/session/step-up/totp',
      summary: 'Confirm with a code of the authenticator app',
      tags,
      access: 'session',
      body: z.strictObject({ code: totpCode }),
      responses: { 200: doneSchema },
    }).handle(async ({ caller, session, body, cookies }) => {
      const fresh = await stepUp.withTotp({ caller, session }, body.code);
      cookies.set(SESSION_COOKIE, fresh, { sameSite: 'strict' });
      return { status: 200, body: { csrf: csrfToken(fresh), provenAt: clock.now().toISOString() } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/session/step-up/passkey/options',
      summary: 'Options for confirming with a passkey',
      tags,
      access: 'session',
      body: z.strictObject({}),
      responses: { 200: z.strictObject({ ceremony: token, options: requestOptionsSchema }) },
      errors: ['wrong-state'],
    }).handle(async ({ caller, session, pageOrigin }) => {
      const { ceremony, options } = await stepUp.passkeyOptions(
        { caller, session },
        relyingParty(pageOrigin),
      );
      return { status: 200, body: { ceremony, options: plainOptions(requestOptionsSchema, options) } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/session/step-up/passkey',
      summary: 'Confirm with a passkey',
      tags,
      access: 'session',
      body: z.strictObject({ ceremony: token, response: authenticationSchema }),
      responses: { 200: doneSchema },
      errors: ['gone', 'wrong-state'],
    }).handle(async ({ caller, session, body, cookies, pageOrigin }) => {
      const answer = { ceremony: body.ceremony, response: authenticationOf(body.response) };
      const fresh = await stepUp.withPasskey({ caller, session }, answer, relyingParty(pageOrigin));
      cookies.set(SESSION_COOKIE, fresh, { sameSite: 'strict' });
      return { status: 200, body: { csrf: csrfToken(fresh), provenAt: clock.now().toISOString() } };
    }),
  ];
}
