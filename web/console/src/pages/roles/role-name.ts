import type { AccessRole } from '../../api-types.ts';
import { readyRoleText } from '../../text/roles.ts';

/** What people call a role: words of ours for a ready one, its own name for another. */
export function roleName(id: string, roles: readonly AccessRole[] | undefined): string {
  return readyRoleText[id]?.name ?? roles?.find((role) => role.id === id)?.name ?? id;
}

export function roleHint(role: AccessRole): string {
  return role.kind === 'ready' ? (readyRoleText[role.id]?.hint ?? '') : role.description;
}
