import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { sweepAlerts } from './alert.store.ts';
import { lineUpAlarm } from './alerting.ts';
import { type Channels, createChannels } from './channels.ts';
import { escalate } from './escalate.ts';
import { createIncidents, type Incidents } from './incidents.ts';
import { observeLogs } from './observe.ts';
import type { MonitoringPorts } from './ports.ts';
import type { Severity } from './rule.ts';
import { createRules, type Rules } from './rules.ts';
import { sendAlerts } from './send-alerts.ts';
import { createTries, type Tries } from './tries.ts';
import { sweepTries } from './try.store.ts';
import { sweepWindows } from './watch.store.ts';
import { watchLogs } from './watch.ts';

/** The rules over the audit stream with all that follows from them (AU-3). */
export interface Monitoring {
  readonly rules: Rules;
  readonly incidents: Incidents;
  readonly channels: Channels;
  readonly tries: Tries;
  /** Tells every channel from this severity on, with the transaction of what it tells of. */
  alarm(
    tx: Transaction,
    organisation: OrganisationId,
    alarm: { readonly reason: 'emergency'; readonly severity: Severity },
  ): Promise<void>;
  /** The worker's parts. `watch` every second; the others as their names say. */
  watch(): Promise<number>;
  observe(organisations: readonly OrganisationId[]): Promise<void>;
  send(): Promise<number>;
  escalate(): Promise<void>;
  sweep(organisation: OrganisationId): Promise<void>;
}

/** Alerts stand in the time line of their incident; what became of each is kept for so long beside. */
const ALERTS_KEPT_MS = 90 * 86_400_000;
const TRIES_KEPT_MS = 7 * 86_400_000;

export function createMonitoring(ports: MonitoringPorts): Monitoring {
  return {
    rules: createRules(ports),
    incidents: createIncidents(ports),
    channels: createChannels(ports),
    tries: createTries(ports),
    alarm: (tx, organisation, alarm) => lineUpAlarm(ports, tx, organisation, alarm),
    watch: () => watchLogs(ports),
    observe: (organisations) => observeLogs(ports, organisations),
    send: () => sendAlerts(ports),
    escalate: () => escalate(ports),
    async sweep(organisation) {
      const now = ports.clock.now();
      await ports.database.tenant([organisation], 'worker', async (tx) => {
        await sweepWindows(tx, organisation, now);
        await sweepAlerts(tx, organisation, new Date(now.getTime() - ALERTS_KEPT_MS));
        await sweepTries(tx, organisation, new Date(now.getTime() - TRIES_KEPT_MS));
      });
    },
  };
}
