import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { Recipient } from '../../api-types.ts';
import { addRecipient, changeRecipient, recipientsQuery } from '../../data/recipients.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextField, Tick } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { recipientsText as words } from '../../text/recipients.ts';
import { changeOf, type Draft, draftOf, problemOf } from './recipient-draft.ts';

/** Puts somebody on record, or changes what is. */
export function RecipientDialog(props: {
  open: boolean;
  recipient: Recipient | null;
  onEnd: (saved: Recipient | null) => void;
}) {
  const { recipient, open, onEnd } = props;
  const title = recipient === null ? words.add : words.changeTitle(recipient.address);
  return (
    <Dialog open={open} onOpenChange={() => onEnd(null)} title={title} wide>
      <RecipientForm recipient={recipient} onEnd={onEnd} />
    </Dialog>
  );
}

interface Part {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: Error | null;
}

function RecipientForm(props: { recipient: Recipient | null; onEnd: (saved: Recipient | null) => void }) {
  const { recipient, onEnd } = props;
  const [draft, setDraft] = useState(() => draftOf(recipient));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      recipient === null
        ? addRecipient(draft.address.trim(), changeOf(draft))
        : changeRecipient(recipient.id, recipient.version, changeOf(draft)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: recipientsQuery.queryKey });
      onEnd(saved);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const part: Part = {
    draft,
    set: (change) => setDraft({ ...draft, ...change }),
    error: save.error,
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={save.error} />
      {recipient === null && (
        <TextField
          label={words.address}
          type="email"
          required
          maxLength={320}
          autoComplete="off"
          value={draft.address}
          error={problemOf(save.error, 'address')}
          onChange={(event) => part.set({ address: event.target.value })}
        />
      )}
      <Telephone {...part} />
      <Question {...part} kept={recipient?.challenge?.kind ?? null} />
      <Fallback {...part} />
      <div className="flex justify-end gap-2">
        <Button onClick={() => onEnd(null)}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {common.save}
        </Button>
      </div>
    </form>
  );
}

function Telephone({ draft, set, error }: Part) {
  return (
    <>
      <TextField
        label={words.mobile}
        hint={words.mobileHint}
        optional
        type="tel"
        maxLength={40}
        autoComplete="off"
        value={draft.mobile}
        error={problemOf(error, 'mobile')}
        onChange={(event) => set({ mobile: event.target.value })}
      />
      {draft.mobile.trim() !== '' && (
        <Tick
          label={words.stopped}
          hint={words.stoppedHint}
          checked={draft.stopped}
          onChange={(event) => set({ stopped: event.target.checked })}
        />
      )}
    </>
  );
}

const choicesOf = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

function Question({ draft, set, error, kept }: Part & { kept: string | null }) {
  const { question } = draft;
  const onRecord = question === kept;
  const known = { 'date-of-birth': 'date-of-birth', 'shared-secret': 'shared-secret' } as const;
  const choose = (value: string) =>
    set({ question: value in known ? known[value as keyof typeof known] : 'none', answer: '' });
  return (
    <>
      <Choice
        label={words.question}
        hint={words.questionHint}
        value={question}
        choices={choicesOf(words.questions)}
        onChange={(event) => choose(event.target.value)}
      />
      {question === 'shared-secret' && (
        <TextField
          label={words.prompt}
          hint={words.promptHint}
          required
          maxLength={120}
          value={draft.prompt}
          error={problemOf(error, 'prompt')}
          onChange={(event) => set({ prompt: event.target.value })}
        />
      )}
      {question !== 'none' && (
        <TextField
          label={question === 'date-of-birth' ? words.birth : words.secret}
          hint={onRecord ? words.answerKept : question === 'shared-secret' ? words.secretHint : undefined}
          required={!onRecord}
          type={question === 'date-of-birth' ? 'date' : 'text'}
          maxLength={200}
          autoComplete="off"
          value={draft.answer}
          error={problemOf(error, 'challenge.answer')}
          onChange={(event) => set({ answer: event.target.value })}
        />
      )}
    </>
  );
}

function Fallback({ draft, set, error }: Part) {
  const known = { address: 'address', text: 'text', letter: 'letter' } as const;
  const choose = (value: string) =>
    set({ fallback: value in known ? known[value as keyof typeof known] : 'none' });
  return (
    <>
      <Choice
        label={words.fallback}
        hint={words.fallbackHint}
        value={draft.fallback}
        choices={choicesOf(words.fallbacks)}
        error={draft.fallback === 'address' ? undefined : problemOf(error, 'fallback')}
        onChange={(event) => choose(event.target.value)}
      />
      {draft.fallback === 'address' && (
        <>
          <TextField
            label={words.otherAddress}
            type="email"
            required
            maxLength={320}
            autoComplete="off"
            value={draft.otherAddress}
            error={problemOf(error, 'fallback.address')}
            onChange={(event) => set({ otherAddress: event.target.value })}
          />
          <Tick
            label={words.samePerson}
            hint={words.samePersonHint}
            checked={draft.samePerson}
            onChange={(event) => set({ samePerson: event.target.checked })}
          />
        </>
      )}
    </>
  );
}
