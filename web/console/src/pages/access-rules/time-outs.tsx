import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { type SessionSettings, saveSessionSettings, sessionSettingsQuery } from '../../data/access-rules.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { accessRulesText } from '../../text/access-rules.ts';

const words = accessRulesText.sessions;
const ADMINISTRATORS = ['administrator', 'it-administrator'];

/** Time-outs, how long a proven factor counts, and how many sessions a person may have. */
export function TimeOuts() {
  const settings = useQuery(sessionSettingsQuery);
  if (settings.isPending) return <RowsSkeleton rows={3} label={words.loading} />;
  if (settings.isError) return <Failure error={settings.error} retry={() => void settings.refetch()} />;
  return <TimeOutForm settings={settings.data} />;
}

function TimeOutForm({ settings }: { settings: SessionSettings }) {
  const may = useMay('access-rules:write');
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: saveSessionSettings,
    onSuccess: (stored) => client.setQueryData(sessionSettingsQuery.queryKey, stored),
  });
  const { usual, roles } = settings.timeOuts;
  const strict = roles.find(({ role }) => role === ADMINISTRATORS[0]) ?? usual;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string): number => Number(form.get(name));
    const limit = String(form.get('limit') ?? '');
    const own = { idleMinutes: number('adminIdle'), absoluteHours: number('adminAbsolute') };
    save.mutate({
      stepUpMinutes: number('stepUp'),
      sessionLimit: limit === '' ? null : Number(limit),
      timeOuts: {
        usual: { idleMinutes: number('idle'), absoluteHours: number('absolute') },
        roles: [
          ...roles.filter(({ role }) => !ADMINISTRATORS.includes(role)),
          ...ADMINISTRATORS.map((role) => ({ role, ...own })),
        ],
      },
    });
  };
  const field = (name: keyof typeof words & string, value: number | '', min: number, max: number) => (
    <TextField
      label={String(words[name])}
      name={name}
      type="number"
      min={min}
      max={max}
      required={name !== 'limit'}
      disabled={!may}
      defaultValue={value}
      {...(name === 'limit' ? { hint: words.limitHint } : {})}
    />
  );
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-4">
      <p className="text-ink-2">{words.lead}</p>
      <div className="grid items-end gap-4 sm:grid-cols-2">
        {field('idle', usual.idleMinutes, 2, 240)}
        {field('absolute', usual.absoluteHours, 1, 24)}
        {field('adminIdle', strict.idleMinutes, 2, 240)}
        {field('adminAbsolute', strict.absoluteHours, 1, 24)}
        {field('stepUp', settings.stepUpMinutes, 1, 60)}
        {field('limit', settings.sessionLimit ?? '', 1, 50)}
      </div>
      <ActFailure error={save.error} />
      {save.isSuccess && <p role="status">{words.saved}</p>}
      {may && (
        <Button type="submit" kind="primary" className="self-start" busy={save.isPending}>
          {words.save}
        </Button>
      )}
    </form>
  );
}
