import { type SyncPorts, syncDue } from '#products/provisioning';
import type { ApiPorts } from '../routes.ts';
import type { Foundation } from './foundation.ts';
import type { Job } from './jobs.ts';
import type { SystemParts } from './open-system.ts';
import { directoryNetwork } from './smime.ts';
import type { World } from './world.ts';

/** Outside directories are read soon after their time; a program's word is heard within this. */
const LOOK_MS = 5_000;

/** What the worker role does for directories. */
export function provisioningJobs(foundation: Foundation, world: World): readonly Job[] {
  const { database, vault, audit, clock, access, config } = foundation;
  const ports: SyncPorts = {
    ...{ database, vault, audit, clock },
    people: access.provisioned,
    groups: access.provisionedGroups,
    network: directoryNetwork(config, world),
  };
  return [{ name: 'sync-directories', everyMs: LOOK_MS, run: () => syncDue(ports) }];
}

/** What outside directories work on. */
export function provisioningPorts({ foundation, addresses }: SystemParts): ApiPorts['provisioning'] {
  const { database, audit, access, vault, clock } = foundation;
  return {
    ...{ database, audit, vault, clock },
    people: access.provisioned,
    groups: access.provisionedGroups,
    groupRoles: access.groupRoles,
    address: () => addresses.console,
  };
}
