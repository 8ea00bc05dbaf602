import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { MappedGroup } from '../../api-types.ts';
import { mappingsQuery, setRoles } from '../../data/provisioning.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { provisioningText as words } from '../../text/provisioning.ts';
import { roleName as readyName } from '../roles/role-name.ts';

const ROLES: readonly string[] = [
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
];

type GroupRole = MappedGroup['roles'][number];

function roleName({ role, name, scope }: GroupRole): string {
  const called = name ?? readyName(role, undefined);
  return scope === null ? called : words.scoped(called, scope.kind, scope.id);
}

export function MappingRow({ group, may }: { group: MappedGroup; may: boolean }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-2 border-b border-line py-3">
      <p className="min-w-0 flex-1 basis-48 font-medium [overflow-wrap:anywhere]">
        {group.name}
        <span className="block font-normal text-ink-2">{words.members(group.members)}</span>
      </p>
      <p className="min-w-0 flex-1 basis-64 [overflow-wrap:anywhere]">
        {group.roles.length === 0 ? (
          <span className="text-ink-2">{words.noRoles}</span>
        ) : (
          group.roles.map(roleName).join(', ')
        )}
      </p>
      {may && <SetRoles group={group} />}
    </li>
  );
}

/** Ready roles; what is narrower or the organisation's own stays as it is, and is given on the page of roles. */
function SetRoles({ group }: { group: MappedGroup }) {
  const everywhere = group.roles.flatMap(({ role, scope }) => (scope === null ? [role] : []));
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(everywhere));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const kept = group.roles.filter(({ role, scope }) => scope !== null || !ROLES.includes(role));
      const given = ROLES.filter((role) => chosen.has(role)).map((role) => ({
        role,
        scope: null,
        name: null,
      }));
      return setRoles(group.id, [...kept, ...given]);
    },
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: mappingsQuery.queryKey });
    },
  });
  const toggle = (role: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(role);
    else next.delete(role);
    setChosen(next);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.setRoles}</Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={words.rolesTitle(group.name)}
        description={words.rolesLead}
      >
        <form onSubmit={submit} className="flex flex-col gap-3">
          {ROLES.map((role) => (
            <Tick
              key={role}
              label={readyName(role, undefined)}
              checked={chosen.has(role)}
              onChange={(event) => toggle(role, event.target.checked)}
            />
          ))}
          <ActFailure error={save.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={save.isPending}>
              {words.save}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
