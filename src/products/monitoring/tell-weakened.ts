import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { MonitoringPorts } from './ports.ts';
import { recordFindings } from './record-findings.ts';
import { activeRules } from './rule-sets.ts';

const WATCHING = 'settings.watching-weakened';

/**
 * Tells the channels that watching is about to be weakened, as they and the rules stand before it is: called first in the
 * transaction of the act. Whoever reads the log afterwards finds alerts muted, the channel gone or the rule off, so what they
 * would find is told here. The same incident as the rule's own, which adds the entry to it. Nothing where that rule is off
 * already, which was told when it was turned off.
 */
export async function tellWeakened(
  ports: MonitoringPorts,
  tx: Transaction,
  organisation: OrganisationId,
  action: string,
): Promise<void> {
  const { rules, channelsOf } = await activeRules(tx, organisation);
  const rule = rules.find(({ id }) => id === WATCHING);
  if (rule === undefined) return;
  const at = ports.clock.now().getTime();
  const finding = {
    ...{ rule, group: `all ${action}`, firstAt: at, lastAt: at, hits: 1, amount: 1, evidence: [] },
  };
  await recordFindings(ports, tx, organisation, [finding], channelsOf, 'each');
}
