import { z } from 'zod';
import { signInRuleSchema } from '#platform/access';
import { defineRoute, type Route } from '#platform/http';
import type { AccountPorts } from './ports.ts';

const tags = ['sign-in'];

const keptSchema = z
  .strictObject({
    rule: signInRuleSchema,
    demandedSince: z.iso
      .datetime()
      .describe('When the demands were last raised: the days of grace count from it'),
  })
  .meta({ id: 'SignInPolicy' });

/** What the organisation demands of people who sign in. */
export function signInRuleRoutes({ access }: AccountPorts): Route[] {
  const { signInRules } = access;
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/sign-in-policy',
      summary: 'What is demanded of people who sign in',
      tags,
      access: { permission: 'sign-in:read' },
      responses: { 200: keptSchema },
      errors: ['not-found'],
    }).handle(async ({ caller }) => {
      const { rule, demandedSince } = await signInRules.read(caller);
      return { status: 200, body: { rule, demandedSince: demandedSince.toISOString() } };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/sign-in-policy',
      summary: 'Change what is demanded of people who sign in',
      description:
        'Counts from the next sign-in, and from the next change to another organisation. Nobody is locked out: whoever has no factor that is enough adds one on the way in, at the latest when the days of grace are over.',
      tags,
      access: { permission: 'sign-in:write' },
      stepUp: true,
      fourEyes: 'sign-in',
      body: signInRuleSchema,
      responses: { 200: keptSchema },
      errors: ['not-found', 'wrong-state'],
    }).handle(async ({ caller, body }) => {
      const { demandedSince } = await signInRules.change(caller, body);
      return { status: 200, body: { rule: body, demandedSince: demandedSince.toISOString() } };
    }),
  ];
}
