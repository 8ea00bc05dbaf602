import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SessionEntry } from '../api-types.ts';
import { signOutElsewhere } from '../data/access-rules.ts';
import { endSession, sessionsQuery } from '../data/administration.ts';
import { Button } from '../parts/button.tsx';
import { RowsSkeleton } from '../parts/empty.tsx';
import { ActFailure, Failure } from '../parts/failure.tsx';
import { Page } from '../parts/page.tsx';
import { settingsText } from '../text/administration.ts';
import { SessionFacts } from './sessions/session-facts.tsx';

const words = settingsText.sessions;

export function SessionsPage() {
  const sessions = useQuery(sessionsQuery);
  return (
    <Page title={words.title} lead={words.lead}>
      {sessions.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {sessions.isError && <Failure error={sessions.error} retry={() => void sessions.refetch()} />}
      {sessions.data && sessions.data.items.length > 1 && <EndOthers />}
      {sessions.data && (
        <ul className="border-t border-line">
          {sessions.data.items.map((session) => (
            <SessionRow key={session.id} session={session} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function EndOthers() {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: signOutElsewhere,
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <div className="mb-4">
      <Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>
        {words.endOthers}
      </Button>
      <ActFailure error={end.error} />
    </div>
  );
}

function SessionRow({ session }: { session: SessionEntry }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endSession(session.id),
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-6 gap-y-1 border-b border-line py-3">
      <SessionFacts session={session} title={session.current ? words.current : words.other} />
      {!session.current && (
        <Button
          kind="danger"
          busy={end.isPending}
          aria-label={words.endLabel(session.address ?? words.other)}
          onClick={() => end.mutate()}
        >
          {words.end}
        </Button>
      )}
      <ActFailure error={end.error} />
    </li>
  );
}
