import { type FormEvent, useState } from 'react';
import type { Wanted } from '../../data/audit.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { auditText } from '../../text/administration.ts';
import { auditPages as words } from '../../text/audit.ts';

const EMPTY = {
  recipient: '',
  person: '',
  actions: '',
  subject: '',
  network: '',
  request: '',
  result: '',
  channel: '',
  since: '',
  until: '',
};
type Form = typeof EMPTY;

const RESULTS = ['done', 'refused', 'failed'] as const;
const CHANNELS = ['api', 'console', 'portal', 'smtp', 'cli', 'worker'] as const;
const FIELDS = ['recipient', 'person', 'actions', 'subject', 'network', 'request'] as const;
const HINTS: Readonly<Partial<Record<(typeof FIELDS)[number], string>>> = {
  recipient: words.recipientHint,
  person: words.personHint,
  actions: words.actionsHint,
};

/** Empty fields ask for nothing. Days are the reader's own. */
function toWanted(form: Form): Wanted {
  const { recipient, person, subject, network, request, since, until } = form;
  const given = Object.entries({ recipient, person, subject, network, request })
    .map(([name, text]) => [name, text.trim()] as const)
    .filter(([, text]) => text !== '');
  const actions = form.actions.split(/[\s,]+/).filter((one) => one !== '');
  const result = RESULTS.find((one) => one === form.result);
  const channel = CHANNELS.find((one) => one === form.channel);
  const midnight = (day: string) => new Date(`${day}T00:00:00`).toISOString();
  return {
    ...Object.fromEntries(given),
    ...(actions.length === 0 ? {} : { actions }),
    ...(result === undefined ? {} : { result }),
    ...(channel === undefined ? {} : { channel }),
    ...(since === '' ? {} : { since: midnight(since) }),
    ...(until === '' ? {} : { until: midnight(until) }),
  };
}

export function SearchForm({
  busy,
  error,
  onSearch,
}: {
  busy: boolean;
  error: Error | null;
  onSearch: (wanted: Wanted) => void;
}) {
  const [form, setForm] = useState<Form>(EMPTY);
  const put = (name: keyof Form, value: string) => setForm((now) => ({ ...now, [name]: value }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(toWanted(form));
  };
  return (
    <form onSubmit={submit} className="no-print flex flex-col gap-4" autoComplete="off">
      <div className="grid items-end gap-4 md:grid-cols-3">
        {FIELDS.map((name) => (
          <TextField
            key={name}
            label={words[name]}
            hint={HINTS[name]}
            maxLength={320}
            autoCapitalize="none"
            spellCheck={false}
            value={form[name]}
            onChange={(event) => put(name, event.target.value)}
          />
        ))}
        <Choice
          label={words.result}
          value={form.result}
          choices={[
            { value: '', label: words.any },
            ...RESULTS.map((value) => ({ value, label: auditText.results[value] })),
          ]}
          onChange={(event) => put('result', event.target.value)}
        />
        <Choice
          label={words.channel}
          value={form.channel}
          choices={[{ value: '', label: words.any }, ...CHANNELS.map((value) => ({ value, label: value }))]}
          onChange={(event) => put('channel', event.target.value)}
        />
        <div className="grid grid-cols-2 gap-3">
          {(['since', 'until'] as const).map((name) => (
            <TextField
              key={name}
              type="date"
              label={words[name]}
              value={form[name]}
              onChange={(event) => put(name, event.target.value)}
            />
          ))}
        </div>
      </div>
      <ActFailure error={error} />
      <div>
        <Button type="submit" kind="primary" busy={busy}>
          {words.search}
        </Button>
      </div>
    </form>
  );
}
