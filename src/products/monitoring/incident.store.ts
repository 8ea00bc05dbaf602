import type { Actor } from '#core/actor';
import type { IdentityId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Severity } from './rule.ts';

export const INCIDENT_STATES = ['open', 'acknowledged', 'assigned', 'closed'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

export interface IncidentRow {
  readonly id: string;
  readonly organisation: OrganisationId;
  /** Code of a ready rule or id of an own one; null for one that was opened by hand. */
  readonly rule: string | null;
  readonly group_key: string;
  readonly title: Buffer | null;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly opened_at: Date;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly hits: number;
  readonly amount: number;
  readonly evidence: number;
  readonly assigned_to: IdentityId | null;
  readonly acknowledged_at: Date | null;
  readonly closed_at: Date | null;
  readonly cause: string | null;
  readonly opened_by: Actor;
  readonly alerted_severity: Severity | null;
  readonly alerted_at: Date | null;
  readonly escalations: number;
}

const COLUMNS = `id, organisation, rule, group_key, title, severity, state, opened_at, first_at, last_at, hits, amount, evidence,
  assigned_to, acknowledged_at, closed_at, cause, opened_by, alerted_severity, alerted_at, escalations`;

export async function insertIncident(tx: Transaction, row: IncidentRow): Promise<void> {
  await tx.execute({
    name: 'incident.insert',
    text: `insert into sealpost.incident (id, organisation, rule, group_key, title, severity, state, opened_at, first_at, last_at,
        hits, amount, evidence, opened_by)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    values: [
      ...[
        row.id,
        row.organisation,
        row.rule,
        row.group_key,
        row.title,
        row.severity,
        row.state,
        row.opened_at,
      ],
      ...[row.first_at, row.last_at, row.hits, row.amount, row.evidence, JSON.stringify(row.opened_by)],
    ],
  });
}

/** The newest of a rule and group, held by this transaction: what new evidence may join. */
export async function newestOfGroup(
  tx: Transaction,
  organisation: OrganisationId,
  rule: string,
  group: string,
): Promise<IncidentRow | undefined> {
  return tx.maybe<IncidentRow>({
    name: 'incident.of-group',
    text: `select ${COLUMNS} from sealpost.incident where organisation = $1 and rule = $2 and group_key = $3
      order by last_at desc, id desc limit 1 for update`,
    values: [organisation, rule, group],
  });
}

export async function incidentById(
  tx: Transaction,
  organisations: readonly OrganisationId[],
  id: string,
  hold = false,
): Promise<IncidentRow | undefined> {
  return tx.maybe<IncidentRow>({
    name: hold ? 'incident.hold' : 'incident.by-id',
    text: `select ${COLUMNS} from sealpost.incident where organisation = any ($1::uuid[]) and id = $2${hold ? ' for update' : ''}`,
    values: [[...organisations], id],
  });
}

/** Newest first; `before` is the id of the last one seen. */
export async function listIncidents(
  tx: Transaction,
  organisations: readonly OrganisationId[],
  filter: {
    readonly states: readonly IncidentState[];
    readonly before: string | null;
    readonly most: number;
  },
): Promise<IncidentRow[]> {
  return tx.query<IncidentRow>({
    name: 'incident.list',
    text: `select ${COLUMNS} from sealpost.incident
      where organisation = any ($1::uuid[]) and state = any ($2::text[]) and ($3::uuid is null or id < $3::uuid)
      order by id desc limit $4`,
    values: [[...organisations], [...filter.states], filter.before, filter.most],
  });
}

/** How many are not closed, and how many of them nobody has acknowledged. */
export async function countOpen(
  tx: Transaction,
  organisations: readonly OrganisationId[],
): Promise<{ readonly open: number; readonly unanswered: number }> {
  const row = await tx.one<{ open: number; unanswered: number }>({
    name: 'incident.count-open',
    text: `select count(*)::integer as open, count(*) filter (where state = 'open')::integer as unanswered
      from sealpost.incident where organisation = any ($1::uuid[]) and state <> 'closed'`,
    values: [[...organisations]],
  });
  return row;
}

/** More of the same: nothing is ever made less. */
export async function addToIncident(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  more: {
    readonly lastAt: Date;
    readonly hits: number;
    readonly amount: number;
    readonly evidence: number;
    readonly severity: Severity;
    readonly state: IncidentState;
  },
): Promise<void> {
  await tx.execute({
    name: 'incident.add',
    text: `update sealpost.incident set last_at = greatest(last_at, $3), hits = hits + $4, amount = greatest(amount, $5),
        evidence = evidence + $6, severity = $7, state = $8,
        closed_at = case when $8 = 'closed' then closed_at end, cause = case when $8 = 'closed' then cause end
      where organisation = $1 and id = $2`,
    values: [organisation, id, more.lastAt, more.hits, more.amount, more.evidence, more.severity, more.state],
  });
}

export async function changeIncident(
  tx: Transaction,
  row: Pick<
    IncidentRow,
    'id' | 'organisation' | 'state' | 'severity' | 'assigned_to' | 'acknowledged_at' | 'closed_at' | 'cause'
  >,
): Promise<void> {
  await tx.execute({
    name: 'incident.change',
    text: `update sealpost.incident set state = $3, severity = $4, assigned_to = $5, acknowledged_at = $6, closed_at = $7, cause = $8
      where organisation = $1 and id = $2`,
    values: [
      ...[row.organisation, row.id, row.state, row.severity, row.assigned_to, row.acknowledged_at],
      ...[row.closed_at, row.cause],
    ],
  });
}

export async function markAlerted(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  severity: Severity,
  at: Date,
  escalation: boolean,
): Promise<void> {
  await tx.execute({
    name: 'incident.mark-alerted',
    text: `update sealpost.incident set alerted_severity = $3, alerted_at = $4, escalations = escalations + $5
      where organisation = $1 and id = $2`,
    values: [organisation, id, severity, at, escalation ? 1 : 0],
  });
}

/** Returns how many of the entries were new to it. */
export async function insertEvidence(
  tx: Transaction,
  organisation: OrganisationId,
  incident: string,
  entries: readonly string[],
): Promise<number> {
  if (entries.length === 0) return 0;
  return tx.execute({
    name: 'incident.evidence',
    text: `insert into sealpost.incident_evidence (organisation, incident, entry) select $1, $2, unnest($3::uuid[])
      on conflict do nothing`,
    values: [organisation, incident, [...entries]],
  });
}

export async function evidenceOf(
  tx: Transaction,
  organisation: OrganisationId,
  incident: string,
): Promise<string[]> {
  const rows = await tx.query<{ entry: string }>({
    name: 'incident.evidence-of',
    text: 'select entry from sealpost.incident_evidence where organisation = $1 and incident = $2 order by entry limit 500',
    values: [organisation, incident],
  });
  return rows.map(({ entry }) => entry);
}

export interface StepRow {
  readonly id: string;
  readonly kind: string;
  readonly actor: Actor;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
  readonly note: Buffer | null;
  readonly at: Date;
}

export async function insertStep(
  tx: Transaction,
  organisation: OrganisationId,
  incident: string,
  row: StepRow,
): Promise<void> {
  await tx.execute({
    name: 'incident.insert-step',
    text: `insert into sealpost.incident_step (id, organisation, incident, kind, actor, details, note, at)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      ...[row.id, organisation, incident, row.kind, JSON.stringify(row.actor), JSON.stringify(row.details)],
      ...[row.note, row.at],
    ],
  });
}

