import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ClipboardCheck } from 'lucide-react';
import { openReview, type ReviewSummary, reviewStandingQuery, reviewsQuery } from '../../data/audit.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { auditPages as words } from '../../text/audit.ts';
import { AuditNav } from './audit-nav.tsx';

/** The reviews of the log, and the way into the next one. */
export function AuditReviewsPage() {
  const reviews = useQuery(reviewsQuery);
  return (
    <Page title={words.reviewsTitle} lead={words.reviewsLead}>
      <AuditNav />
      <Standing />
      {reviews.isPending && <RowsSkeleton rows={3} label={words.loading} />}
      {reviews.isError && <Failure error={reviews.error} retry={() => void reviews.refetch()} />}
      {reviews.data?.items.length === 0 && <Empty icon={<ClipboardCheck />} title={words.noReviews} />}
      {reviews.data && reviews.data.items.length > 0 && (
        <ul className="border-t border-line">
          {reviews.data.items.map((one) => (
            <Row key={one.id} review={one} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Row({ review }: { review: ReviewSummary }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-6 gap-y-1 border-b border-line py-3">
      <Link to="/audit/reviews/$id" params={{ id: review.id }} className="link font-medium">
        {words.range(review.from, review.to)}
      </Link>
      <p className="text-ink-2">
        {review.closedAt === null ? (
          <>
            {words.openSince} <When time={review.openedAt} /> {words.by} {review.openedBy}
          </>
        ) : (
          <>
            {words.closed} <When time={review.closedAt} /> {words.by} {review.closedBy}
          </>
        )}
      </p>
      {review.onlySelf && <p className="basis-full text-held">{words.onlySelf}</p>}
    </li>
  );
}

function Standing() {
  const standing = useQuery(reviewStandingQuery);
  const may = useMay('audit:review');
  const navigate = useNavigate();
  const client = useQueryClient();
  const begin = useMutation({
    mutationFn: openReview,
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: reviewsQuery.queryKey });
      await navigate({ to: '/audit/reviews/$id', params: { id } });
    },
  });
  if (standing.isError) return <Failure error={standing.error} retry={() => void standing.refetch()} />;
  if (!standing.data) return <RowsSkeleton rows={1} label={words.loading} />;
  const { overdue, dueAt, waiting, open } = standing.data;
  return (
    <>
      {overdue && <Notice tone="held">{words.overdue}</Notice>}
      <p>
        {words.waiting(waiting)}{' '}
        {dueAt !== null && (
          <>
            {words.dueAt}: <When time={dueAt} />
          </>
        )}
      </p>
      {may && (
        <div>
          {open === null ? (
            <Button
              kind="primary"
              busy={begin.isPending}
              disabled={waiting === 0}
              onClick={() => begin.mutate()}
            >
              {words.begin}
            </Button>
          ) : (
            <Link to="/audit/reviews/$id" params={{ id: open }} className={buttonClass('primary')}>
              {words.goOn}
            </Link>
          )}
        </div>
      )}
      <ActFailure error={begin.error} />
    </>
  );
}
