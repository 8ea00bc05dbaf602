import { useQuery } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import type { Member, SessionEntry } from '../../api-types.ts';
import { endMemberSession, endMemberSessions, memberSessionsQuery } from '../../data/member-sessions.ts';
import { useMay, useSession } from '../../data/session.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { settingsText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { memberSessionsText as words } from '../../text/member-sessions.ts';
import { SessionFacts } from '../sessions/session-facts.tsx';

/** Where somebody is signed in, and ending one session or all. */
export function MemberSessions({ member }: { member: Member }) {
  const { id, displayName } = member.identity;
  const sessions = useQuery(memberSessionsQuery(id));
  const may = useMay('sessions:end');
  const own = useSession()?.identity.id === id;
  if (sessions.isPending) return <RowsSkeleton rows={2} label={words.loading} />;
  if (sessions.isError) return <Failure error={sessions.error} retry={() => void sessions.refetch()} />;
  const { items } = sessions.data;
  if (items.length === 0)
    return (
      <Empty icon={<MonitorSmartphone />} title={words.none}>
        {words.noneLead}
      </Empty>
    );
  return (
    <div className="flex flex-col gap-4">
      <p className="prose-width text-ink-2">{words.lead}</p>
      {may && items.some(({ current }) => !current) && (
        <div>
          <Confirm
            label={words.endAll}
            title={words.endAllTitle(displayName)}
            lead={own ? words.endAllOwnLead : words.endAllLead}
            act={() => endMemberSessions(id)}
          />
        </div>
      )}
      <ul className="border-t border-line">
        {items.map((session) => (
          <Row key={session.id} session={session} member={member} may={may} />
        ))}
      </ul>
    </div>
  );
}

function Row({ session, member, may }: { session: SessionEntry; member: Member; may: boolean }) {
  const { id, displayName } = member.identity;
  const agent = session.agent ?? settingsText.sessions.unknownBrowser;
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-line py-3">
      <SessionFacts session={session} {...(session.current ? { title: words.current } : {})} />
      {may && !session.current && (
        <Confirm
          label={words.end}
          of={words.endOf(agent, session.address ?? common.none)}
          title={words.endTitle(displayName)}
          lead={words.endLead}
          act={() => endMemberSession(id, session.id)}
        />
      )}
    </li>
  );
}
