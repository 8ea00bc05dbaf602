import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { AlertSeverity, IncidentAct, IncidentDetail } from '../../api-types.ts';
import { actOnIncident, incidentQuery } from '../../data/monitoring.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActFailure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea } from '../../parts/field.tsx';
import { common } from '../../text/common.ts';
import { monitoringText } from '../../text/monitoring.ts';
import { PersonChooser } from '../people/person-chooser.tsx';
import { SeverityChoice } from './incidents-page.tsx';

const words = monitoringText.incident;

function useAct(id: string, onEnd: () => void = () => undefined) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (act: IncidentAct) => actOnIncident(id, act),
    onSuccess: async (incident) => {
      client.setQueryData(incidentQuery(id).queryKey, incident);
      onEnd();
      await client.invalidateQueries({ queryKey: ['incidents'] });
      await client.invalidateQueries({ queryKey: ['incident-count'] });
    },
  });
}

/** What may be done with an incident as it stands. */
export function IncidentActs({ incident }: { incident: IncidentDetail }) {
  const { id, state } = incident;
  const act = useAct(id);
  const mayPeople = useMay('members:read');
  return (
    <>
      {state === 'open' && (
        <Button kind="primary" busy={act.isPending} onClick={() => act.mutate({ act: 'acknowledge' })}>
          {words.acknowledge}
        </Button>
      )}
      {state !== 'closed' && mayPeople && <Assign id={id} />}
      {state !== 'closed' && <Raise id={id} severity={incident.severity} />}
      <AddNote id={id} />
      {state !== 'closed' && <Close id={id} />}
      {state === 'closed' && (
        <Button busy={act.isPending} onClick={() => act.mutate({ act: 'reopen' })}>
          {words.reopen}
        </Button>
      )}
      <div className="basis-full empty:hidden">
        <ActFailure error={act.error} />
      </div>
    </>
  );
}

/** A button that asks for something in a dialog, and the act that is made of it. */
function Asking(props: {
  id: string;
  label: string;
  lead?: string;
  act: () => IncidentAct;
  children: (error: Error | null) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const act = useAct(props.id, () => setOpen(false));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(props.act());
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{props.label}</Button>
      <Dialog open={open} onOpenChange={setOpen} title={props.label} description={props.lead}>
        <form onSubmit={submit} className="flex flex-col gap-4">
          {props.children(act.error)}
          <ActFailure error={act.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{common.cancel}</Button>
            <Button type="submit" kind="primary" busy={act.isPending}>
              {props.label}
            </Button>
          </div>
        </form>
      </Dialog>
    </>
  );
}

function Assign({ id }: { id: string }) {
  const [to, setTo] = useState('');
  return (
    <Asking id={id} label={words.assign} lead={words.assignLead} act={() => ({ act: 'assign', to })}>
      {(error) => (
        <PersonChooser
          label={words.person}
          required
          value={to}
          error={fieldError(error, 'to')}
          onChange={setTo}
        />
      )}
    </Asking>
  );
}

function Raise({ id, severity: now }: { id: string; severity: AlertSeverity }) {
  const [severity, setSeverity] = useState<AlertSeverity>(now);
  return (
    <Asking id={id} label={words.raise} act={() => ({ act: 'raise', severity })}>
      {() => <SeverityChoice value={severity} onChange={setSeverity} />}
    </Asking>
  );
}

function NoteField(props: { value: string; required?: boolean; onChange: (value: string) => void }) {
  return (
    <TextArea
      label={monitoringText.incidents.note}
      hint={monitoringText.incidents.noteHint}
      optional={props.required !== true}
      required={props.required === true}
      maxLength={4_000}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    />
  );
}

function AddNote({ id }: { id: string }) {
  const [note, setNote] = useState('');
  return (
    <Asking id={id} label={words.addNote} act={() => ({ act: 'note', note: note.trim() })}>
      {() => <NoteField required value={note} onChange={setNote} />}
    </Asking>
  );
}

type Cause = keyof typeof words.causes;
const CAUSES: readonly Cause[] = ['attack', 'mistake', 'expected', 'false-alarm', 'test', 'other'];

function Close({ id }: { id: string }) {
  const [cause, setCause] = useState<Cause>('expected');
  const [note, setNote] = useState('');
  return (
    <Asking
      id={id}
      label={words.close}
      lead={words.closeLead}
      act={() => ({ act: 'close', cause, note: note.trim() })}
    >
      {() => (
        <>
          <Choice
            label={words.cause}
            value={cause}
            choices={CAUSES.map((value) => ({ value, label: words.causes[value] }))}
            onChange={(event) => setCause(CAUSES.find((one) => one === event.target.value) ?? 'other')}
          />
          <NoteField value={note} onChange={setNote} />
        </>
      )}
    </Asking>
  );
}
