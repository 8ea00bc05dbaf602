import { Tick } from '../../parts/field.tsx';
import { permissionText } from '../../text/administration.ts';

/** Everyday permissions first, the operator's last. */
const ORDER = Object.keys(permissionText);

/** Which of these permissions are given. */
export function PermissionTicks({
  legend,
  possible,
  chosen,
  onChange,
}: {
  legend: string;
  possible: readonly string[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}) {
  const sorted = possible.toSorted((one, other) => ORDER.indexOf(one) - ORDER.indexOf(other));
  const toggle = (permission: string) => {
    const next = new Set(chosen);
    if (!next.delete(permission)) next.add(permission);
    onChange(next);
  };
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1 font-medium">{legend}</legend>
      {sorted.map((permission) => (
        <Tick
          key={permission}
          label={permissionText[permission] ?? permission}
          checked={chosen.has(permission)}
          onChange={() => toggle(permission)}
        />
      ))}
    </fieldset>
  );
}
