import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AlertChannel, AlertChannelTo, AlertSeverity } from '../../api-types.ts';
import { channelsQuery, makeChannel } from '../../data/monitoring.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { monitoringText } from '../../text/monitoring.ts';
import { SeverityChoice } from '../incidents/incidents-page.tsx';
import { PeopleChooser } from '../people/people-chooser.tsx';

const words = monitoringText.channels;
type Kind = AlertChannel['kind'];
const KINDS: readonly Kind[] = ['mail', 'text', 'webhook'];

export function AddChannel() {
  const [open, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const close = (next: boolean) => {
    setOpen(next);
    if (!next) setSecret(null);
  };
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        {words.add}
      </Button>
      <Dialog
        open={open}
        onOpenChange={close}
        title={secret === null ? words.add : words.secretTitle}
        description={secret === null ? undefined : words.secretLead}
      >
        {secret === null ? (
          <ChannelForm onEnd={(made) => (made === null ? close(false) : setSecret(made))} />
        ) : (
          <>
            <CopyBox label={words.secretTitle} text={secret} />
            <div className="flex justify-end">
              <Button kind="primary" onClick={() => close(false)}>
                {common.close}
              </Button>
            </div>
          </>
        )}
      </Dialog>
    </>
  );
}

/** Ends with the secret of a new webhook, or null. */
function ChannelForm({ onEnd }: { onEnd: (secret: string | null) => void }) {
  const [kind, setKind] = useState<Kind>('mail');
  const [label, setLabel] = useState('');
  const [people, setPeople] = useState<readonly string[]>([]);
  const [numbers, setNumbers] = useState('');
  const [url, setUrl] = useState('https://');
  const [least, setLeast] = useState<AlertSeverity>('medium');
  const client = useQueryClient();
  const to = (): AlertChannelTo => {
    const named = { label: label.trim() };
    if (kind === 'mail') return { kind, ...named, people: [...people] };
    if (kind === 'webhook') return { kind, ...named, url: url.trim() };
    return {
      kind,
      ...named,
      numbers: numbers
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    };
  };
  const save = useMutation({
    mutationFn: () => makeChannel(to(), least),
    onSuccess: async ({ secret }) => {
      await client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      onEnd(secret);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Choice
        label={words.kind}
        value={kind}
        choices={KINDS.map((value) => ({ value, label: words.kinds[value] }))}
        onChange={(event) => setKind(KINDS.find((one) => one === event.target.value) ?? 'mail')}
      />
      <TextField
        label={words.label}
        required
        maxLength={80}
        value={label}
        onChange={(event) => setLabel(event.target.value)}
      />
      {kind === 'mail' && <People chosen={people} onChange={setPeople} error={save.error} />}
      {kind === 'text' && (
        <TextField
          label={words.numbers}
          hint={words.numbersHint}
          required
          autoComplete="off"
          value={numbers}
          error={fieldError(save.error, 'to.numbers')}
          onChange={(event) => setNumbers(event.target.value)}
        />
      )}
      {kind === 'webhook' && (
        <TextField
          label={words.url}
          hint={words.urlHint}
          type="url"
          required
          value={url}
          error={fieldError(save.error, 'to.url')}
          onChange={(event) => setUrl(event.target.value)}
        />
      )}
      <SeverityChoice label={words.least} value={least} onChange={setLeast} />
      <ActFailure error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={() => onEnd(null)}>{common.cancel}</Button>
        <Button
          type="submit"
          kind="primary"
          busy={save.isPending}
          disabled={kind === 'mail' && people.length === 0}
        >
          {words.save}
        </Button>
      </div>
    </form>
  );
}

function People(props: {
  chosen: readonly string[];
  onChange: (people: readonly string[]) => void;
  error: Error | null;
}) {
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="font-medium">{words.people}</legend>
      <p className="text-ink-2">{words.peopleHint}</p>
      <PeopleChooser chosen={props.chosen} onChange={props.onChange} />
      {fieldError(props.error, 'to.people') && (
        <p className="text-failed">{fieldError(props.error, 'to.people')}</p>
      )}
    </fieldset>
  );
}
