import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { emergencyRunningQuery, takeEmergency } from '../../data/safeguards.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { emergencyText as words } from '../../text/safeguards.ts';

/** The form; while access runs, the banner above every page says so in its place. */
export function TakeEmergency() {
  const running = useQuery(emergencyRunningQuery);
  return running.data && running.data.running === null ? <Form /> : null;
}

function Form() {
  const [reason, setReason] = useState('');
  const [reference, setReference] = useState('');
  const [minutes, setMinutes] = useState(60);
  const client = useQueryClient();
  const take = useMutation({
    mutationFn: () => takeEmergency(reason, reference.trim() === '' ? null : reference, minutes),
    // What may be seen is another now: everything is read again, who is signed in first.
    onSuccess: () => client.invalidateQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take.mutate();
  };
  return (
    <Section title={words.take}>
      <p className="prose-width text-ink-2">{words.takeLead}</p>
      <form onSubmit={submit} className="flex max-w-xl flex-col gap-4">
        <TextArea
          label={words.reason}
          hint={words.reasonHint}
          required
          minLength={10}
          maxLength={500}
          rows={3}
          value={reason}
          error={fieldError(take.error, 'reason')}
          onChange={(event) => setReason(event.target.value)}
        />
        <TextField
          label={words.reference}
          hint={words.referenceHint}
          optional
          maxLength={200}
          autoComplete="off"
          value={reference}
          error={fieldError(take.error, 'reference')}
          onChange={(event) => setReference(event.target.value)}
        />
        <Choice
          label={words.minutes}
          value={String(minutes)}
          choices={Object.entries(words.durations).map(([value, label]) => ({ value, label }))}
          onChange={(event) => setMinutes(Number(event.target.value))}
        />
        <ActFailure error={take.error} />
        <div>
          <Button type="submit" kind="danger" busy={take.isPending}>
            {words.take}
          </Button>
        </div>
      </form>
    </Section>
  );
}
