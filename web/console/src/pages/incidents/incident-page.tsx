import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { IncidentDetail } from '../../api-types.ts';
import { alertRulesQuery, incidentQuery } from '../../data/monitoring.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Code, Facts } from '../../parts/facts.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { ruleName, ruleSentence } from '../../text/alert-rules.ts';
import { evidenceText } from '../../text/evidence.ts';
import { failureWords, monitoringText } from '../../text/monitoring.ts';
import { EvidenceList } from '../audit/evidence-list.tsx';
import { FileEvidence } from '../audit/file-evidence.tsx';
import { Evidence } from './evidence.tsx';
import { IncidentActs } from './incident-acts.tsx';
import { incidentName } from './incidents-page.tsx';
import { Severity } from './severity.tsx';

const words = monitoringText.incident;

/** One incident: what it is, what shows it, what was done about it. */
export function IncidentPage() {
  const { id } = useParams({ from: '/app/incidents/$id' });
  const mayRules = useMay('alerts:read');
  const incident = useQuery(incidentQuery(id));
  const rules = useQuery({ ...alertRulesQuery, enabled: mayRules });
  const may = useMay('incidents:manage');
  const rule = rules.data?.items.find((one) => one.id === incident.data?.rule);
  const names = new Map(rule === undefined ? [] : [[rule.id, ruleName(rule)]]);
  const title = incident.data ? incidentName(incident.data, names) : monitoringText.incidents.title;
  return (
    <Page
      title={title}
      lead={rule === undefined ? undefined : ruleSentence(rule.definition)}
      actions={may && incident.data && <IncidentActs incident={incident.data} />}
    >
      {incident.isPending && <RowsSkeleton rows={5} label={words.loading} />}
      {incident.isError && <Failure error={incident.error} retry={() => void incident.refetch()} />}
      {incident.data && <Body incident={incident.data} />}
    </Page>
  );
}

function Body({ incident: one }: { incident: IncidentDetail }) {
  return (
    <>
      <Section title={words.facts}>
        <Facts
          columns={2}
          facts={[
            [monitoringText.severity, <Severity key="severity" value={one.severity} />],
            [words.state, monitoringText.incidents.states[one.state]],
            [words.assigned, one.assignedTo?.label],
            [words.cause, one.cause === null ? null : words.causes[one.cause]],
            [words.opened, <When key="opened" time={one.openedAt} as="long" />],
            [words.openedBy, one.openedBy.label],
            [words.first, <When key="first" time={one.firstAt} as="long" />],
            [words.last, <When key="last" time={one.lastAt} as="long" />],
            [words.hits, monitoringText.incidents.hits(one.hits)],
            [words.amount, one.amount > 1 && one.amount.toLocaleString('en')],
            [
              words.group,
              one.rule === null || one.group === 'all' ? null : <Code key="group">{one.group}</Code>,
            ],
          ]}
        />
      </Section>
      <Section title={words.timeline}>
        <ol className="border-t border-line">
          {one.steps.map((step) => (
            <li key={step.id} className="flex flex-wrap gap-x-4 border-b border-line py-2">
              <span className="w-40 shrink-0 text-ink-2">
                <When time={step.at} />
              </span>
              <div className="min-w-0 flex-1 basis-56">
                <p>
                  {words.steps[step.kind] ?? step.kind}{' '}
                  <span className="text-ink-2">
                    {step.actor.label}
                    {typeof step.details.channel === 'string' &&
                      `, ${words.channels[step.details.channel] ?? step.details.channel}`}
                  </span>
                </p>
                {step.note && <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{step.note}</p>}
              </div>
            </li>
          ))}
        </ol>
      </Section>
      <Section title={words.alerts}>
        {one.alerts.length === 0 && <p className="text-ink-2">{words.noAlerts}</p>}
        <ul>
          {one.alerts.map((alert) => (
            <li key={alert.id}>
              <When time={alert.createdAt} /> · {words.reasons[alert.reason]}:{' '}
              {words.alertStates[alert.state]}
              {alert.failure && <span className="text-failed"> ({failureWords(alert.failure)})</span>}
            </li>
          ))}
        </ul>
      </Section>
      <Evidence entries={one.entries} />
      <Reports incident={one.id} />
    </>
  );
}

/** What outside systems reported of it, for those who may read the audit log. */
function Reports({ incident }: { incident: string }) {
  const [reads, files] = [useMay('audit:read'), useMay('audit:review')];
  const [filing, setFiling] = useState(false);
  if (!reads) return null;
  return (
    <Section
      title={evidenceText.ofIncident}
      actions={files && <Button onClick={() => setFiling(true)}>{evidenceText.file}</Button>}
    >
      <EvidenceList incident={incident} empty={<p className="text-ink-2">{evidenceText.noneOfIncident}</p>} />
      <FileEvidence incident={incident} open={filing} onOpenChange={setFiling} />
    </Section>
  );
}
