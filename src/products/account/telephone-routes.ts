import { z } from 'zod';
import { Refusal } from '#core/errors';
import { defineRoute, empty, type Route } from '#platform/http';
import { parseNumber } from '#platform/text';
import { ownerOf } from './owner.ts';
import type { AccountPorts } from './ports.ts';

const common = { method: 'POST', tags: ['account'], access: 'session', stepUp: true } as const;

/** A telephone for texted codes as a person's own factor. */
export function telephoneRoutes({ access }: AccountPorts): Route[] {
  const { account } = access;
  return [
    defineRoute({
      ...common,
      path: '/v1/account/telephone/options',
      summary: 'Text a code to a number of yours',
      description:
        'Where the organisation counts texted codes. The code is good for ten minutes; few are sent to a person and to a number.',
      body: z.strictObject({ number: z.string().max(40).describe('E.164, with its country: +1 555 …') }),
      responses: {
        200: z
          .strictObject({ ceremony: z.string(), masked: z.string().describe('The last two digits') })
          .meta({ id: 'OwnTelephoneEnrolment' }),
      },
      errors: ['wrong-state'],
    }).handle(async ({ caller, session, body }) => {
      const number = parseNumber(body.number);
      if (number === null) throw new Refusal('invalid', { path: 'number', reason: 'not-a-number' });
      return { status: 200, body: await account.textOptions(ownerOf(caller, session), number) };
    }),
    defineRoute({
      ...common,
      path: '/v1/account/telephone',
      summary: 'Add that telephone by the code',
      body: z.strictObject({
        ceremony: z.string().min(20).max(100),
        code: z.string().regex(/^\d{6}$/),
        label: z.string().trim().min(1).max(100),
      }),
      responses: { 204: empty },
      errors: ['gone', 'already-exists'],
    }).handle(async ({ caller, session, body }) => {
      await account.addTelephone(ownerOf(caller, session), body);
      return { status: 204 };
    }),
  ];
}
