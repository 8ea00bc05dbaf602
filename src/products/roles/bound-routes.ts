import { z } from 'zod';
import type { OrganisationId } from '#core/ids';
import { defineRoute, empty, idParams, type Route } from '#platform/http';
import type { RolePorts } from './ports.ts';
import { permissions } from './schemas.ts';

const tags = ['roles'];

const rules = {
  denied: permissions.describe('Nobody below may hold these'),
  caps: z
    .record(z.string().trim().toLowerCase().min(1).max(60), permissions)
    .describe('By role name: the most that a role of that name gives below'),
};

const rulesSchema = z.strictObject(rules).meta({ id: 'GuardrailRules' });

/** Guardrails for organisations below, and where an organisation stands. */
export function boundRoutes({ access: { guardrails } }: RolePorts): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/guardrails',
      summary: 'What your organisation forbids those below it, and what stands above it',
      tags,
      access: { permission: 'roles:read' },
      responses: {
        200: z.strictObject({
          own: rulesSchema,
          above: z.array(z.strictObject({ organisation: z.string(), ...rules })),
        }),
      },
    }).handle(async ({ caller }) => {
      const { own, above } = await guardrails.read(caller);
      return {
        status: 200,
        body: {
          own: view(own),
          above: above.map((one) => ({ organisation: one.organisation, ...view(one) })),
        },
      };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/guardrails',
      summary: 'Set what nobody below may hold; those below cannot loosen it',
      description:
        'They count below, not in your own organisation. Whoever loosens one must hold what it then lets through.',
      tags,
      access: { permission: 'roles:write' },
      stepUp: true,
      fourEyes: 'roles',
      body: rulesSchema,
      responses: { 204: empty },
    }).handle(async ({ caller, body }) => {
      await guardrails.change(caller, body);
      return { status: 204 };
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/organisations/:id/parent',
      summary: 'Put an organisation below another, or below none',
      tags,
      access: { permission: 'installation:operate' },
      stepUp: true,
      fourEyes: 'installation',
      params: idParams,
      body: z.strictObject({ parent: z.uuid().nullable() }),
      responses: { 204: empty },
      errors: ['wrong-state'],
    }).handle(async ({ caller, params, body }) => {
      await guardrails.place(caller, params.id as OrganisationId, body.parent as OrganisationId | null);
      return { status: 204 };
    }),
  ];
}

type Rules = z.output<typeof rulesSchema>;
type Permissions = readonly Rules['denied'][number][];

function view(from: {
  readonly denied: Permissions;
  readonly caps: Readonly<Record<string, Permissions>>;
}): Rules {
  const caps: Rules['caps'] = {};
  for (const [role, most] of Object.entries(from.caps)) caps[role] = [...most];
  return { denied: [...from.denied], caps };
}
