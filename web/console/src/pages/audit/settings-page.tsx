import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type AuditSettings, auditSettingsQuery, saveAuditSettings } from '../../data/audit.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { auditPages as words } from '../../text/audit.ts';
import { PeopleChooser } from '../people/people-chooser.tsx';
import { AuditNav } from './audit-nav.tsx';
import { ExportBox } from './export-box.tsx';
import { StreamBox } from './stream-box.tsx';

/** How long the log is kept, who reviews it, where it goes. */
export function AuditSettingsPage() {
  const settings = useQuery(auditSettingsQuery);
  const may = useMay('audit:settings');
  const mayExport = useMay('audit:export');
  return (
    <Page title={words.settingsTitle} lead={words.settingsLead}>
      <AuditNav />
      {settings.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <SettingsForm key={settings.data.changedAt ?? ''} given={settings.data} may={may} />}
      {mayExport && <ExportBox />}
      {may && <StreamBox />}
    </Page>
  );
}

const NUMBERS = [
  { name: 'retentionYears', label: words.retention, hint: words.retentionHint, min: 6, max: 100 },
  { name: 'reviewDays', label: words.reviewDays, hint: undefined, min: 1, max: 92 },
  { name: 'dayBegins', label: words.dayBegins, hint: undefined, min: 0, max: 23 },
  { name: 'dayEnds', label: words.dayEnds, hint: undefined, min: 1, max: 24 },
] as const;

function SettingsForm({ given, may }: { given: AuditSettings; may: boolean }) {
  const { keptUntil: _, changedAt: __, ...settings } = given;
  const [form, setForm] = useState(settings);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => saveAuditSettings(form),
    onSuccess: () => client.invalidateQueries({ queryKey: auditSettingsQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <fieldset disabled={!may} className="grid items-end gap-4 md:grid-cols-4">
        {NUMBERS.map(({ name, label, hint, min, max }) => (
          <TextField
            key={name}
            type="number"
            label={label}
            hint={hint}
            required
            min={min}
            max={max}
            value={form[name]}
            onChange={(event) => setForm({ ...form, [name]: event.target.valueAsNumber })}
          />
        ))}
      </fieldset>
      <Reviewers
        may={may}
        chosen={form.reviewers}
        onChange={(reviewers) => setForm({ ...form, reviewers })}
      />
      <ActFailure error={save.error} />
      {save.isSuccess && (
        <Notice tone="done" live>
          {words.saved}
        </Notice>
      )}
      {may && (
        <div>
          <Button type="submit" kind="primary" busy={save.isPending}>
            {words.save}
          </Button>
        </div>
      )}
    </form>
  );
}

function Reviewers({
  may,
  chosen,
  onChange,
}: {
  may: boolean;
  chosen: readonly string[];
  onChange: (reviewers: string[]) => void;
}) {
  return (
    <Section title={words.reviewers}>
      <p className="text-ink-2">{words.reviewersHint}</p>
      <PeopleChooser disabled={!may} chosen={chosen} onChange={onChange} />
    </Section>
  );
}
