import { describeFault } from '#platform/runtime';
import type { Monitoring } from '#products/monitoring';
import type { SafeguardPorts } from '#products/safeguards';
import type { Foundation } from './foundation.ts';

/** What the safeguards stand on. */
export function safeguardPorts(
  foundation: Foundation,
  monitoring: Pick<Monitoring, 'alarm'>,
): SafeguardPorts {
  const { database, vault, audit, clock, access, logger } = foundation;
  return {
    ...{ database, vault, audit, clock, access },
    async alarm(tx, { kind, organisation, reviewers }) {
      await monitoring.alarm(tx, organisation, { reason: 'emergency', severity: 'high' });
      tx.afterCommit(() => logger.warn(`safeguard.${kind}`, { organisation, count: reviewers.length }));
    },
    heldRoutes: { current: [] },
    fault: (error, route) => logger.error('safeguard.act-failed', { ...describeFault(error), route }),
  };
}
