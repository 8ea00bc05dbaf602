import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { fileEvidence, type NewEvidence, putEvidenceFile } from '../../data/evidence.ts';
import { incidentsQuery } from '../../data/monitoring.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField } from '../../parts/field.tsx';
import { shortTime } from '../../parts/time.ts';
import { common } from '../../text/common.ts';
import { evidenceText as words } from '../../text/evidence.ts';
import { incidentName } from '../incidents/incidents-page.tsx';
import { fileProblem } from './evidence-file.ts';

interface Props {
  /** The incident that it is filed to; null lets the reader choose. */
  incident: string | null;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Files what an outside system reported, with its file. */
export function FileEvidence({ incident, open, onOpenChange }: Props) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={words.file}>
      <Form incident={incident} onEnd={() => onOpenChange(false)} />
    </Dialog>
  );
}

function Form({ incident, onEnd }: { incident: string | null; onEnd: () => void }) {
  const [report, setReport] = useState<NewEvidence>({
    ...{ source: '', note: '', periodFrom: '', periodUntil: '', incident },
  });
  const [file, setFile] = useState<File | null>(null);
  const client = useQueryClient();
  const put = useMutation({
    // A file that is broken off leaves its report in the list, where the file can be added.
    mutationFn: async (chosen: File) => {
      const trimmed = { ...report, source: report.source.trim(), note: report.note.trim() };
      const { id } = await fileEvidence(trimmed, chosen.name.slice(0, 200));
      return putEvidenceFile(id, chosen);
    },
    onSuccess: onEnd,
    onSettled: () => client.invalidateQueries({ queryKey: ['audit-evidence'] }),
  });
  const change = (part: Partial<NewEvidence>) => setReport({ ...report, ...part });
  const wrongDays = report.periodUntil !== '' && report.periodUntil < report.periodFrom;
  const problem = fileProblem(file);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file !== null && problem === null && !wrongDays) put.mutate(file);
  };
  const error = (path: string) => fieldError(put.error, path);
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" autoComplete="off">
      <ActFailure error={put.error} />
      <TextField
        label={words.source}
        hint={words.sourceHint}
        required
        maxLength={200}
        value={report.source}
        error={error('source')}
        onChange={(event) => change({ source: event.target.value })}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={words.from}
          type="date"
          required
          value={report.periodFrom}
          error={error('periodFrom')}
          onChange={(event) => change({ periodFrom: event.target.value })}
        />
        <TextField
          label={words.until}
          type="date"
          required
          value={report.periodUntil}
          error={wrongDays ? words.untilWrong : error('periodUntil')}
          onChange={(event) => change({ periodUntil: event.target.value })}
        />
      </div>
      {incident === null && (
        <IncidentChoice
          value={report.incident}
          error={error('incident') && words.incidentUnknown}
          onChange={(chosen) => change({ incident: chosen })}
        />
      )}
      <TextArea
        label={words.note}
        optional
        rows={3}
        maxLength={2000}
        value={report.note}
        onChange={(event) => change({ note: event.target.value })}
      />
      <TextField
        type="file"
        label={words.theFile}
        hint={words.theFileHint}
        required
        error={problem}
        onChange={(event) => setFile(event.target.files?.[0] ?? null)}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onEnd}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={put.isPending}>
          {words.go}
        </Button>
      </div>
    </form>
  );
}

/** The newest incidents, for those who may see them. */
function IncidentChoice(props: {
  value: string | null;
  error: string | undefined;
  onChange: (incident: string | null) => void;
}) {
  const may = useMay('incidents:read');
  const incidents = useQuery({ ...incidentsQuery('all'), enabled: may });
  if (!may) return null;
  return (
    <Choice
      label={words.incident}
      optional
      value={props.value ?? ''}
      error={props.error}
      onChange={(event) => props.onChange(event.target.value === '' ? null : event.target.value)}
      choices={[
        { value: '', label: words.incidentNone },
        ...(incidents.data?.items ?? []).map((one) => ({
          value: one.id,
          label: `${incidentName(one, new Map())}, ${shortTime(one.openedAt)}`,
        })),
      ]}
    />
  );
}
