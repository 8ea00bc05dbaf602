import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import type { AlertReason } from './alert.store.ts';
import { lineUpAlerts, rank } from './alerting.ts';
import { type Finding, MOST_INCIDENT_EVIDENCE } from './evaluate.ts';
import {
  addToIncident,
  type IncidentRow,
  insertEvidence,
  insertIncident,
  insertStep,
  newestOfGroup,
} from './incident.store.ts';
import { bySystem, type MonitoringPorts, SYSTEM } from './ports.ts';
import { joinMs } from './rule.ts';

/** Opens, joins and reopens incidents, in the transaction that read the entries: all of it is done once or not at all. */
export async function recordFindings(
  ports: MonitoringPorts,
  tx: Transaction,
  organisation: OrganisationId,
  findings: readonly Finding[],
  channelsOf: (rule: string) => readonly string[] | null,
  /** `each`: also what joins an incident that was told of already is told again. */
  tell: 'news' | 'each' = 'news',
): Promise<void> {
  for (const finding of findings) {
    const newest = await newestOfGroup(tx, organisation, finding.rule.id, finding.group);
    const joins =
      newest !== undefined && finding.firstAt - newest.last_at.getTime() <= joinMs(finding.rule.definition);
    const told = joins
      ? await join(ports, tx, newest, finding)
      : { incident: await open(ports, tx, organisation, finding), reason: 'opened' as const };
    const again =
      tell === 'each' && newest !== undefined ? { incident: newest, reason: 'raised' as const } : null;
    const due = told ?? again;
    if (due === null) continue;
    await lineUpAlerts(ports, tx, organisation, due.incident, due.reason, channelsOf(finding.rule.id));
  }
}

async function open(
  ports: MonitoringPorts,
  tx: Transaction,
  organisation: OrganisationId,
  finding: Finding,
): Promise<IncidentRow> {
  const { rule, group, hits, amount } = finding;
  const row: IncidentRow = {
    ...{ id: newId(ports.clock), organisation, rule: rule.id, group_key: group, title: null, hits, amount },
    ...{ severity: rule.severity, state: 'open', opened_at: ports.clock.now(), evidence: 0 },
    ...{ first_at: new Date(finding.firstAt), last_at: new Date(finding.lastAt), opened_by: SYSTEM },
    ...{ assigned_to: null, acknowledged_at: null, closed_at: null, cause: null },
    ...{ alerted_severity: null, alerted_at: null, escalations: 0 },
  };
  const evidence = finding.evidence.slice(0, MOST_INCIDENT_EVIDENCE);
  await insertIncident(tx, { ...row, evidence: evidence.length });
  await insertEvidence(tx, organisation, row.id, evidence);
  await say(ports, tx, row, 'opened', { rule: rule.id, severity: rule.severity, amount });
  return row;
}

/** Null where nobody is to be told: it is the same incident, and it is as grave as it was. */
async function join(
  ports: MonitoringPorts,
  tx: Transaction,
  before: IncidentRow,
  finding: Finding,
): Promise<{ readonly incident: IncidentRow; readonly reason: AlertReason } | null> {
  const { rule, hits, amount, lastAt } = finding;
  const reopened = before.state === 'closed';
  const severity = rank(rule.severity) > rank(before.severity) ? rule.severity : before.severity;
  const raised = rank(severity) > rank(before.alerted_severity ?? before.severity);
  const room = Math.max(0, MOST_INCIDENT_EVIDENCE - before.evidence);
  const evidence = await insertEvidence(tx, before.organisation, before.id, finding.evidence.slice(0, room));
  const incident = { ...before, severity, state: reopened ? ('open' as const) : before.state };
  await addToIncident(tx, before.organisation, before.id, {
    ...{ lastAt: new Date(lastAt), hits, amount, evidence, severity, state: incident.state },
  });
  if (reopened) await say(ports, tx, incident, 'reopened', { rule: rule.id, severity, amount });
  else if (raised) await say(ports, tx, incident, 'raised', { rule: rule.id, severity, amount });
  if (reopened) return { incident, reason: 'reopened' };
  return raised ? { incident, reason: 'raised' } : null;
}

async function say(
  ports: MonitoringPorts,
  tx: Transaction,
  { id, organisation }: IncidentRow,
  kind: 'opened' | 'reopened' | 'raised',
  details: Readonly<Record<string, string | number>>,
): Promise<void> {
  const at = ports.clock.now();
  await insertStep(tx, organisation, id, {
    ...{ id: newId(ports.clock), kind, actor: SYSTEM, details, note: null, at },
  });
  const subjects = [{ kind: 'incident', id }];
  await ports.audit.append(tx, bySystem(organisation, `incident.${kind}`, { subjects, details }));
}
