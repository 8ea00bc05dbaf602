import { describeFault } from '#platform/runtime';
import type { SafeguardPorts } from '#products/safeguards';
import type { Foundation } from './foundation.ts';

/** What the safeguards stand on. */
export function safeguardPorts(foundation: Foundation): SafeguardPorts {
  const { database, vault, audit, clock, access, logger } = foundation;
  return {
    ...{ database, vault, audit, clock, access },
    // In the log at once; whoever watches the audit stream makes mail of it.
    alarm: ({ kind, organisation, reviewers }) =>
      logger.warn(`safeguard.${kind}`, { organisation, count: reviewers.length }),
    heldRoutes: { current: [] },
    fault: (error, route) => logger.error('safeguard.act-failed', { ...describeFault(error), route }),
  };
}
