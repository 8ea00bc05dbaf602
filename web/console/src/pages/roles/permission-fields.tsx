import { Tick } from '../../parts/field.tsx';
import { permissionText } from '../../text/administration.ts';
import { PERMISSION_GROUPS } from '../../text/roles.ts';

/** Every permission with a tick, under the headings that people look for them. */
export function PermissionFields({
  chosen,
  onChange,
  closed,
}: {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
  /** Why this one cannot be changed; null where it can. */
  closed: (permission: string) => string | null;
}) {
  const toggle = (permission: string) => {
    const next = new Set(chosen);
    if (!next.delete(permission)) next.add(permission);
    onChange(next);
  };
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      {PERMISSION_GROUPS.map(({ title, permissions }) => (
        <fieldset key={title} className="flex flex-col gap-2">
          <legend className="mb-1 font-medium">{title}</legend>
          {permissions.map((permission) => {
            const why = closed(permission);
            return (
              <Tick
                key={permission}
                label={permissionText[permission] ?? permission}
                {...(why === null ? {} : { hint: why })}
                disabled={why !== null}
                checked={chosen.has(permission)}
                onChange={() => toggle(permission)}
              />
            );
          })}
        </fieldset>
      ))}
    </div>
  );
}
