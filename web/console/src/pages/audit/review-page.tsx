import type { Schemas } from '@sealpost/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { AuditEntry } from '../../api-types.ts';
import { closeReview, markEntry, reviewQuery, reviewStandingQuery, reviewsQuery } from '../../data/audit.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextArea } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { auditPages as words } from '../../text/audit.ts';
import { actionWords } from './action-words.ts';
import { AuditNav } from './audit-nav.tsx';
import { EntryDialog } from './entry-dialog.tsx';

const route = getRouteApi('/app/audit/reviews/$id');
type Review = Schemas['AuditReview'];

/** One review: what stands out, counts, notes and its end. */
export function AuditReviewPage() {
  const { id } = route.useParams();
  const review = useQuery(reviewQuery(id));
  const may = useMay('audit:review');
  const { data } = review;
  return (
    <Page title={data ? words.range(data.from, data.to) : words.reviewsTitle}>
      <AuditNav />
      {review.isPending && <RowsSkeleton rows={6} label={words.loading} />}
      {review.isError && <Failure error={review.error} retry={() => void review.refetch()} />}
      {data && (
        <>
          {data.onlySelf && <Notice tone="held">{words.onlySelf}</Notice>}
          {data.statement !== null && (
            <Section title={words.statement}>
              <p className="prose-width whitespace-pre-wrap">{data.statement}</p>
            </Section>
          )}
          <Section title={words.standsOut}>
            <dl className="max-w-md">
              {Object.entries(words.reasons).map(([code, name]) => (
                <div key={code} className="flex justify-between gap-6 border-b border-line py-1">
                  <dt>{name}</dt>
                  <dd className="tabular">{data.standsOut[code as keyof typeof words.reasons] ?? 0}</dd>
                </div>
              ))}
            </dl>
          </Section>
          <Marked review={data} />
          <Shown review={data} may={may && data.closedAt === null} />
          <Counted review={data} />
          {may && data.closedAt === null && <Close id={data.id} />}
        </>
      )}
    </Page>
  );
}

function Marked({ review }: { review: Review }) {
  if (review.marks.length === 0) return null;
  return (
    <Section title={words.marks}>
      <ul className="flex flex-col gap-2">
        {review.marks.map((one) => (
          <li key={`${one.entry} ${one.madeAt}`}>
            <p className="whitespace-pre-wrap">{one.note}</p>
            <p className="text-ink-2">
              {one.by}, <When time={one.madeAt} />
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Shown({ review, may }: { review: Review; may: boolean }) {
  const [entry, setEntry] = useState<Review['shown'][number] | null>(null);
  const [opened, setOpened] = useState<AuditEntry | null>(null);
  if (review.shown.length === 0) return null;
  return (
    <Section title={words.entries}>
      <ul className="border-t border-line">
        {review.shown.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2">
            <div className="min-w-0 flex-1 basis-56">
              <button type="button" className="link text-left" onClick={() => setOpened(one.entry)}>
                {actionWords(one.entry.action)}
              </button>
              <p className="text-ink-2">
                {one.entry.actor.label}, <When time={one.entry.recordedAt} />, {words.entryNo(one.position)}
              </p>
            </div>
            <p className="basis-56 text-ink-2">{one.why.map((why) => words.reasons[why]).join('; ')}</p>
            {may && <Button onClick={() => setEntry(one)}>{words.mark}</Button>}
          </li>
        ))}
      </ul>
      <EntryDialog entry={opened} onClose={() => setOpened(null)} />
      {entry && <Note key={entry.id} review={review.id} entry={entry} onClose={() => setEntry(null)} />}
    </Section>
  );
}

function Note({
  review,
  entry,
  onClose,
}: {
  review: string;
  entry: Review['shown'][number];
  onClose: () => void;
}) {
  const [note, setNote] = useState('');
  const client = useQueryClient();
  const mark = useMutation({
    mutationFn: () => markEntry(review, entry.id, note.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: reviewQuery(review).queryKey });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    mark.mutate();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={words.noteTitle(entry.position)}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextArea
          label={words.note}
          required
          maxLength={2000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
        <ActFailure error={mark.error} />
        <div className="flex justify-end">
          <Button type="submit" kind="primary" busy={mark.isPending}>
            {words.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Counted({ review }: { review: Review }) {
  return (
    <Section title={words.counts}>
      <div className="overflow-x-auto">
        <table className="w-full text-left">
          <thead>
            <tr className="border-b border-line text-ink-2">
              <th scope="col" className="py-1 font-medium">
                {words.act}
              </th>
              <th scope="col" className="py-1 pl-4 text-right font-medium">
                {words.now}
              </th>
              <th scope="col" className="py-1 pl-4 text-right font-medium">
                {words.before}
              </th>
            </tr>
          </thead>
          <tbody>
            {review.actions.map(({ action, count, before }) => (
              <tr key={action} className="border-b border-line">
                <td className="py-1 pr-4">{actionWords(action)}</td>
                <td className="py-1 pl-4 text-right tabular-nums">{count}</td>
                <td className="py-1 pl-4 text-right text-ink-2 tabular-nums">{before ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Close({ id }: { id: string }) {
  const [statement, setStatement] = useState('');
  const client = useQueryClient();
  const close = useMutation({
    mutationFn: () => closeReview(id, statement.trim()),
    onSuccess: () =>
      Promise.all(
        [reviewQuery(id), reviewsQuery, reviewStandingQuery].map(({ queryKey }) =>
          client.invalidateQueries({ queryKey }),
        ),
      ),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    close.mutate();
  };
  return (
    <Section title={words.close}>
      <form onSubmit={submit} className="no-print flex flex-col gap-4">
        <TextArea
          label={words.statement}
          hint={words.statementHint}
          required
          maxLength={5000}
          value={statement}
          onChange={(event) => setStatement(event.target.value)}
        />
        <ActFailure error={close.error} />
        <div>
          <Button type="submit" kind="primary" busy={close.isPending}>
            {words.close}
          </Button>
        </div>
      </form>
    </Section>
  );
}
