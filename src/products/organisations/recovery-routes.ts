import { z } from 'zod';
import type { IdentityId } from '#core/ids';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';
import { ceremonySchema, passphrase, time, token, totpCode } from './schemas.ts';
import { startRecovered } from './set-up.ts';

/** Bringing back somebody who has lost what they sign in with: a link from an administrator and a mailed code. */
export function recoveryRoutes(needs: OrganisationPorts): Route[] {
  const { recovery } = needs.access;
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/members/:id/recovery',
      summary: 'Begin to restore the access of a person',
      description:
        'Hand the token over outside of the system, to a person whose identity you have checked. It is good for a day and once, and opens nothing without a code that is mailed to the person.',
      tags: ['members'],
      access: { permission: 'members:write' },
      stepUp: true,
      fourEyes: 'recovery',
      params: idParams,
      body: z.strictObject({}),
      responses: { 201: z.strictObject({ token: z.string(), expiresAt: time }).meta({ id: 'RecoveryLink' }) },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, params }) => {
      const { ceremony, expiresAt } = await recovery.start(caller, params.id as IdentityId);
      return { status: 201, body: { token: ceremony, expiresAt: expiresAt.toISOString() } };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/recovery/code',
      summary: 'Mail the code that a recovery needs beside its link',
      tags: ['set-up'],
      access: 'public',
      body: z.strictObject({ token }),
      responses: { 204: empty },
      errors: ['gone'],
    }).handle(async ({ body, origin, request }) => {
      await recovery.mailCode(body.token, { origin, request });
      return { status: 204 };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/recovery/confirm',
      summary:
        'Show the mailed code and choose a passphrase, then go on with /v1/setup/passkey or /v1/setup/totp',
      tags: ['set-up'],
      access: 'public',
      body: z.strictObject({ token, code: totpCode, passphrase }),
      responses: { 200: ceremonySchema },
      errors: ['not-authenticated', 'gone', 'invalid-address'],
    }).handle(async ({ body, origin, request }) => {
      const { ceremony, factors, expiresAt } = await startRecovered(needs, body, { origin, request });
      return { status: 200, body: { ceremony, factors: [...factors], expiresAt: expiresAt.toISOString() } };
    }),
  ];
}
