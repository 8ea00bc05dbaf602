import { type Caller, PERMISSIONS, type Permission, type Scope } from '#core/actor';
import { Refusal } from '#core/errors';

/** The ready roles of an organisation. What each may do is the whole of ROLE_PERMISSIONS. */
export const ROLES = [
  'administrator',
  'sender',
  'lowering-sender',
  'auditor',
  'compliance-officer',
  'physician',
  'nurse',
  'billing',
  'front-desk',
  'marketing',
  'it-administrator',
  'integration',
] as const;
export type Role = (typeof ROLES)[number];

/** Belongs to the installation's operator: no role of an organisation can hold it. */
export const OPERATOR_ONLY: readonly Permission[] = ['installation:operate'];

/** All that roles, keys and bounds of an organisation can speak of. */
export const ORGANISATION_PERMISSIONS: readonly Permission[] = PERMISSIONS.filter(
  (permission) => !OPERATOR_ONLY.includes(permission),
);

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
  administrator: ORGANISATION_PERMISSIONS,
  sender: SENDER,
  // Opting a message down is a right of its own, given to single people (SL-10).
  'lowering-sender': [...SENDER, 'messages:lower'],
  physician: [...SENDER, 'break-glass:use', 'recipient-keys:read', 'certificates:read'],
  nurse: [...SENDER, 'break-glass:use'],
  // What billing writes it has itself; what others wrote, treatment above all, is not needed for payment (minimum necessary,
  // 45 CFR 164.502(b)). Who needs it for a mailbox of their own is given it for that mailbox.
  billing: SENDER.filter((permission) => permission !== 'messages:read-content'),
  'front-desk': [
    'messages:send',
    'organisation:read',
    'sandbox:read',
    'recipients:read',
    'recipients:manage',
  ],
  // Campaigns and segments come with their rooms; of single messages marketing sees nothing (45 CFR 164.502(b)).
  marketing: ['organisation:read', 'sandbox:read'],
  'it-administrator': [
    'organisation:read',
    'organisation:write',
    'members:read',
    'members:write',
    'roles:read',
    'sign-in:read',
    'sign-in:write',
    'access-rules:read',
    'access-rules:write',
    'sessions:read',
    'sessions:end',
    'api-keys:read',
    'api-keys:write',
    'policies:read',
    'certificates:read',
    'certificates:write',
    'alerts:read',
    'incidents:read',
    'sandbox:read',
  ],
  integration: ['messages:send', 'messages:read', 'organisation:read'],
  auditor: [
    'audit:export',
    'audit:review',
    'roles:read',
    'sign-in:read',
    'access-rules:read',
    'sessions:read',
    'access-reviews:read',
    'alerts:read',
    'incidents:read',
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
    'audit:export',
    'audit:review',
    'audit:settings',
    'roles:read',
    'sign-in:read',
    'access-rules:read',
    'sessions:read',
    'sessions:end',
    'break-glass:review',
    'access-reviews:read',
    'access-reviews:decide',
    'alerts:read',
    'alerts:write',
    'incidents:read',
    'incidents:manage',
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

/** Whose right to read content counts for their own messages and patients only, where the organisation wants that. */
const CARE_ONLY: readonly Role[] = ['physician', 'nurse'];

/** What a ready role holds, whatever an organisation has made of its own roles. */
export function readyRole(role: Role): {
  readonly permissions: readonly Permission[];
  readonly careOnly: boolean;
} {
  return { permissions: ROLE_PERMISSIONS[role], careOnly: CARE_ONLY.includes(role) };
}

export function readyRolesHolding(permission: Permission): Role[] {
  return ROLES.filter((role) => ROLE_PERMISSIONS[role].includes(permission));
}

export function isRole(text: string): text is Role {
  return ROLES.some((role) => role === text);
}

export function isPermission(text: string): text is Permission {
  return PERMISSIONS.some((permission) => permission === text);
}

/**
 * Of the doors that read a caller's permissions, the one that ends a request. With `scope` a permission held for that
 * thing alone is enough. Throws Refusal `not-permitted`.
 */
export function requireAccess(caller: Caller, permission: Permission, scope?: Scope): void {
  if (!hasAccess(caller, permission, scope)) throw new Refusal('not-permitted', { permission });
}

/** Whether the caller holds a permission, everywhere or for `scope`: for what changes an act and not whether it may be done. */
export function hasAccess(
  caller: Pick<Caller, 'permissions' | 'scoped'>,
  permission: Permission,
  scope?: Scope,
): boolean {
  if (caller.permissions.has(permission)) return true;
  if (scope === undefined) return false;
  const held = caller.scoped?.get(permission) ?? [];
  return held.some(({ kind, id }) => kind === scope.kind && id === scope.id);
}

/** For lists: `everywhere`, or the single things for which the permission is held (none: not at all). */
export function accessScopes(
  caller: Pick<Caller, 'permissions' | 'scoped'>,
  permission: Permission,
): 'everywhere' | readonly Scope[] {
  return caller.permissions.has(permission) ? 'everywhere' : (caller.scoped?.get(permission) ?? []);
}
