import type { AccessRole } from '../../api-types.ts';
import { permissionText } from '../../text/administration.ts';
import { roleName } from '../roles/role-name.ts';

/** A value of a request, or several with commas, by the names of what they stand for where those are known. */
export function inWords(
  value: string,
  names: ReadonlyMap<string, string>,
  roles: readonly AccessRole[] | undefined,
): string {
  return value
    .split(', ')
    .map((one) => names.get(one) ?? permissionText[one] ?? roleName(one, roles))
    .join(', ');
}
