import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import { type AlertReason, alertSetting, channelRows, insertAlert } from './alert.store.ts';
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
  const [channels, setting] = await Promise.all([
    channelRows(tx, organisation),
    alertSetting(tx, organisation),
  ]);
  const muted = setting?.muted_until != null && setting.muted_until > now;
  for (const channel of channels) {
    const told = channel.active && rank(channel.least) <= rank(incident.severity);
    if (!told || (only !== null && !only.includes(channel.id))) continue;
    await insertAlert(tx, organisation, {
      ...{ id: newId(ports.clock), incident: incident.id, channel: channel.id, reason },
      severity: incident.severity,
      state: muted ? 'muted' : 'waiting',
      ...{ created_at: now, due_at: now, give_up_at: new Date(now.getTime() + GIVE_UP_MS) },
    });
  }
  await markAlerted(tx, organisation, incident.id, incident.severity, now, reason === 'escalated');
}
