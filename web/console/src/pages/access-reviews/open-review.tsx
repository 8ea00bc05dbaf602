import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { type NewReview, openReview, reviewsQuery } from '../../data/safeguards.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { reviewsText as words } from '../../text/safeguards.ts';
import { PeopleChooser } from '../people/people-chooser.tsx';

/** A button with the form behind it. */
export function OpenReview() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        kind="primary"
        icon={<Plus aria-hidden="true" className="size-4" />}
        onClick={() => setOpen(true)}
      >
        {words.open}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.open}>
        <Form onDone={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [audience, setAudience] = useState<NewReview['audience']>('people');
  const [audienceId, setAudienceId] = useState('');
  const [reviewers, setReviewers] = useState<readonly string[]>([]);
  const [due, setDue] = useState('');
  const [every, setEvery] = useState(0);
  const client = useQueryClient();
  const narrow = audience === 'role' || audience === 'group';
  const save = useMutation({
    mutationFn: () =>
      openReview({
        ...{ name: name.trim(), audience, reviewers: [...reviewers] },
        audienceId: narrow ? audienceId.trim() : null,
        dueAt: new Date(`${due}T23:59:59`).toISOString(),
        everyMonths: every === 0 ? null : every,
      }),
    onSuccess: async () => {
      onDone();
      await client.invalidateQueries({ queryKey: reviewsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label={words.name}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Choice
        label={words.audience}
        value={audience}
        choices={Object.entries(words.audiences).map(([value, label]) => ({ value, label }))}
        onChange={(event) => setAudience(event.target.value as NewReview['audience'])}
      />
      {narrow && (
        <TextField
          label={words.audienceId}
          required
          maxLength={60}
          value={audienceId}
          error={fieldError(save.error, 'audienceId')}
          onChange={(event) => setAudienceId(event.target.value)}
        />
      )}
      <fieldset className="flex flex-col gap-1.5">
        <legend className="mb-1 font-medium">{words.reviewers}</legend>
        <p className="text-ink-2">{words.reviewersHint}</p>
        <PeopleChooser chosen={reviewers} onChange={setReviewers} />
      </fieldset>
      <TextField
        label={words.due}
        type="date"
        required
        value={due}
        error={fieldError(save.error, 'dueAt')}
        onChange={(event) => setDue(event.target.value)}
      />
      <Choice
        label={words.every}
        value={String(every)}
        choices={Object.entries(words.rounds).map(([value, label]) => ({ value, label }))}
        onChange={(event) => setEvery(Number(event.target.value))}
      />
      <ActFailure error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending} disabled={reviewers.length === 0}>
          {words.open}
        </Button>
      </div>
    </form>
  );
}
