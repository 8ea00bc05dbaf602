import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Member } from '../../api-types.ts';
import { MEMBERS } from '../../data/members.ts';
import { rolesQuery, setMemberRoles } from '../../data/roles.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Tick } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { rolesText as words } from '../../text/roles.ts';
import { AssignmentList } from '../roles/assignment-list.tsx';
import { roleHint, roleName } from '../roles/role-name.ts';

/** Changes what a person holds: direct roles, and roles for one thing or a time. */
export function ChangeRoles({ member }: { member: Member }) {
  const [open, setOpen] = useState(false);
  const may = useMay('roles:write');
  const { displayName, id } = member.identity;
  return (
    <>
      <Button onClick={() => setOpen(true)}>{words.changeRoles}</Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.changeRolesTitle(displayName)} wide>
        <Form member={member} onClose={() => setOpen(false)} />
        <AssignmentList subject={{ kind: 'identity', id }} may={may} none={words.nothing} />
      </Dialog>
    </>
  );
}

function Form({ member, onClose }: { member: Member; onClose: () => void }) {
  const roles = useQuery(rolesQuery);
  const [chosen, setChosen] = useState<readonly string[]>(member.roles);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => setMemberRoles(member.identity.id, chosen),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: MEMBERS });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  if (roles.isPending) return <RowsSkeleton rows={4} label={words.loading} />;
  if (roles.isError) return <Failure error={roles.error} retry={() => void roles.refetch()} />;
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <ActFailure error={save.error} />
      {roles.data.items.map((role) => (
        <Tick
          key={role.id}
          label={roleName(role.id, roles.data.items)}
          hint={roleHint(role)}
          checked={chosen.includes(role.id)}
          onChange={(event) =>
            setChosen(event.target.checked ? [...chosen, role.id] : chosen.filter((one) => one !== role.id))
          }
        />
      ))}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}
