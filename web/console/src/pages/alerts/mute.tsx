import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { AlertSettings } from '../../api-types.ts';
import { alertSettingsQuery, setAlertSettings } from '../../data/monitoring.ts';
import { Button } from '../../parts/button.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Choice, TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { monitoringText } from '../../text/monitoring.ts';

const words = monitoringText.channels;
const HOUR_MS = 3_600_000;

export function MuteAndEscalation({ may }: { may: boolean }) {
  const settings = useQuery(alertSettingsQuery);
  if (!settings.data) return null;
  return (
    <Section title={words.settings}>
      <Muted settings={settings.data} />
      {may && <Form key={JSON.stringify(settings.data)} settings={settings.data} />}
    </Section>
  );
}

function Muted({ settings }: { settings: AlertSettings }) {
  const { mutedUntil } = settings;
  if (mutedUntil === null || Date.parse(mutedUntil) <= Date.now()) return null;
  return (
    <Notice tone="held">
      {words.mutedUntil} <When time={mutedUntil} as="long" />
    </Notice>
  );
}

function Form({ settings }: { settings: AlertSettings }) {
  const [hours, setHours] = useState('1');
  const [minutes, setMinutes] = useState(String(settings.escalateMinutes));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (next: AlertSettings) => setAlertSettings(next),
    onSuccess: (next) => client.setQueryData(alertSettingsQuery.queryKey, next),
  });
  const { mutedUntil, escalateMinutes } = settings;
  const muted = mutedUntil !== null && Date.parse(mutedUntil) > Date.now();
  const mute = (event: FormEvent) => {
    event.preventDefault();
    const until = muted ? null : new Date(Date.now() + Number(hours) * HOUR_MS - 1_000).toISOString();
    save.mutate({ mutedUntil: until, escalateMinutes });
  };
  const keep = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ mutedUntil, escalateMinutes: Number(minutes) });
  };
  return (
    <div className="flex flex-col gap-4">
      <form onSubmit={mute} className="flex flex-wrap items-end gap-3">
        {!muted && (
          <Choice
            label={words.mute}
            value={hours}
            choices={Object.entries(words.muteHours).map(([value, label]) => ({ value, label }))}
            onChange={(event) => setHours(event.target.value)}
          />
        )}
        <Button type="submit" busy={save.isPending}>
          {muted ? words.unmute : words.muteNow}
        </Button>
      </form>
      <form onSubmit={keep} className="flex flex-wrap items-end gap-3">
        <TextField
          label={words.escalate}
          hint={words.escalateHint}
          type="number"
          required
          min={0}
          max={10_080}
          value={minutes}
          onChange={(event) => setMinutes(event.target.value)}
        />
        <Button type="submit" busy={save.isPending}>
          {words.keep}
        </Button>
      </form>
      <ActFailure error={save.error} />
    </div>
  );
}
