import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { UserPlus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Member } from '../api-types.ts';
import { foundMembersQuery, MEMBERS, memberPagesQuery, removeMember } from '../data/members.ts';
import { rolesQuery } from '../data/roles.ts';
import { useMay, useSession } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { RowsSkeleton } from '../parts/empty.tsx';
import { ActFailure, Failure } from '../parts/failure.tsx';
import { TextField } from '../parts/field.tsx';
import { Page } from '../parts/page.tsx';
import { When } from '../parts/when.tsx';
import { settingsText } from '../text/administration.ts';
import { common } from '../text/common.ts';
import { peopleText as find } from '../text/people.ts';
import { ChangeRoles } from './people/change-roles.tsx';
import { foundWords } from './people/found-words.ts';
import { InvitePerson } from './people/invite-person.tsx';
import { RestoreAccess } from './people/restore-access.tsx';
import { roleName } from './roles/role-name.ts';

const words = settingsText.people;

export function PeoplePage() {
  const may = useMay('members:write');
  const [text, setText] = useState('');
  const [inviting, setInviting] = useState(false);
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        may && (
          <Button
            kind="primary"
            icon={<UserPlus aria-hidden="true" className="size-4" />}
            onClick={() => setInviting(true)}
          >
            {words.invite}
          </Button>
        )
      }
    >
      <PeopleSearch text={text} onSearch={setText} />
      {text === '' ? <Everybody may={may} /> : <Found text={text} may={may} />}
      <InvitePerson open={inviting} onOpenChange={setInviting} />
    </Page>
  );
}

/** What is typed is posted when the form is sent; it stands in no address. */
function PeopleSearch({ text, onSearch }: { text: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(typed.trim());
  };
  const clear = () => {
    setTyped('');
    onSearch('');
  };
  return (
    <form onSubmit={submit} autoComplete="off" className="no-print flex flex-wrap items-end gap-3">
      <div className="w-80 max-w-full phone:w-full">
        <TextField
          label={find.search}
          maxLength={320}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </div>
      <Button type="submit">{find.show}</Button>
      {text !== '' && (
        <Button kind="quiet" onClick={clear}>
          {find.showAll}
        </Button>
      )}
    </form>
  );
}

function Everybody({ may }: { may: boolean }) {
  const members = useInfiniteQuery(memberPagesQuery);
  return (
    <>
      {members.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {members.isError && <Failure error={members.error} retry={() => void members.refetch()} />}
      {members.data && <MemberList members={members.data.pages.flatMap(({ items }) => items)} may={may} />}
      {members.hasNextPage && (
        <Button
          className="self-start"
          busy={members.isFetchingNextPage}
          onClick={() => void members.fetchNextPage()}
        >
          {common.more}
        </Button>
      )}
    </>
  );
}

function Found({ text, may }: { text: string; may: boolean }) {
  const found = useQuery(foundMembersQuery(text));
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data || found.isPlaceholderData) return <RowsSkeleton rows={3} label={find.searching} />;
  return (
    <>
      <p role="status" className="text-ink-2">
        {foundWords(found.data)}
      </p>
      {found.data.items.length > 0 && <MemberList members={found.data.items} may={may} />}
    </>
  );
}

function MemberList({ members, may }: { members: readonly Member[]; may: boolean }) {
  return (
    <ul className="border-t border-line">
      {members.map((member) => (
        <MemberRow key={member.identity.id} member={member} may={may} />
      ))}
    </ul>
  );
}

function MemberRow({ member, may }: { member: Member; may: boolean }) {
  const mayRead = useMay('roles:read');
  const roles = useQuery({ ...rolesQuery, enabled: mayRead });
  const own = useSession()?.identity.id === member.identity.id;
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-64">
        <Link
          to="/settings/people/$id"
          params={{ id: member.identity.id }}
          className="link font-medium [overflow-wrap:anywhere]"
        >
          {member.identity.displayName}
        </Link>
        <p className="text-ink-2 [overflow-wrap:anywhere]">{member.identity.address}</p>
        <p className="text-ink-2">
          {words.since} <When time={member.createdAt} />
        </p>
        {!member.canSignIn && <p className="text-held">{words.pending}</p>}
      </div>
      <p className="basis-40">
        {member.roles.map((role) => roleName(role, roles.data?.items)).join(', ')}
        {member.bounded && <span className="block text-held">{words.bounded}</span>}
      </p>
      <p className="basis-44 text-ink-2 empty:phone:hidden">
        {member.factors.map((factor) => words.factorNames[factor] ?? factor).join(', ')}
      </p>
      {may && (
        <div className="flex flex-wrap gap-2 phone:basis-full md:w-56 md:justify-end">
          {mayRead && <ChangeRoles member={member} />}
          {!own && <Remove member={member} />}
          {!own && member.canSignIn && <RestoreAccess member={member} />}
        </div>
      )}
    </li>
  );
}

function Remove({ member }: { member: Member }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => removeMember(member.identity.id),
    onSuccess: () => client.invalidateQueries({ queryKey: MEMBERS }),
  });
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={words.removeTitle(member.identity.displayName)}
        description={words.removeLead}
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
