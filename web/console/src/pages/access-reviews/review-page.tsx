import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { AccessReviewItem } from '../../api-types.ts';
import { rolesQuery } from '../../data/roles.ts';
import { closeReview, decideItem, reviewItemsQuery, reviewsQuery } from '../../data/safeguards.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { DownloadLink } from '../../parts/download-link.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { permissionText } from '../../text/administration.ts';
import { common } from '../../text/common.ts';
import { reviewsText as words } from '../../text/safeguards.ts';
import { roleName } from '../roles/role-name.ts';
import { Usage } from './usage.tsx';

/** One campaign, line by line. */
export function ReviewPage() {
  const { id } = useParams({ from: '/app/settings/access-reviews/$id' });
  const may = useMay('access-reviews:decide');
  const review = useQuery(reviewsQuery).data?.items.find((one) => one.id === id);
  const items = useInfiniteQuery(reviewItemsQuery(id));
  const client = useQueryClient();
  const close = useMutation({
    mutationFn: () => closeReview(id),
    onSuccess: () => client.invalidateQueries({ queryKey: reviewsQuery.queryKey }),
  });
  const lines = items.data?.pages.flatMap((page) => page.items) ?? [];
  const open = review !== undefined && review.closedAt === null;
  return (
    <Page
      title={review?.name ?? words.title}
      lead={review && words.progress(review.decided, review.items, review.revoked)}
      actions={
        may &&
        open &&
        review.decided === review.items && (
          <Button kind="primary" busy={close.isPending} onClick={() => close.mutate()}>
            {words.close}
          </Button>
        )
      }
    >
      <p className="flex flex-wrap gap-x-4">
        <Link to="/settings/access-reviews" className="underline underline-offset-3">
          {words.back}
        </Link>
        {(['csv', 'json'] as const).map((format) => (
          <DownloadLink
            key={format}
            path={`/v1/access-reviews/${id}/report?format=${format}`}
            className="underline underline-offset-3"
          >
            {words[format]}
          </DownloadLink>
        ))}
      </p>
      <ActFailure error={close.error} />
      {items.isPending && <RowsSkeleton rows={4} label={words.linesLoading} />}
      {items.isError && <Failure error={items.error} retry={() => void items.refetch()} />}
      <ul className="border-t border-line">
        {lines.map((item) => (
          <ItemRow key={item.id} item={item} review={id} may={may && open} />
        ))}
      </ul>
      {items.hasNextPage && (
        <div>
          <Button busy={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
            {words.more}
          </Button>
        </div>
      )}
    </Page>
  );
}

function ItemRow({ item, review, may }: { item: AccessReviewItem; review: string; may: boolean }) {
  const [asking, setAsking] = useState(false);
  const roles = useQuery({ ...rolesQuery, enabled: useMay('roles:read') });
  const client = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: 'keep' | 'revoke') => decideItem(item.id, decision),
    onSuccess: async () => {
      setAsking(false);
      await client.invalidateQueries({ queryKey: reviewItemsQuery(review).queryKey });
      await client.invalidateQueries({ queryKey: reviewsQuery.queryKey });
    },
  });
  const name = item.label === '' ? item.subject.slice(-8) : item.label;
  const machine = item.kind === 'service-account' || item.kind === 'api-key';
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72 [overflow-wrap:anywhere]">
        <p>
          <span className="font-medium">{name}</span>{' '}
          <span className="text-ink-2">{words.kinds[item.kind]}</span>
        </p>
        {!item.usage?.roles.length && (
          <p className="text-ink-2">
            {item.holds.map((one) => permissionText[one] ?? roleName(one, roles.data?.items)).join(' · ')}
          </p>
        )}
        {item.usage && <Usage usage={item.usage} />}
        {machine && item.person && (
          <p className="text-ink-2">
            {words.responsible} {item.person.label}
          </p>
        )}
      </div>
      <p className="text-ink-2">
        {item.lastUsedAt ? (
          <>
            {words.lastUsed} <When time={item.lastUsedAt} />
          </>
        ) : (
          words.neverUsed
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        {item.decision !== null && (
          <p>
            {item.decision === 'keep' ? words.kept : words.revoked}
            {item.decidedBy && ` ${words.by} ${item.decidedBy.label}`}
          </p>
        )}
        {item.decision === null && may && !item.mayDecide && <p className="text-ink-2">{words.own}</p>}
        {may && item.mayDecide && (
          <>
            <Button busy={decide.isPending} onClick={() => decide.mutate('keep')}>
              {words.keep}
            </Button>
            <Button kind="danger" onClick={() => setAsking(true)}>
              {words.revoke}
            </Button>
          </>
        )}
      </div>
      <div className="basis-full empty:hidden">{!asking && <ActFailure error={decide.error} />}</div>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title={words.revokeTitle(name)}
        description={words.revokeLead}
      >
        <ActFailure error={decide.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>{common.cancel}</Button>
          <Button kind="danger" busy={decide.isPending} onClick={() => decide.mutate('revoke')}>
            {words.revoke}
          </Button>
        </div>
      </Dialog>
    </li>
  );
}
