import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { recordWaiver, waiversQuery } from '../../data/administration.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField, Tick } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { WAIVER_TEXTS, waiversText as words } from '../../text/waivers.ts';

type Language = keyof typeof WAIVER_TEXTS;

/** A recipient's wish as it was given: address, exact text, language, and until when. */
export function RecordWaiver(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={words.add} wide>
      <RecordForm onEnd={() => props.onOpenChange(false)} />
    </Dialog>
  );
}

function RecordForm({ onEnd }: { onEnd: () => void }) {
  const [address, setAddress] = useState('');
  const [language, setLanguage] = useState<Language>('en');
  const [text, setText] = useState<string>(WAIVER_TEXTS.en);
  const [until, setUntil] = useState(inOneYear);
  const [told, setTold] = useState(false);
  const client = useQueryClient();
  const record = useMutation({
    mutationFn: () =>
      recordWaiver({
        address: address.trim(),
        text,
        language,
        expiresAt: new Date(`${until}T23:59:59`).toISOString(),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: waiversQuery.queryKey });
      onEnd();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    record.mutate();
  };
  const choose = (value: string) => {
    const next: Language = value === 'es' ? 'es' : 'en';
    // A text that somebody wrote is not thrown away.
    if (text === WAIVER_TEXTS[language]) setText(WAIVER_TEXTS[next]);
    setLanguage(next);
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <ActFailure error={record.error} />
      <TextField
        label={words.address}
        hint={words.replaces}
        type="email"
        required
        autoComplete="off"
        value={address}
        error={fieldError(record.error, 'address')}
        onChange={(event) => setAddress(event.target.value)}
      />
      <Choice
        label={words.language}
        value={language}
        choices={Object.entries(words.languages).map(([value, label]) => ({ value, label }))}
        onChange={(event) => choose(event.target.value)}
      />
      <TextArea
        label={words.text}
        hint={words.textHint}
        required
        minLength={20}
        maxLength={10_000}
        lang={language}
        value={text}
        error={fieldError(record.error, 'text')}
        onChange={(event) => setText(event.target.value)}
      />
      <TextField
        label={words.until}
        hint={words.untilHint}
        type="date"
        required
        value={until}
        error={fieldError(record.error, 'expiresAt')}
        onChange={(event) => setUntil(event.target.value)}
      />
      <Tick label={words.told} required checked={told} onChange={(event) => setTold(event.target.checked)} />
      <div className="flex justify-end gap-2">
        <Button onClick={onEnd}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={record.isPending} disabled={!told}>
          {words.record}
        </Button>
      </div>
    </form>
  );
}

function inOneYear(): string {
  const day = new Date();
  day.setFullYear(day.getFullYear() + 1);
  return day.toISOString().slice(0, 10);
}
