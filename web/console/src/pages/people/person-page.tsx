import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Member } from '../../api-types.ts';
import { namedMembersQuery } from '../../data/members.ts';
import { useMay } from '../../data/session.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { settingsText } from '../../text/administration.ts';
import { limitsText as words } from '../../text/limits.ts';
import { MemberRights } from './member-rights.tsx';
import { MemberSessions } from './member-sessions.tsx';

/** One person: what reaches them of their roles and what is cut, and where they are signed in. */
export function PersonPage() {
  const { id } = useParams({ from: '/app/settings/people/$id' });
  const members = useQuery(namedMembersQuery([id]));
  const member = members.data?.find((one) => one.identity.id === id);
  return (
    <Page title={member?.identity.displayName ?? settingsText.people.title} lead={member?.identity.address}>
      <p className="no-print">
        <Link to="/settings/people" className="link">
          {words.backToPeople}
        </Link>
      </p>
      {members.isPending && <RowsSkeleton rows={5} label={words.loading} />}
      {members.isError && <Failure error={members.error} retry={() => void members.refetch()} />}
      {members.data && member === undefined && <Notice>{words.nobody}</Notice>}
      {member !== undefined && <Parts member={member} />}
    </Page>
  );
}

function Parts({ member }: { member: Member }) {
  const [rights, sessions] = [useMay('roles:read'), useMay('sessions:read')];
  const tabs = [
    { may: rights, id: 'rights', label: words.rightsTab, content: <MemberRights member={member} /> },
    { may: sessions, id: 'sessions', label: words.sessionsTab, content: <MemberSessions member={member} /> },
  ].filter(({ may }) => may);
  if (tabs.length === 0) return <Notice>{words.neither}</Notice>;
  return <Tabs label={words.parts} tabs={tabs} />;
}
