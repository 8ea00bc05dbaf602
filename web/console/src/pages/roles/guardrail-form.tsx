import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { GuardrailRules, Permission } from '../../api-types.ts';
import { saveGuardrails } from '../../data/limits.ts';
import { rolesQuery } from '../../data/roles.ts';
import { useSession } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { limitsText as words } from '../../text/limits.ts';
import { rolesText } from '../../text/roles.ts';
import { PermissionFields } from './permission-fields.tsx';
import { roleName } from './role-name.ts';

type Caps = Readonly<Record<string, ReadonlySet<string>>>;
const OTHER = '(other)';

/** What nobody below may hold, and caps by role name. What the reader does not hold cannot be loosened. */
export function GuardrailForm({ rules, onClose }: { rules: GuardrailRules; onClose: () => void }) {
  const [denied, setDenied] = useState<ReadonlySet<string>>(() => new Set(rules.denied));
  const [caps, setCaps] = useState<Caps>(() =>
    Object.fromEntries(Object.entries(rules.caps).map(([role, most]) => [role, new Set(most)])),
  );
  const held = new Set<string>(useSession()?.permissions);
  const roles = useQuery(rolesQuery);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveGuardrails(written(denied, caps)),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-5">
      <ActFailure error={save.error} />
      <PermissionFields
        chosen={denied}
        onChange={setDenied}
        closed={(one) =>
          rules.denied.some((before) => before === one) && !held.has(one) ? words.notYours : null
        }
      />
      <section className="flex flex-col gap-4 border-t border-line pt-4">
        <h3 className="font-medium">{words.caps}</h3>
        <p className="text-ink-2">{words.capsLead}</p>
        {Object.entries(caps).map(([role, most]) => (
          <details key={role} open={rules.caps[role] === undefined}>
            <summary className="cursor-pointer font-medium">
              {words.cap(roleName(role, roles.data?.items))} …
            </summary>
            <div className="mt-3 flex flex-col gap-3">
              <PermissionFields
                chosen={most}
                onChange={(next) => setCaps({ ...caps, [role]: next })}
                closed={(one) =>
                  rules.caps[role]?.some((before) => before === one) === false && !held.has(one)
                    ? words.notYours
                    : null
                }
              />
              <Button
                kind="danger"
                className="self-start"
                onClick={() =>
                  setCaps(Object.fromEntries(Object.entries(caps).filter(([name]) => name !== role)))
                }
              >
                {words.capRemove(roleName(role, roles.data?.items))}
              </Button>
            </div>
          </details>
        ))}
        <AddCap
          taken={Object.keys(caps)}
          onAdd={(role, most) => setCaps({ ...caps, [role]: new Set(most) })}
        />
      </section>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

function written(denied: ReadonlySet<string>, caps: Caps): GuardrailRules {
  const list = (chosen: ReadonlySet<string>) => [...chosen] as Permission[];
  return {
    denied: list(denied),
    caps: Object.fromEntries(Object.entries(caps).map(([role, most]) => [role, list(most)])),
  };
}

/** A cap begins with what the role gives today, where it is known here. */
function AddCap(props: { taken: readonly string[]; onAdd: (role: string, most: readonly string[]) => void }) {
  const roles = useQuery(rolesQuery);
  const [role, setRole] = useState('');
  const [other, setOther] = useState('');
  const items = roles.data?.items ?? [];
  const nameOf = (one: (typeof items)[number]) => (one.name ?? one.id).toLowerCase();
  const free = items.filter((one) => !props.taken.includes(nameOf(one)));
  const name = role === OTHER ? other.trim().toLowerCase() : role;
  const add = () => {
    const known = items.find((one) => nameOf(one) === name);
    props.onAdd(name, known?.permissions.map(({ permission }) => permission) ?? []);
    setRole('');
    setOther('');
  };
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Choice
        label={words.capRole}
        value={role}
        onChange={(event) => setRole(event.target.value)}
        choices={[
          { value: '', label: rolesText.choose },
          ...free.map((one) => ({ value: nameOf(one), label: roleName(one.id, items) })),
          { value: OTHER, label: words.capOther },
        ]}
      />
      {role === OTHER && (
        <TextField
          label={words.capName}
          maxLength={60}
          value={other}
          onChange={(event) => setOther(event.target.value)}
        />
      )}
      <Button disabled={name === '' || props.taken.includes(name)} onClick={add}>
        {words.capAdd}
      </Button>
    </div>
  );
}
