import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import { Refusal } from '#core/errors';

/** The ready roles of an organisation. What each may do is the whole of ROLE_PERMISSIONS. */
export const ROLES = ['administrator', 'sender', 'auditor', 'compliance-officer'] as const;
export type Role = (typeof ROLES)[number];

const OPERATOR_ONLY: readonly Permission[] = ['installation:operate'];

const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: PERMISSIONS.filter((permission) => !OPERATOR_ONLY.includes(permission)),
  sender: [
    'messages:send',
    'messages:read',
    'messages:read-content',
    'messages:cancel',
    'organisation:read',
    'sandbox:read',
    'recipients:read',
    'recipients:manage',
  ],
  auditor: [
    'messages:read',
    'policies:read',
    'api-keys:read',
    'audit:read',
    'members:read',
    'organisation:read',
    'recipients:read',
    'recipient-keys:read',
    'certificates:read',
  ],
  'compliance-officer': [
    'messages:read',
    'messages:read-content',
    'messages:cancel',
    'policies:read',
    'policies:write',
    'api-keys:read',
    'audit:read',
    'audit:resolve',
    'members:read',
    'organisation:read',
    'recipients:read',
    'recipients:manage',
    'recipient-keys:read',
    'recipient-keys:write',
    'certificates:read',
    'certificates:write',
  ],
};

export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

export function isPermission(text: string): text is Permission {
  return PERMISSIONS.some((permission) => permission === text);
}

/** What these roles may do in their organisation; an operator of the installation may also operate it. */
export function permissionsOf(roles: readonly string[], operator: boolean): ReadonlySet<Permission> {
  const held = new Set<Permission>(operator ? OPERATOR_ONLY : []);
  for (const role of roles) {
    if (isRole(role)) for (const permission of ROLE_PERMISSIONS[role]) held.add(permission);
  }
  return held;
}

/** The only door that reads a caller's permissions. Throws Refusal `not-permitted`. */
export function requireAccess(caller: Caller, permission: Permission): void {
  if (!caller.permissions.has(permission)) throw new Refusal('not-permitted', { permission });
}

/** Nobody can give what they do not hold: Refusal `not-permitted` naming the first permission that is too much. */
export function requireGrantable(caller: Caller, wanted: readonly Permission[]): void {
  for (const permission of wanted) requireAccess(caller, permission);
}
