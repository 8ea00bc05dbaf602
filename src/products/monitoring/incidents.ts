import type { Caller } from '#core/actor';
import { doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { type AlertRow, alertsOf } from './alert.store.ts';
import { lineUpAlerts, rank } from './alerting.ts';
import {
  changeIncident,
  countOpen,
  evidenceOf,
  type IncidentRow,
  type IncidentState,
  incidentById,
  insertEvidence,
  insertIncident,
  insertStep,
  listIncidents,
  type StepRow,
  stepsOf,
} from './incident.store.ts';
import { logsOf, type MonitoringPorts } from './ports.ts';
import type { Severity } from './rule.ts';
import { activeRules } from './rule-sets.ts';

/** Why an incident was closed. */
export const CAUSES = ['attack', 'mistake', 'expected', 'false-alarm', 'test', 'other'] as const;
export type Cause = (typeof CAUSES)[number];

export interface Incident extends Omit<IncidentRow, 'title'> {
  readonly title: string | null;
}
export interface IncidentDetail extends Incident {
  readonly entries: readonly string[];
  readonly steps: readonly (Omit<StepRow, 'note'> & { readonly note: string | null })[];
  readonly alerts: readonly AlertRow[];
}

export type IncidentAct =
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'assign'; readonly to: IdentityId }
  | { readonly kind: 'raise'; readonly severity: Severity }
  | { readonly kind: 'note'; readonly note: string }
  | { readonly kind: 'close'; readonly cause: Cause; readonly note: string }
  | { readonly kind: 'reopen' };

export interface Incidents {
  list(
    caller: Caller,
    filter: {
      readonly states: readonly IncidentState[];
      readonly before: string | null;
      readonly most: number;
    },
  ): Promise<readonly Incident[]>;
  count(caller: Caller): Promise<{ readonly open: number; readonly unanswered: number }>;
  /** Refusal `not-found`. */
  read(caller: Caller, id: string): Promise<IncidentDetail>;
  open(
    caller: Caller,
    given: {
      readonly title: string;
      readonly severity: Severity;
      readonly entries: readonly string[];
      readonly note: string;
    },
  ): Promise<IncidentDetail>;
  /** Refusals: `not-found`, `wrong-state`, `invalid` where it cannot be assigned to that person. */
  act(caller: Caller, id: string, act: IncidentAct): Promise<IncidentDetail>;
}

const binding = (organisation: OrganisationId, field: string, row: string) => ({ organisation, field, row });

export function createIncidents(ports: MonitoringPorts): Incidents {
  const { database, vault, clock, audit } = ports;
  const opened = async (row: IncidentRow): Promise<Incident> => ({
    ...row,
    title:
      row.title === null
        ? null
        : (await vault.openValue(binding(row.organisation, 'incident.title', row.id), row.title)).toString(),
  });
  const detail = async (tx: Transaction, row: IncidentRow): Promise<IncidentDetail> => {
    const { organisation, id } = row;
    const steps = await stepsOf(tx, organisation, id);
    return {
      ...(await opened(row)),
      entries: await evidenceOf(tx, organisation, id),
      alerts: await alertsOf(tx, organisation, id),
      steps: await Promise.all(steps.map((step) => openStep(ports, organisation, step))),
    };
  };
  return {
    async list(caller, filter) {
      const logs = logsOf(caller);
      const rows = await database.tenant(logs, 'app', async (tx) => {
        const found = await listIncidents(tx, logs, filter);
        await audit.append(tx, doneBy(caller, 'incidents.listed', { details: { count: found.length } }));
        return found;
      });
      return Promise.all(rows.map(opened));
    },
    count(caller) {
      const logs = logsOf(caller);
      return database.tenant(logs, 'app', (tx) => countOpen(tx, logs));
    },
    read(caller, id) {
      const logs = logsOf(caller);
      return database.tenant(logs, 'app', async (tx) => {
        const row = await incidentById(tx, logs, id);
        if (row === undefined) throw new Refusal('not-found');
        await audit.append(tx, doneBy(caller, 'incident.viewed', { subjects: [{ kind: 'incident', id }] }));
        return detail(tx, row);
      });
    },
    open: (caller, given) => openByHand(ports, caller, given, detail),
    act(caller, id, act) {
      const logs = logsOf(caller);
      return database.tenant(logs, 'app', async (tx) => {
        const row = await incidentById(tx, logs, id, true);
        if (row === undefined) throw new Refusal('not-found');
        if (act.kind === 'assign' && (await ports.reader(caller.organisation, act.to)) === null)
          throw new Refusal('invalid', { path: 'to' });
        const next = after(row, act, clock.now());
        await changeIncident(tx, next);
        await putOnRecord(ports, tx, caller, next, act);
        if (rank(next.severity) > rank(row.severity) && next.state !== 'closed') {
          const { channelsOf } = await activeRules(tx, row.organisation);
          await lineUpAlerts(
            ports,
            tx,
            row.organisation,
            next,
            'raised',
            row.rule === null ? null : channelsOf(row.rule),
          );
        }
        const now = await incidentById(tx, logs, id);
        if (now === undefined) throw new Refusal('not-found');
        return detail(tx, now);
      });
    },
  };
}

