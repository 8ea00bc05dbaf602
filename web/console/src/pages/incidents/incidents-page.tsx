import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Siren } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { AlertSeverity, Incident } from '../../api-types.ts';
import { alertRulesQuery, type IncidentsShown, incidentsQuery, openIncident } from '../../data/monitoring.ts';
import { useMay } from '../../data/session.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty, RowsSkeleton } from '../../parts/empty.tsx';
import { ActFailure, Failure } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField } from '../../parts/field.tsx';
import { Page } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { ruleName } from '../../text/alert-rules.ts';
import { common } from '../../text/common.ts';
import { monitoringText, SEVERITIES } from '../../text/monitoring.ts';
import { Severity } from './severity.tsx';

const words = monitoringText.incidents;
const SHOWN: readonly IncidentsShown[] = ['not-closed', 'closed', 'all'];

/** What the rules found and people opened, newest first. */
export function IncidentsPage() {
  const [shown, setShown] = useState<IncidentsShown>('not-closed');
  const may = useMay('incidents:manage');
  const mayRules = useMay('alerts:read');
  const incidents = useQuery(incidentsQuery(shown));
  const rules = useQuery({ ...alertRulesQuery, enabled: mayRules });
  const names = new Map(rules.data?.items.map((rule) => [rule.id, ruleName(rule)]));
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        <>
          {mayRules && (
            <Link to="/alert-rules" className={buttonClass()}>
              {words.rules}
            </Link>
          )}
          {may && <OpenByHand />}
        </>
      }
    >
      <div className="max-w-56">
        <Choice
          label={words.show}
          value={shown}
          choices={SHOWN.map((value) => ({ value, label: words.shown[value] }))}
          onChange={(event) => setShown(SHOWN.find((one) => one === event.target.value) ?? 'not-closed')}
        />
      </div>
      {incidents.isPending && <RowsSkeleton rows={4} label={words.loading} />}
      {incidents.isError && <Failure error={incidents.error} retry={() => void incidents.refetch()} />}
      {incidents.data?.items.length === 0 && (
        <Empty icon={<Siren />} title={words.none}>
          {words.noneLead}
        </Empty>
      )}
      {incidents.data && incidents.data.items.length > 0 && (
        <ul className="border-t border-line">
          {incidents.data.items.map((one) => (
            <Row key={one.id} incident={one} names={names} />
          ))}
        </ul>
      )}
      {incidents.data?.next && <p className="text-ink-2">{words.more}</p>}
    </Page>
  );
}

/** How an incident is called: as its makers wrote, or after its rule. */
export function incidentName(incident: Incident, names: ReadonlyMap<string, string>): string {
  if (incident.title !== null) return incident.title;
  if (incident.rule === null) return words.byHand;
  return names.get(incident.rule) ?? ruleName({ id: incident.rule, name: null });
}

function Row({ incident: one, names }: { incident: Incident; names: ReadonlyMap<string, string> }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-4 gap-y-1 border-b border-line py-3">
      <Severity value={one.severity} />
      <p className="min-w-0 flex-1 basis-72 [overflow-wrap:anywhere]">
        <Link to="/incidents/$id" params={{ id: one.id }} className="link font-medium">
          {incidentName(one, names)}
        </Link>
        {one.installation && <span className="block text-ink-2">{words.installation}</span>}
      </p>
      <p className={one.state === 'open' ? 'font-medium' : 'text-ink-2'}>
        {words.states[one.state]}
        {one.assignedTo && `: ${one.assignedTo.label}`}
      </p>
      <p className="text-ink-2">
        {words.hits(one.hits)}, {words.last} <When time={one.lastAt} as="relative" />
      </p>
    </li>
  );
}

function OpenByHand() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        {words.open}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={words.open} description={words.openLead}>
        <OpenForm onEnd={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function OpenForm({ onEnd }: { onEnd: () => void }) {
  const [title, setTitle] = useState('');
  const [note, setNote] = useState('');
  const [severity, setSeverity] = useState<AlertSeverity>('medium');
  const client = useQueryClient();
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: () => openIncident({ title: title.trim(), severity, note: note.trim() }),
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ['incidents'] });
      await client.invalidateQueries({ queryKey: ['incident-count'] });
      await navigate({ to: '/incidents/$id', params: { id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <TextField
        label={words.name}
        required
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <SeverityChoice value={severity} onChange={setSeverity} />
      <TextArea
        label={words.note}
        hint={words.noteHint}
        optional
        maxLength={4_000}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <ActFailure error={save.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onEnd}>{common.cancel}</Button>
        <Button type="submit" kind="primary" busy={save.isPending}>
          {words.open}
        </Button>
      </div>
    </form>
  );
}

export function SeverityChoice(props: {
  label?: string;
  value: AlertSeverity;
  onChange: (value: AlertSeverity) => void;
}) {
  return (
    <Choice
      label={props.label ?? monitoringText.severity}
      value={props.value}
      choices={SEVERITIES.map((value) => ({ value, label: monitoringText.severities[value] }))}
      onChange={(event) => props.onChange(SEVERITIES.find((one) => one === event.target.value) ?? 'medium')}
    />
  );
}
