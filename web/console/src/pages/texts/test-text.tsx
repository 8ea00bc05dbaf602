import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { testText } from '../../data/recipients.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { textsText as words } from '../../text/recipients.ts';
import { problemOf } from './gateway.tsx';

/** Sends a text to the reader's own telephone, and says what the gateway answered. */
export function TestText() {
  const [number, setNumber] = useState('');
  const test = useMutation({ mutationFn: () => testText(number) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate();
  };
  const { data } = test;
  return (
    <Section title={words.test}>
      <p className="prose-width text-ink-2">{words.testLead}</p>
      <form onSubmit={submit} className="flex max-w-xl flex-wrap items-end gap-2">
        <div className="min-w-0 flex-1 basis-56">
          <TextField
            label={words.number}
            type="tel"
            required
            maxLength={40}
            autoComplete="off"
            value={number}
            error={problemOf(test.error, 'number')}
            onChange={(event) => setNumber(event.target.value)}
          />
        </div>
        <Button type="submit" busy={test.isPending}>
          {words.send}
        </Button>
      </form>
      <ActFailure error={test.error} />
      {data && (
        <Notice tone={data.outcome === 'taken' ? 'done' : 'held'} live title={words.outcomes[data.outcome]}>
          {data.code && (
            <p className="font-mono text-xs">
              {words.code}: {data.code}
            </p>
          )}
        </Notice>
      )}
    </Section>
  );
}
