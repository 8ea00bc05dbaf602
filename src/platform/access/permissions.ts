import { type Caller, PERMISSIONS, type Permission } from '#core/actor';
import { Refusal } from '#core/errors';

/** The ready roles of an organisation. What each may do is the whole of ROLE_PERMISSIONS. */
export const ROLES = ['administrator', 'sender', 'lowering-sender', 'auditor', 'compliance-officer'] as const;
export type Role = (typeof ROLES)[number];

const OPERATOR_ONLY: readonly Permission[] = ['installation:operate'];

const SENDER: readonly Permission[] = [
  'messages:send',
  'messages:read',
  'messages:read-content',
  'messages:cancel',
  'organisation:read',
  'sandbox:read',
  'recipients:read',
  'recipients:manage',
];

const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  administrator: PERMISSIONS.filter((permission) => !OPERATOR_ONLY.includes(permission)),
  sender: SENDER,
  // Opting a message down is a right of its own, given to single people (SL-10).
  'lowering-sender': [...SENDER, 'messages:lower'],
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

/** Of the two doors that read a caller's permissions, the one that ends a request. Throws Refusal `not-permitted`. */
export function requireAccess(caller: Caller, permission: Permission): void {
  if (!hasAccess(caller, permission)) throw new Refusal('not-permitted', { permission });
}

/** Whether the caller holds a permission that changes what an act does, and not whether it may be done at all. */
export function hasAccess(caller: Caller, permission: Permission): boolean {
  return caller.permissions.has(permission);
}

/** Nobody can give what they do not hold: Refusal `not-permitted` naming the first permission that is too much. */
export function requireGrantable(caller: Caller, wanted: readonly Permission[]): void {
  for (const permission of wanted) requireAccess(caller, permission);
}
