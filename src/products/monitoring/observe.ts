import { INSTALLATION, type OrganisationId } from '#core/ids';
import type { AuditState } from '#platform/audit';
import type { Finding } from './evaluate.ts';
import type { MonitoringPorts } from './ports.ts';
import { recordFindings } from './record-findings.ts';
import type { ActiveRule, Signal } from './rule.ts';
import { activeRules } from './rule-sets.ts';

/** For how long a signal has stood, in seconds; 0 where it does not. */
export function signalSeconds(signal: Signal, state: AuditState, now: Date): number {
  const since = (at: Date | null): number =>
    at === null ? 0 : Math.max(0, (now.getTime() - at.getTime()) / 1000);
  switch (signal) {
    case 'audit-behind':
      return since(state.oldestUnplaced);
    case 'checkpoint-missing':
      return state.size > (state.lastCheckpoint?.size ?? 0)
        ? since(state.lastCheckpoint?.at ?? new Date(0))
        : 0;
    case 'witness-behind':
      return since(state.oldestUnwitnessed);
  }
}

/** What the log's own state says is wrong: an attack on the log would not show in it. Pure. */
export function signalFindings(rules: readonly ActiveRule[], state: AuditState, now: Date): Finding[] {
  return rules.flatMap((rule): Finding[] => {
    const { detector } = rule.definition;
    if (detector.kind !== 'signal') return [];
    const seconds = signalSeconds(detector.signal, state, now);
    if (seconds < detector.afterSeconds) return [];
    const at = now.getTime();
    return [
      { rule, group: 'all', firstAt: at, lastAt: at, hits: 1, amount: Math.round(seconds), evidence: [] },
    ];
  });
}

/** Looks at the state of every log. For the worker, some times a minute. */
export async function observeLogs(
  ports: MonitoringPorts,
  organisations: readonly OrganisationId[],
): Promise<void> {
  for (const organisation of [...organisations, INSTALLATION]) {
    await ports.database.tenant([organisation], 'worker', async (tx) => {
      const state = await ports.audit.state(tx, organisation);
      const { rules, channelsOf } = await activeRules(tx, organisation);
      const found = signalFindings(rules, state, ports.clock.now());
      await recordFindings(ports, tx, organisation, found, channelsOf);
    });
  }
}
