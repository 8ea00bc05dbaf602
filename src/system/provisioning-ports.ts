import type { ApiPorts } from '../routes.ts';
import type { SystemParts } from './open-system.ts';

/** What outside directories work on. */
export function provisioningPorts({ foundation, addresses }: SystemParts): ApiPorts['provisioning'] {
  const { database, audit, access } = foundation;
  return {
    ...{ database, audit },
    people: access.provisioned,
    groups: access.provisionedGroups,
    groupRoles: access.groupRoles,
    address: () => addresses.console,
  };
}
