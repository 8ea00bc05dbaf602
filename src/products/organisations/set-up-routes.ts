import { z } from 'zod';
import { Refusal } from '#core/errors';
import { INSTALLATION } from '#core/ids';
import { auditEntry, relyingParty } from '#platform/access';
import { defineRoute, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import {
  addressText,
  ceremonySchema,
  displayName,
  organisationName,
  passphrase,
  publicUrl,
  sessionSchema,
  token,
  totpCode,
} from './schemas.ts';
import { welcome } from './session-view.ts';
import { completeEnrolment, startInvited, startSetUp } from './set-up.ts';
import { totpPicture } from './totp-picture.ts';
import {
  creationOptionsSchema,
  plainOptions,
  registrationOf,
  registrationSchema,
} from './webauthn-schemas.ts';

const tags = ['set-up'];
const ceremonyBody = z.strictObject({ ceremony: token });
const doneSchema = z
  .strictObject({
    session: sessionSchema,
    recoveryCodes: z.array(z.string()).describe('Ten codes, each good for one sign-in; shown once'),
  })
  .meta({ id: 'EnrolmentDone' });
const setupErrors = [
  'not-authenticated',
  'gone',
  'wrong-state',
  'already-exists',
  'invalid-address',
] as const;

/** Set-up of the installation, and enrolment of invited people: passphrase first, then a second factor that works. */
export function setUpRoutes(needs: OrganisationPorts): Route[] {
  return [...startRoutes(needs), ...factorRoutes(needs), recoveryKitRoute(needs)];
}

function startRoutes(needs: OrganisationPorts): Route[] {
  const { access } = needs;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/setup',
      summary: 'Whether the installation has been set up',
      tags,
      access: 'public',
      responses: {
        200: z
          .strictObject({
            state: z.enum(['open', 'done']),
            consoleUrl: z.string().nullable(),
            portalUrl: z.string().nullable(),
          })
          .meta({ id: 'SetupState' }),
      },
    }).handle(async () => {
      const { setUpAt, consoleUrl, portalUrl } = await access.installation.current();
      const now = needs.addresses();
      return {
        status: 200,
        body: {
          state: setUpAt === null ? 'open' : 'done',
          consoleUrl: consoleUrl ?? now.console,
          portalUrl: portalUrl ?? now.portal,
        },
      };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/setup/start',
      summary: 'Begin the set-up with the one-time token of the first start',
      tags,
      access: 'public',
      body: z.strictObject({
        token: z.string().min(1).max(100),
        organisationName,
        displayName,
        address: addressText,
        passphrase,
        consoleUrl: publicUrl.optional(),
        portalUrl: publicUrl.optional(),
      }),
      responses: { 200: ceremonySchema },
      errors: setupErrors,
    }).handle(async ({ body, origin, request }) => {
      const { consoleUrl = null, portalUrl = null } = body;
      const { ceremony, expiresAt } = await startSetUp(
        needs,
        { ...body, consoleUrl, portalUrl },
        { origin, request },
      );
      return {
        status: 200,
        body: { ceremony, factors: ['passkey', 'totp'], expiresAt: expiresAt.toISOString() },
      };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/invitations/accept',
      summary:
        'Take up an invitation: choose a passphrase, then go on with /v1/setup/totp or /v1/setup/passkey',
      tags,
      access: 'public',
      body: z.strictObject({ token, passphrase }),
      responses: { 200: ceremonySchema },
      errors: ['gone', 'invalid-address'],
    }).handle(async ({ body, origin, request }) => {
      const { ceremony, factors, expiresAt } = await startInvited(needs, body, { origin, request });
      return { status: 200, body: { ceremony, factors: [...factors], expiresAt: expiresAt.toISOString() } };
    }),
  ];
}

function factorRoutes(needs: OrganisationPorts): Route[] {
  const { enrolment } = needs.access;
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/setup/totp/options',
      summary: 'A secret for an authenticator app',
      tags,
      access: 'public',
      body: ceremonyBody,
      responses: {
        200: z
          .strictObject({
            uri: z.string().describe('otpauth: address'),
            secret: z.string().describe('The same in base32, for typing'),
            svg: z.string().describe('The same as a QR code: an SVG document'),
          })
          .meta({ id: 'TotpEnrolment' }),
      },
      errors: ['gone'],
    }).handle(async ({ body }) => {
      const { uri, secret } = await enrolment.totpOptions(body.ceremony);
      return { status: 200, body: { uri, secret, svg: await totpPicture(uri) } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/setup/totp',
      summary: 'Prove the authenticator app and finish; signs in',
      tags,
      access: 'public',
      body: z.strictObject({ ceremony: token, code: totpCode }),
      responses: { 200: doneSchema },
      errors: setupErrors,
    }).handle(async ({ body, origin, request, userAgent, cookies }) => {
      const from = { origin, request };
      const proven = await enrolment.proveTotp(body.ceremony, body.code, from);
      const { started, recoveryCodes } = await completeEnrolment(needs, proven, userAgent, from);
      return { status: 200, body: { session: await welcome(needs, started, cookies), recoveryCodes } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/setup/passkey/options',
      summary: 'Options for making a passkey',
      tags,
      access: 'public',
      body: ceremonyBody,
      responses: { 200: z.strictObject({ options: creationOptionsSchema }) },
      errors: ['gone', 'wrong-state'],
    }).handle(async ({ body, pageOrigin }) => {
      const options = await enrolment.passkeyOptions(body.ceremony, relyingParty(pageOrigin));
      return { status: 200, body: { options: plainOptions(creationOptionsSchema, options) } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/setup/passkey',
      summary: 'Prove the passkey and finish; signs in',
      tags,
      access: 'public',
      body: z.strictObject({
        ceremony: token,
        response: registrationSchema,
        label: z.string().trim().max(100).default('Passkey'),
      }),
      responses: { 200: doneSchema },
      errors: setupErrors,
    }).handle(async ({ body, origin, request, userAgent, cookies, pageOrigin }) => {
      const from = { origin, request };
      const response = registrationOf(body.response);
      const proof = { ceremony: body.ceremony, response, label: body.label };
      const proven = await enrolment.provePasskey(proof, relyingParty(pageOrigin), from);
      const { started, recoveryCodes } = await completeEnrolment(needs, proven, userAgent, from);
      return { status: 200, body: { session: await welcome(needs, started, cookies), recoveryCodes } };
    }),
  ];
}

function recoveryKitRoute(needs: OrganisationPorts): Route {
  return defineRoute({
    method: 'POST',
    path: '/v1/setup/recovery-kit',
    summary: 'The recovery kit of the root key, and the code that opens it',
    description: 'Keep kit and code apart. Each call makes a new kit; every one is written to the audit log.',
    tags,
    access: { permission: 'installation:operate' },
    stepUp: true,
    fourEyes: 'installation',
    body: z.strictObject({}),
    responses: {
      200: z
        .strictObject({ fileName: z.string(), content: z.string(), code: z.string() })
        .meta({ id: 'RecoveryKit' }),
    },
    errors: ['wrong-state'],
  }).handle(async ({ caller }) => {
    const entry = { organisation: INSTALLATION, action: 'recovery-kit.issued', actor: caller.actor };
    await needs.database.tenant([INSTALLATION], 'app', (tx) =>
      needs.audit.append(tx, auditEntry(caller, entry)),
    );
    const kit = await needs.recoveryKit();
    if (kit === null) throw new Refusal('wrong-state', { reason: 'kept-by-a-key-service' });
    return {
      status: 200,
      body: { fileName: 'sealpost-recovery-kit.txt', content: kit.text, code: kit.code },
    };
  });
}
