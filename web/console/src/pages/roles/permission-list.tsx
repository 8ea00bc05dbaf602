import type { ReactNode } from 'react';
import { permissionText } from '../../text/administration.ts';
import { PERMISSION_GROUPS } from '../../text/roles.ts';

/** These permissions in plain words, under the headings that people look for them. */
export function PermissionList({
  permissions,
  note,
}: {
  permissions: readonly string[];
  /** What is to be said beside one. */
  note?: (permission: string) => ReactNode;
}) {
  const wanted = new Set(permissions);
  return (
    <dl className="mt-2 grid gap-x-8 gap-y-3 sm:grid-cols-2">
      {PERMISSION_GROUPS.map((group) => ({
        title: group.title,
        mine: group.permissions.filter((permission) => wanted.has(permission)),
      }))
        .filter(({ mine }) => mine.length > 0)
        .map(({ title, mine }) => (
          <div key={title}>
            <dt className="font-medium">{title}</dt>
            {mine.map((permission) => (
              <dd key={permission}>
                {permissionText[permission] ?? permission}
                {note?.(permission)}
              </dd>
            ))}
          </div>
        ))}
    </dl>
  );
}
