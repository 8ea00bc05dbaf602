import type { AccessGroup, AccessRole } from '../src/api-types.ts';
import { at, session } from './mock-data.ts';

/** Made-up roles, groups and what is never used. Undefined: none of these routes. */
export function mockRoles(route: string): unknown {
  const page = (items: readonly unknown[]) => ({ items, next: null });
  switch (route) {
    case 'GET /v1/roles':
      return page(ROLES);
    case 'GET /v1/groups':
      return page(GROUPS);
    case 'GET /v1/role-assignments':
      return page([
        {
          ...{ id: 'a1', subject: { kind: 'group', id: 'g1' }, role: 'nurse', source: 'own' },
          ...{
            scope: { kind: 'mailbox', id: 'ward@clinic.test' },
            createdAt: at(9_000),
            expiresAt: at(-90_000),
          },
        },
      ]);
    case 'POST /v1/access/explain':
      return {
        allowed: false,
        reasons: [
          {
            ...{ code: 'other-scope', role: 'nurse', via: 'group', group: { id: 'g1', name: 'Ward 3' } },
            ...{ assignment: 'a1', scope: { kind: 'mailbox', id: 'ward@clinic.test' }, until: null },
            organisation: null,
          },
        ],
      };
    case 'GET /v1/access/unused':
      return {
        countedSince: '2026-09-01',
        items: [
          {
            identity: session.identity,
            memberSince: at(900_000),
            held: 12,
            unused: ['keys:rotate', 'audit:read'],
          },
        ],
        next: null,
      };
    default:
      return /^GET \/v1\/groups\/[^/]+\/members$/.test(route)
        ? page([{ ...session.identity, since: at(5_000) }])
        : undefined;
  }
}

const held = (...permissions: AccessRole['permissions'][number]['permission'][]) =>
  permissions.map((permission) => ({ permission, stopped: null }));

const ROLES: readonly AccessRole[] = [
  {
    ...{ id: 'nurse', kind: 'ready', name: null, description: '', careOnly: true },
    permissions: held('messages:send', 'messages:read', 'messages:read-content', 'break-glass:use'),
  },
  {
    ...{ id: 'auditor', kind: 'ready', name: null, description: '', careOnly: false },
    permissions: [
      ...held('audit:read'),
      { permission: 'audit:export', stopped: { code: 'guardrail', organisation: 'o' } },
    ],
  },
  {
    ...{ id: 'r1', kind: 'own', name: 'Night desk', description: 'Looks after what is held at night.' },
    careOnly: false,
    permissions: held('messages:read', 'messages:cancel'),
  },
];

const GROUPS: readonly AccessGroup[] = [
  { id: 'g1', name: 'Ward 3', source: 'own', members: 1, createdAt: at(90_000) },
  { id: 'g2', name: 'Physicians', source: 'scim', members: 40, createdAt: at(90_000) },
];
