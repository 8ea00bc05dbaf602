import { z } from 'zod';
import { FIRST_FACTORS, type PortalSignInRule } from '#core/portal';
import { defineRoute, type Route } from '#platform/http';
import type { OrganisationPorts } from './ports.ts';

const tags = ['organisations'];

const ruleSchema = z
  .strictObject({
    first: z
      .array(z.enum(FIRST_FACTORS))
      .max(FIRST_FACTORS.length)
      .refine((first) => first.includes('mailed-code') || first.includes('texted-code'), {
        params: { code: 'needs-a-code' },
      })
      .describe('What may open a session; one of the codes is always among them'),
    question: z
      .enum(['always', 'high', 'never'])
      .describe('When the question on record is asked; `high` is where the high class lacks a second factor'),
    wrongAnswers: z.int().min(3).max(10).describe('Wrong answers that end access to a message'),
  })
  .meta({ id: 'PortalSignInRule' });

/** How recipients sign in to the portal (PO-1). The high class asks for two factors under every rule. */
export function portalSignInRoutes({ access, signInRule }: OrganisationPorts): Route[] {
  const { organisations } = access;
  const view = (rule: PortalSignInRule) => ({ ...rule, first: [...rule.first] });
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/organisation/portal-sign-in',
      summary: 'How your recipients sign in to the portal',
      tags,
      access: { permission: 'organisation:read' },
      responses: { 200: ruleSchema },
      errors: ['not-found'],
    }).handle(async ({ caller }) => ({
      status: 200,
      body: view(signInRule(await organisations.portalSignIn(caller))),
    })),
    defineRoute({
      method: 'PUT',
      path: '/v1/organisation/portal-sign-in',
      summary: 'Change how your recipients sign in to the portal',
      description:
        'Takes hold within seconds, for sessions that are open too. Messages of the high class ask for two factors of different kinds under every rule.',
      tags,
      access: { permission: 'organisation:write' },
      stepUp: true,
      fourEyes: 'portal-sign-in',
      body: ruleSchema,
      responses: { 200: ruleSchema },
      errors: ['not-found'],
    }).handle(async ({ caller, body }) => {
      const first = FIRST_FACTORS.filter((factor) => body.first.includes(factor));
      const rule = { ...body, first };
      await organisations.changePortalSignIn(caller, rule);
      return { status: 200, body: view(rule) };
    }),
  ];
}
