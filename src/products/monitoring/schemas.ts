import { z } from 'zod';
import type { Actor, Caller } from '#core/actor';
import type { AlertRow } from './alert.store.ts';
import type { Channel } from './channels.ts';
import { INCIDENT_STATES } from './incident.store.ts';
import { CAUSES, type Incident, type IncidentDetail } from './incidents.ts';
import { definitionSchema, SEVERITIES } from './rule.ts';
import type { Rule } from './rules.ts';
import type { TryRow } from './try.store.ts';

export type LabelActor = (
  caller: Caller,
  actor: Actor,
) => Promise<{ kind: Actor['kind']; id: string; label: string }>;

export const severitySchema = z.enum(SEVERITIES).meta({ id: 'AlertSeverity' });
const actorSchema = z.strictObject({ kind: z.string(), id: z.string(), label: z.string() });
const time = z.iso.datetime();

export const ruleSchema = z
  .strictObject({
    id: z.string().describe('Code of a ready rule, or id of your own'),
    ready: z.boolean(),
    name: z.string().nullable(),
    definition: definitionSchema,
    severity: severitySchema,
    active: z.boolean(),
    channels: z.array(z.uuid()).nullable().describe('Who is told; null for every channel'),
    revision: z.number().int().describe('0 for a ready rule that nobody changed'),
    changedAt: time.nullable(),
    changedBy: actorSchema.nullable(),
  })
  .meta({ id: 'AlertRule' });

export async function ruleView(
  label: LabelActor,
  caller: Caller,
  rule: Rule,
): Promise<z.output<typeof ruleSchema>> {
  const { changedBy, changedAt, channels, ...rest } = rule;
  return {
    ...rest,
    channels: channels === null ? null : [...channels],
    changedAt: changedAt?.toISOString() ?? null,
    changedBy: changedBy === null ? null : await label(caller, changedBy),
  };
}

export const trySchema = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    progress: z.number().min(0).max(1),
    days: z.number().int(),
    definition: definitionSchema,
    severity: severitySchema,
    result: z
      .strictObject({
        entries: z.number().int().describe('Entries of these days that were looked at'),
        found: z.number().int().describe('Incidents that the rule would have opened'),
        incidents: z.array(
          z.strictObject({
            group: z.string(),
            firstAt: time,
            lastAt: time,
            hits: z.number().int(),
            amount: z.number(),
            entries: z.array(z.uuid()),
          }),
        ),
      })
      .nullable(),
    createdAt: time,
    finishedAt: time.nullable(),
  })
  .meta({ id: 'AlertRuleTry' });

export function tryView(row: TryRow): z.output<typeof trySchema> {
  const { id, state, progress, days, definition, severity, result } = row;
  return {
    ...{ id, state, progress, days, definition, severity },
    result:
      result === null
        ? null
        : { ...result, incidents: result.incidents.map((one) => ({ ...one, entries: [...one.entries] })) },
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

const incidentShape = {
  id: z.uuid(),
  installation: z.boolean().describe('Of the installation itself: operators alone see it'),
  rule: z.string().nullable().describe('Code or id of the rule; null for one that was opened by hand'),
  group: z.string().describe('What its entries have in common: an id, or a network of staff'),
  title: z.string().nullable(),
  severity: severitySchema,
  state: z.enum(INCIDENT_STATES),
  openedAt: time,
  firstAt: time,
  lastAt: time,
  hits: z.number().int(),
  amount: z.number(),
  evidence: z.number().int(),
  assignedTo: actorSchema.nullable(),
  cause: z.enum(CAUSES).nullable(),
  closedAt: time.nullable(),
  openedBy: actorSchema,
};
export const incidentSchema = z.strictObject(incidentShape).meta({ id: 'Incident' });

const alertSchema = z
  .strictObject({
    id: z.uuid(),
    channel: z.uuid(),
    reason: z.enum(['opened', 'raised', 'reopened', 'escalated', 'emergency', 'test']),
    severity: severitySchema,
    state: z.enum(['waiting', 'sent', 'dead', 'muted']),
    attempts: z.number().int(),
    failure: z.string().nullable(),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'Alert' });

export const incidentDetailSchema = z
  .strictObject({
    ...incidentShape,
    entries: z.array(z.uuid()).describe('Audit entries that show it'),
    steps: z.array(
      z.strictObject({
        id: z.uuid(),
        kind: z.string(),
        actor: actorSchema,
        details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        note: z.string().nullable(),
        at: time,
      }),
    ),
    alerts: z.array(alertSchema),
  })
  .meta({ id: 'IncidentDetail' });

export async function incidentView(
  label: LabelActor,
  caller: Caller,
  incident: Incident,
): Promise<z.output<typeof incidentSchema>> {
  const { id, rule, title, severity, state, hits, amount, evidence, assigned_to: to } = incident;
  const person = (identity: typeof to & string): Actor => ({
    kind: 'person',
    identity,
    session: '' as never,
  });
  return {
    ...{ id, rule, title, severity, state, hits, amount, evidence, group: incident.group_key },
    installation: incident.organisation !== caller.organisation,
    openedAt: incident.opened_at.toISOString(),
    firstAt: incident.first_at.toISOString(),
    lastAt: incident.last_at.toISOString(),
    assignedTo: to === null ? null : await label(caller, person(to)),
    cause: CAUSES.find((one) => one === incident.cause) ?? null,
    closedAt: incident.closed_at?.toISOString() ?? null,
    openedBy: await label(caller, incident.opened_by),
  };
}

export async function incidentDetailView(
  label: LabelActor,
  caller: Caller,
  incident: IncidentDetail,
): Promise<z.output<typeof incidentDetailSchema>> {
  return {
    ...(await incidentView(label, caller, incident)),
    entries: [...incident.entries],
    steps: await Promise.all(
      incident.steps.map(async ({ id, kind, actor, details, note, at }) => ({
        ...{ id, kind, details, note, at: at.toISOString() },
        actor: await label(caller, actor),
      })),
    ),
    alerts: incident.alerts.map(alertView),
  };
}

function alertView(row: AlertRow): z.output<typeof alertSchema> {
  const { id, channel, reason, severity, state, attempts, failure } = row;
  return {
    ...{ id, channel, reason, severity, state, attempts, failure },
    createdAt: row.created_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

export const channelSchema = z
  .strictObject({
    id: z.uuid(),
    kind: z.enum(['mail', 'text', 'webhook']),
    label: z.string(),
    people: z.array(actorSchema),
    numbers: z.array(z.string()).describe('Masked'),
    url: z.string().nullable(),
    least: severitySchema.describe('Tells of incidents of this severity and above'),
    active: z.boolean(),
    changedAt: time,
    changedBy: actorSchema,
    newest: alertSchema.nullable().describe('The newest alert that it was given'),
  })
  .meta({ id: 'AlertChannel' });

export async function channelView(
  label: LabelActor,
  caller: Caller,
  channel: Channel,
): Promise<z.output<typeof channelSchema>> {
  const { id, kind, numbers, url, least, active, newest } = channel;
  const person = (identity: string): Actor => ({
    kind: 'person',
    identity: identity as never,
    session: '' as never,
  });
  return {
    ...{ id, kind, label: channel.label, numbers: [...numbers], url, least, active },
    people: await Promise.all(channel.people.map((one) => label(caller, person(one)))),
    changedAt: channel.changedAt.toISOString(),
    changedBy: await label(caller, channel.changedBy),
    newest: newest === null ? null : alertView(newest),
  };
}