/** What an act makes of an incident. Refusal `wrong-state` where it makes no sense. */
export function after(row: IncidentRow, act: IncidentAct, now: Date): IncidentRow {
  const closed = row.state === 'closed';
  const fits = act.kind === 'note' || (act.kind === 'reopen') === closed;
  if (!fits || (act.kind === 'acknowledge' && row.state !== 'open'))
    throw new Refusal('wrong-state', { state: row.state });
  switch (act.kind) {
    case 'note':
      return row;
    case 'acknowledge':
      return { ...row, state: 'acknowledged', acknowledged_at: now };
    case 'assign':
      return { ...row, state: 'assigned', assigned_to: act.to, acknowledged_at: row.acknowledged_at ?? now };
    case 'raise':
      return { ...row, severity: act.severity };
    case 'close':
      return { ...row, state: 'closed', closed_at: now, cause: act.cause };
    case 'reopen':
      return {
        ...row,
        state: 'open',
        closed_at: null,
        cause: null,
        assigned_to: null,
        acknowledged_at: null,
      };
  }
}

const VERBS = {
  acknowledge: 'acknowledged',
  assign: 'assigned',
  raise: 'severity-set',
  note: 'noted',
  close: 'closed',
  reopen: 'reopened',
} as const;

async function putOnRecord(
  ports: MonitoringPorts,
  tx: Transaction,
  caller: Caller,
  incident: IncidentRow,
  act: IncidentAct,
): Promise<void> {
  const { id, organisation } = incident;
  const details = {
    ...(act.kind === 'assign' ? { to: act.to } : {}),
    ...(act.kind === 'raise' ? { severity: act.severity } : {}),
    ...(act.kind === 'close' ? { cause: act.cause } : {}),
  };
  const step = newId(ports.clock);
  const note = 'note' in act && act.note !== '' ? await sealNote(ports, organisation, step, act.note) : null;
  const kind = VERBS[act.kind];
  const at = ports.clock.now();
  await insertStep(tx, organisation, id, { id: step, kind, actor: caller.actor, details, note, at });
  const subjects = [
    ...(act.kind === 'assign' ? [{ kind: 'identity', id: act.to }] : []),
    { kind: 'incident', id },
  ];
  // In the log that the incident is about: an operator's act on the installation's own incident stands there.
  await ports.audit.append(tx, {
    ...doneBy(caller, `incident.${kind}`, { details, subjects }),
    organisation,
  });
}

const sealNote = ({ vault }: MonitoringPorts, organisation: OrganisationId, step: string, note: string) =>
  vault.sealValue('record', binding(organisation, 'incident_step.note', step), note);

async function openStep({ vault }: MonitoringPorts, organisation: OrganisationId, step: StepRow) {
  const note =
    step.note === null
      ? null
      : (await vault.openValue(binding(organisation, 'incident_step.note', step.id), step.note)).toString();
  return { ...step, note };
}

async function openByHand(
  ports: MonitoringPorts,
  caller: Caller,
  given: Parameters<Incidents['open']>[1],
  detail: (tx: Transaction, row: IncidentRow) => Promise<IncidentDetail>,
): Promise<IncidentDetail> {
  const { organisation, actor } = caller;
  const { database, vault, clock } = ports;
  const id = newId(clock);
  const at = clock.now();
  const title = await vault.sealValue('record', binding(organisation, 'incident.title', id), given.title);
  const row: IncidentRow = {
    ...{ id, organisation, rule: null, group_key: 'by-hand', title, severity: given.severity, state: 'open' },
    ...{ opened_at: at, first_at: at, last_at: at, hits: 1, amount: 1, evidence: given.entries.length },
    ...{ assigned_to: null, acknowledged_at: null, closed_at: null, cause: null, opened_by: actor },
    ...{ alerted_severity: null, alerted_at: null, escalations: 0 },
  };
  return database.tenant([organisation], 'app', async (tx) => {
    await insertIncident(tx, row);
    await insertEvidence(tx, organisation, id, given.entries);
    const step = newId(clock);
    const note = given.note === '' ? null : await sealNote(ports, organisation, step, given.note);
    await insertStep(tx, organisation, id, {
      id: step,
      kind: 'opened',
      actor,
      details: { severity: given.severity },
      note,
      at,
    });
    const details = { rule: null, severity: given.severity };
    const subjects = [{ kind: 'incident', id }];
    await ports.audit.append(tx, doneBy(caller, 'incident.opened', { details, subjects }));
    await lineUpAlerts(ports, tx, organisation, row, 'opened', null);
    return detail(tx, row);
  });
}
