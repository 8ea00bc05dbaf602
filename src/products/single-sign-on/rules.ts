import { z } from 'zod';

const claimName = z.string().trim().min(1).max(200);
const groupValue = z.string().trim().min(1).max(200);
const role = z.string().min(1).max(64);

/** What a connection makes of those whom its provider vouches for. */
export const rulesSchema = z
  .strictObject({
    jit: z.boolean().describe('People who are not known yet become members at their first sign-in'),
    defaultRoles: z.array(role).max(20),
    mapping: z
      .array(
        z.strictObject({
          value: groupValue.describe('A group or role as the provider names it'),
          roles: z.array(role).max(20),
          group: z.boolean().describe('Also keep a group of that name in step'),
        }),
      )
      .max(200),
    claims: z.strictObject({
      address: claimName,
      name: claimName,
      groups: claimName,
    }),
    requiredGroup: groupValue.nullable().describe('Only who is in it may come in'),
    endsMembership: z.boolean().describe('Whoever has left the required group is no member any more'),
    trustMethods: z.boolean().describe('What the provider says of factors is put on record with the session'),
    providerFirst: z.boolean().describe('SAML: answers that nobody asked for are taken'),
  })
  .meta({ id: 'SsoRules' });

export type Rules = z.output<typeof rulesSchema>;

const OIDC_CLAIMS = { address: 'email', name: 'name', groups: 'groups' };
/** Names that many SAML providers use; each connection can say others. */
const SAML_CLAIMS = { address: 'email', name: 'displayName', groups: 'groups' };

/** What a new connection begins with: nothing is given to anybody. */
export function firstRules(kind: 'oidc' | 'saml'): Rules {
  return {
    jit: false,
    defaultRoles: [],
    mapping: [],
    claims: kind === 'oidc' ? OIDC_CLAIMS : SAML_CLAIMS,
    requiredGroup: null,
    endsMembership: false,
    trustMethods: false,
    providerFirst: false,
  };
}

/** Every role that a connection could give. */
export function rolesOf(rules: Rules): readonly string[] {
  return [...new Set([...rules.defaultRoles, ...rules.mapping.flatMap(({ roles }) => roles)])];
}

/** What these rules make of a person's groups. */
export function mapGroups(
  rules: Rules,
  groups: readonly string[],
): { readonly roles: readonly string[]; readonly groups: readonly string[]; readonly allowed: boolean } {
  const hits = rules.mapping.filter(({ value }) => groups.includes(value));
  return {
    roles: [...new Set([...rules.defaultRoles, ...hits.flatMap(({ roles }) => roles)])],
    groups: hits.flatMap(({ value, group }) => (group ? [value] : [])),
    allowed: rules.requiredGroup === null || groups.includes(rules.requiredGroup),
  };
}
