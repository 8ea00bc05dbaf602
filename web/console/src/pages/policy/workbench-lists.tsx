import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { draftsQuery, replaysQuery } from '../../data/policy-workbench.ts';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { workbenchText as words } from '../../text/policy-workbench.ts';

const ROW = 'flex flex-wrap items-baseline gap-x-4 gap-y-1 border-b border-line py-2';

/** Policies that are being written. */
export function DraftList() {
  const drafts = useQuery(draftsQuery);
  return (
    <Section title={words.drafts}>
      <p className="text-ink-2">{words.draftsLead}</p>
      {drafts.isPending && <RowsSkeleton rows={1} label={words.draftsLoading} />}
      {drafts.isError && <Failure error={drafts.error} retry={() => void drafts.refetch()} />}
      {drafts.data?.items.length === 0 && <p className="text-ink-2">{words.noDrafts}</p>}
      {drafts.data && drafts.data.items.length > 0 && (
        <ul className="border-t border-line">
          {drafts.data.items.map((draft) => (
            <li key={draft.id} className={ROW}>
              <Link
                to="/settings/policy/drafts/$id"
                params={{ id: draft.id }}
                className="font-medium underline [overflow-wrap:anywhere]"
              >
                {draft.name}
              </Link>
              <span className="text-ink-2">
                {words.draftFrom(draft.baseVersion)}, {words.changedBy(draft.changedBy.label)},{' '}
                <When time={draft.changedAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

/** What was tried of late. */
export function ReplayList() {
  const replays = useQuery(replaysQuery);
  return (
    <Section title={words.replays}>
      {replays.isPending && <RowsSkeleton rows={1} label={words.replayLoading} />}
      {replays.isError && <Failure error={replays.error} retry={() => void replays.refetch()} />}
      {replays.data?.items.length === 0 && <p className="text-ink-2">{words.noReplays}</p>}
      {replays.data && replays.data.items.length > 0 && (
        <ul className="border-t border-line">
          {replays.data.items.map((one) => (
            <li key={one.id} className={ROW}>
              <Link
                to="/settings/policy/replays/$id"
                params={{ id: one.id }}
                className="font-medium underline"
              >
                <When time={one.createdAt} />
              </Link>
              <span>{words.states[one.state]}</span>
              <span className="text-ink-2">{words.replayLine(one.days, one.decisions, one.changed)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
