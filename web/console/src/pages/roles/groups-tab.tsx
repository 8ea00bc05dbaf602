import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { UsersRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { AccessGroup } from '../../api-types.ts';
import { createGroup, groupsQuery, removeGroup } from '../../data/roles.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure, fieldError } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { rolesText as words } from '../../text/roles.ts';
import { AssignmentList } from './assignment-list.tsx';
import { GroupMembers } from './group-members.tsx';

/** Groups: who is in them and what they give. */
export function GroupsTab() {
  const may = useMay('roles:write');
  const groups = useQuery(groupsQuery);
  const [making, setMaking] = useState(false);
  const make = may && <Button onClick={() => setMaking(true)}>{words.groupCreate}</Button>;
  if (groups.isPending) return <RowsSkeleton rows={3} label={words.loading} />;
  if (groups.isError) return <Failure error={groups.error} retry={() => void groups.refetch()} />;
  return (
    <div className="flex flex-col gap-3">
      {groups.data.items.length === 0 ? (
        <Empty icon={<UsersRound />} title={words.groupsNone} action={make}>
          {words.groupsNoneLead}
        </Empty>
      ) : (
        <>
          <div>{make}</div>
          <ul className="border-t border-line">
            {groups.data.items.map((group) => (
              <GroupRow key={group.id} group={group} may={may} />
            ))}
          </ul>
        </>
      )}
      <Dialog open={making} onOpenChange={setMaking} title={words.groupCreate}>
        <NewGroup onClose={() => setMaking(false)} />
      </Dialog>
    </div>
  );
}

function GroupRow({ group, may }: { group: AccessGroup; may: boolean }) {
  const own = group.source === 'own';
  const [open, setOpen] = useState(false);
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-64">
        <p className="font-medium [overflow-wrap:anywhere]">{group.name}</p>
        {!own && <p className="text-ink-2">{words.keptByDirectory(group.source)}</p>}
      </div>
      <p className="text-ink-2">{words.members(group.members)}</p>
      {may && own && <Remove group={group} />}
      <details className="basis-full" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="cursor-pointer text-ink-2">{words.open}</summary>
        {open && (
          <div className="mt-3 grid gap-6 lg:grid-cols-2">
            <GroupMembers group={group} may={may && own} />
            <AssignmentList subject={{ kind: 'group', id: group.id }} may={may} none={words.rolesNone} />
          </div>
        )}
      </details>
    </li>
  );
}

function NewGroup({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: () => createGroup(name.trim()),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: groupsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={create.error} />
      <TextField
        label={words.name}
        required
        maxLength={100}
        value={name}
        error={fieldError(create.error, 'name')}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={create.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

function Remove({ group }: { group: AccessGroup }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeGroup(group.id),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries();
    },
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={words.groupRemoveTitle(group.name)}
        description={words.groupRemoveLead}
      >
        <ActFailure error={remove.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            {words.remove}
          </Button>
        </div>
      </Dialog>
    </>
  );
}
