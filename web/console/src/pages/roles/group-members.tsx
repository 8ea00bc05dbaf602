import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AccessGroup } from '../../api-types.ts';
import { addToGroup, groupMembersQuery, groupsQuery, takeOutOfGroup } from '../../data/roles.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { rolesText as words } from '../../text/roles.ts';
import { PersonChooser } from '../people/person-chooser.tsx';

/** Who is in a group, and bringing people in and out. */
export function GroupMembers({ group, may }: { group: AccessGroup; may: boolean }) {
  const members = useQuery(groupMembersQuery(group.id));
  const client = useQueryClient();
  const renew = async () => {
    await client.invalidateQueries({ queryKey: groupMembersQuery(group.id).queryKey });
    await client.invalidateQueries({ queryKey: groupsQuery.queryKey });
  };
  const takeOut = useMutation({
    mutationFn: (identity: string) => takeOutOfGroup(group.id, identity),
    onSuccess: renew,
  });
  const inside = members.data?.items ?? [];
  return (
    <div className="flex flex-col gap-2">
      <h2 className="font-medium">{words.membersTitle}</h2>
      {members.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {members.isError && <Failure error={members.error} retry={() => void members.refetch()} />}
      <ActFailure error={takeOut.error} />
      {members.data && inside.length === 0 && <p className="text-ink-2">{words.membersNone}</p>}
      <ul>
        {inside.map((member) => (
          <li key={member.id} className="flex flex-wrap items-center gap-3 py-1">
            <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{member.displayName}</span>
            {may && (
              <Button
                aria-label={words.takeOutLabel(member.displayName)}
                onClick={() => takeOut.mutate(member.id)}
              >
                {words.takeOut}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {may && members.data && (
        <AddMember group={group.id} inside={inside.map(({ id }) => id)} onAdded={renew} />
      )}
    </div>
  );
}

function AddMember(props: { group: string; inside: readonly string[]; onAdded: () => Promise<void> }) {
  const [identity, setIdentity] = useState('');
  const add = useMutation({
    mutationFn: () => addToGroup(props.group, identity),
    onSuccess: async () => {
      setIdentity('');
      await props.onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (identity !== '') add.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <PersonChooser label={words.addMember} value={identity} onChange={setIdentity} without={props.inside} />
      <Button type="submit" busy={add.isPending}>
        {words.add}
      </Button>
      <ActFailure error={add.error} />
    </form>
  );
}