export async function stepsOf(
  tx: Transaction,
  organisation: OrganisationId,
  incident: string,
): Promise<StepRow[]> {
  return tx.query<StepRow>({
    name: 'incident.steps',
    text: `select id, kind, actor, details, note, at from sealpost.incident_step
      where organisation = $1 and incident = $2 order by id limit 500`,
    values: [organisation, incident],
  });
}

/** Incidents that nobody acknowledged, whose last alert was before that moment. */
export async function unanswered(
  tx: Transaction,
  organisation: OrganisationId,
  alertedBefore: Date,
  mostEscalations: number,
): Promise<IncidentRow[]> {
  return tx.query<IncidentRow>({
    name: 'incident.unanswered',
    text: `select ${COLUMNS} from sealpost.incident
      where organisation = $1 and state = 'open' and alerted_at < $2 and escalations < $3 order by id limit 100 for update skip locked`,
    values: [organisation, alertedBefore, mostEscalations],
  });
}

/** Organisations with such incidents; ids only. */
export async function organisationsUnanswered(tx: Transaction): Promise<OrganisationId[]> {
  const rows = await tx.query<{ id: OrganisationId }>({
    name: 'incident.organisations-unanswered',
    text: 'select id from sealpost.unanswered_incidents() as t (id)',
  });
  return rows.map(({ id }) => id);
}
