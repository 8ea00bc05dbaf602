import { INSTALLATION } from '#core/ids';
import { addressAllowed, allOrganisationIds } from '#platform/access';
import { sayOverdue, sendStreams, verifyLogs } from '#products/compliance';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

const SECOND = 1_000;

/** What the worker does for the audit log beside placing and indexing its entries. */
export function auditJobs(foundation: Foundation, world: World, hostName: string): readonly Job[] {
  const { audit, database, vault, clock, logger, config } = foundation;
  return [
    {
      name: 'stream-audit',
      everyMs: SECOND,
      run: () =>
        sendStreams({
          ...{ audit, database, vault, clock, logger, hostName, version: VERSION },
          network: () => receiverNetwork(config.syslogNetworks, world),
        }),
    },
    {
      name: 'verify-audit',
      everyMs: 600 * SECOND,
      async run() {
        const ids = await database.system('worker', allOrganisationIds);
        return verifyLogs({ audit, database, clock, logger }, [...ids, INSTALLATION]);
      },
    },
    {
      name: 'say-audit-review-overdue',
      everyMs: 3_600 * SECOND,
      run: async () =>
        sayOverdue({ audit, database, clock }, await database.system('worker', allOrganisationIds)),
    },
  ];
}

/**
 * Receivers stand at public addresses, or in networks that the operator has named: an administrator of one organisation
 * must not reach what else listens inside. The sandbox's own exemption for loopback does not hold here.
 */
function receiverNetwork(allowed: readonly string[], world: World) {
  const { resolver, mayConnect, extraRoots } = world.network();
  const outside = world.sandbox() === null ? mayConnect : () => false;
  const named = (address: string) => allowed.length > 0 && addressAllowed(address, allowed);
  return { resolver, extraRoots, mayConnect: (address: string) => named(address) || outside(address) };
}
