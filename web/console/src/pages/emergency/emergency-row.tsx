import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { BreakGlass } from '../../api-types.ts';
import {
  emergenciesQuery,
  emergencyActsQuery,
  endEmergency,
  reviewEmergency,
} from '../../data/safeguards.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Choice, TextArea } from '../../parts/field.tsx';
import { When } from '../../parts/when.tsx';
import { common } from '../../text/common.ts';
import { emergencyText as words } from '../../text/safeguards.ts';
import { actionWords } from '../audit/action-words.ts';

export function EmergencyRow({ one }: { one: BreakGlass }) {
  const [acts, setActs] = useState(false);
  return (
    <li className="flex flex-wrap items-start gap-x-6 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72 [overflow-wrap:anywhere]">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium">{one.person.label}</span>
          <Mark one={one} />
        </p>
        <p>{one.reason}</p>
        {one.reference && <p className="text-ink-2">{words.byReference(one.reference)}</p>}
        <p className="text-ink-2">
          {words.from} <When time={one.startedAt} /> {words.to} <When time={one.endedAt ?? one.expiresAt} />
          {one.endedEarly && ` (${words.early})`}
        </p>
        {one.review && (
          <p className="mt-1">
            {words.reviewedBy} {one.review.by.label}, <When time={one.review.at} />: {one.review.note}
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setActs(!acts)} aria-expanded={acts}>
          {words.acts}
        </Button>
        {one.endedAt === null && <EndNow id={one.id} />}
        {one.mayReview && <Review one={one} />}
      </div>
      {acts && <Acts id={one.id} />}
    </li>
  );
}

function Mark({ one }: { one: BreakGlass }) {
  const text = one.review
    ? one.review.justified
      ? words.justified
      : words.unjustified
    : one.endedAt === null
      ? words.isRunning
      : one.overdue
        ? words.overdue
        : words.toReview;
  const alarming = one.overdue || (one.review !== null && !one.review.justified);
  return (
    <span
      className={`rounded px-1.5 py-0.5 text-xs font-medium ${alarming ? 'bg-failed-soft text-failed' : 'bg-paper-3 text-ink-2'}`}
    >
      {text}
    </span>
  );
}

function Acts({ id }: { id: string }) {
  const acts = useQuery(emergencyActsQuery(id));
  return (
    <div className="basis-full">
      {acts.isPending && <RowsSkeleton rows={2} label={words.actsLoading} />}
      {acts.isError && <Failure error={acts.error} retry={() => void acts.refetch()} />}
      {acts.data?.acts.length === 0 && <p className="text-ink-2">{words.noActs}</p>}
      <ol className="border-l-2 border-line pl-3">
        {acts.data?.acts.map((act) => (
          <li key={act.id} className="py-0.5 [overflow-wrap:anywhere]">
            <When time={act.at} /> {actionWords(act.action)}{' '}
            <span className="font-mono text-xs text-ink-2">
              {act.subjects.map((subject) => `${subject.kind} ${subject.id.slice(-8)}`).join(', ')}
            </span>
          </li>
        ))}
      </ol>
      {acts.data && !acts.data.all && <p className="text-ink-2">{words.moreActs}</p>}
    </div>
  );
}

function EndNow({ id }: { id: string }) {
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: () => endEmergency(id),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <>
      <Button kind="danger" busy={end.isPending} onClick={() => end.mutate()}>
        {words.end}
      </Button>
      <ActFailure error={end.error} />
    </>
  );
}

function Review({ one }: { one: BreakGlass }) {
  const [open, setOpen] = useState(false);
  const [verdict, setVerdict] = useState('yes');
  const [note, setNote] = useState('');
  const client = useQueryClient();
  const review = useMutation({
    mutationFn: () => reviewEmergency(one.id, verdict === 'yes', note),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries({ queryKey: emergenciesQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    review.mutate();
  };
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        {words.review}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.reviewTitle(one.person.label)}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          <Choice
            label={words.verdict}
            value={verdict}
            choices={[
              { value: 'yes', label: words.justified },
              { value: 'no', label: words.unjustified },
            ]}
            onChange={(event) => setVerdict(event.target.value)}
          />
          <TextArea
            label={words.note}
            hint={words.noteHint}
            required
            maxLength={1000}
            rows={3}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          <ActFailure error={review.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={review.isPending}>
              {words.save}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}
