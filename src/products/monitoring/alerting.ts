import { INSTALLATION, type OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { type AlertReason, alertSetting, channelRows, insertAlert, OPERATORS } from './alert.store.ts';
import { type IncidentRow, markAlerted } from './incident.store.ts';
import type { MonitoringPorts } from './ports.ts';
import { SEVERITIES, type Severity } from './rule.ts';

/** After how many minutes an incident that nobody acknowledged alerts again, unless the organisation says otherwise. */
export const ESCALATE_MINUTES = 60;
/** An alert that could not be handed over in this time is dead. */
export const GIVE_UP_MS = 24 * 3_600_000;

export const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);

/**
 * Lines up one alert a channel, in the transaction that changed the incident. While alerts are muted they are put down as
 * muted: what was not told can be seen.
 */
export async function lineUpAlerts(
  ports: Pick<MonitoringPorts, 'clock'>,
  tx: Transaction,
  organisation: OrganisationId,
  incident: Pick<IncidentRow, 'id' | 'severity'>,
  reason: AlertReason,
  only: readonly string[] | null,
): Promise<void> {
  const now = ports.clock.now();
  await insertAlerts(tx, organisation, {
    incident: incident.id,
    severity: incident.severity,
    reason,
    only,
    now,
  });
  await markAlerted(tx, organisation, incident.id, incident.severity, now, reason === 'escalated');
}

/** The same of something that is no incident: it does not wait for a rule to read of it, nor joins what was before. */
export async function lineUpAlarm(
  { clock }: Pick<MonitoringPorts, 'clock'>,
  tx: Transaction,
  organisation: OrganisationId,
  alarm: { readonly reason: 'emergency'; readonly severity: Severity },
): Promise<void> {
  await insertAlerts(tx, organisation, { ...alarm, incident: null, only: null, now: clock.now() });
}

const TO_OPERATORS = { id: OPERATORS, active: true, least: 'medium' } as const;

interface ToTell {
  readonly incident: string | null;
  readonly severity: Severity;
  readonly reason: AlertReason;
  /** Channels that are told, where not all are. */
  readonly only: readonly string[] | null;
  readonly now: Date;
}

async function insertAlerts(
  tx: Transaction,
  organisation: OrganisationId,
  { incident, severity, reason, only, now }: ToTell,
): Promise<void> {
  const [channels, setting] = await Promise.all([
    channelRows(tx, organisation),
    alertSetting(tx, organisation),
  ]);
  const muted = setting?.muted_until != null && setting.muted_until > now;
  const all = organisation === INSTALLATION ? [...channels, TO_OPERATORS] : channels;
  for (const channel of all) {
    const told = channel.active && rank(channel.least) <= rank(severity);
    if (!told || (only !== null && !only.includes(channel.id))) continue;
    await insertAlert(tx, organisation, {
      ...{ id: newId(), incident, channel: channel.id, reason, severity },
      state: muted ? 'muted' : 'waiting',
      ...{ created_at: now, due_at: now, give_up_at: new Date(now.getTime() + GIVE_UP_MS) },
    });
  }
}
