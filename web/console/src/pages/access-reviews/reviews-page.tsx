import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ClipboardCheck } from 'lucide-react';
import type { AccessReview } from '../../api-types.ts';
import { reviewsQuery } from '../../data/safeguards.ts';
import { useMay } from '../../data/session.ts';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { reviewsText as words } from '../../text/safeguards.ts';
import { OpenReview } from './open-review.tsx';

/** Campaigns of access reviews, newest first. */
export function ReviewsPage() {
  const may = useMay('access-reviews:decide');
  const reviews = useQuery(reviewsQuery);
  return (
    <Page title={words.title} lead={words.lead} actions={may && <OpenReview />}>
      {reviews.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {reviews.isError && <Failure error={reviews.error} retry={() => void reviews.refetch()} />}
      {reviews.data?.items.length === 0 && (
        <Empty icon={<ClipboardCheck />} title={words.none}>
          {words.noneLead}
        </Empty>
      )}
      {reviews.data && reviews.data.items.length > 0 && (
        <ul className="border-t border-line">
          {reviews.data.items.map((one) => (
            <ReviewRow key={one.id} one={one} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function ReviewRow({ one }: { one: AccessReview }) {
  const mark = one.closedAt !== null ? words.closed : one.overdue ? words.overdue : null;
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
        <Link
          to="/settings/access-reviews/$id"
          params={{ id: one.id }}
          className="font-medium underline underline-offset-3"
        >
          {one.name}
        </Link>
        {mark && (
          <span
            className={`ml-2 rounded px-1.5 py-0.5 text-xs font-medium ${one.overdue ? 'bg-failed-soft text-failed' : 'bg-paper-3 text-ink-2'}`}
          >
            {mark}
          </span>
        )}
        <p className="text-ink-2">
          {words.audiences[one.audience]}
          {one.audienceId && `: ${one.audienceId}`} · {one.reviewers.map(({ label }) => label).join(', ')}
        </p>
      </div>
      <p>{words.progress(one.decided, one.items, one.revoked)}</p>
      <p className="text-ink-2">
        {words.due} <When time={one.dueAt} />
      </p>
    </li>
  );
}
