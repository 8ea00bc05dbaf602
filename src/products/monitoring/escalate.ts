import { newId } from '#platform/runtime';
import { alertSetting } from './alert.store.ts';
import { ESCALATE_MINUTES, lineUpAlerts } from './alerting.ts';
import { insertStep, organisationsUnanswered, unanswered } from './incident.store.ts';
import { type MonitoringPorts, SYSTEM } from './ports.ts';

/** After that many, silence is somebody's decision. */
const MOST_ESCALATIONS = 3;

/** Tells again of incidents that nobody acknowledged in time: every channel, whatever the rule says. */
export async function escalate(ports: MonitoringPorts): Promise<void> {
  const organisations = await ports.database.system('worker', organisationsUnanswered);
  for (const organisation of organisations) {
    await ports.database.tenant([organisation], 'worker', async (tx) => {
      const minutes = (await alertSetting(tx, organisation))?.escalate_minutes ?? ESCALATE_MINUTES;
      if (minutes === 0) return;
      const before = new Date(ports.clock.now().getTime() - minutes * 60_000);
      for (const incident of await unanswered(tx, organisation, before, MOST_ESCALATIONS)) {
        await lineUpAlerts(ports, tx, organisation, incident, 'escalated', null);
        const details = { minutes, times: incident.escalations + 1 };
        const step = { kind: 'escalated', actor: SYSTEM, details, note: null, at: ports.clock.now() };
        await insertStep(tx, organisation, incident.id, { id: newId(ports.clock), ...step });
      }
    });
  }
}
