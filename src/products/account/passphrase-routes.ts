import { z } from 'zod';
import { defineRoute, empty, type Route } from '#platform/http';
import { ownerOf } from './owner.ts';
import type { AccountPorts } from './ports.ts';

const tags = ['account'];
/** Judged by the passphrase rules; this bound only keeps out what cannot be one. */
const passphrase = z.string().min(1).max(1024);

/** What a person knows, and what they keep in a drawer. */
export function passphraseRoutes({ access }: AccountPorts): Route[] {
  const { account } = access;
  return [
    defineRoute({
      method: 'PUT',
      path: '/v1/account/passphrase',
      summary: 'Change your passphrase; your other sessions end',
      tags,
      access: 'session',
      stepUp: true,
      body: z.strictObject({ old: passphrase, passphrase }),
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, session, body }) => {
      await account.changePassphrase(ownerOf(caller, session), body);
      return { status: 204 };
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/account/recovery-codes',
      summary: 'Make new recovery codes; those before are no longer good',
      tags,
      access: 'session',
      stepUp: true,
      body: z.strictObject({}),
      responses: {
        200: z
          .strictObject({
            recoveryCodes: z.array(z.string()).describe('Ten codes, each good for one sign-in; shown once'),
          })
          .meta({ id: 'RecoveryCodes' }),
      },
    }).handle(async ({ caller, session }) => {
      const recoveryCodes = await account.renewRecoveryCodes(ownerOf(caller, session));
      return { status: 200, body: { recoveryCodes } };
    }),
  ];
}
