// Product: provisioning. In: an outside directory's word on who belongs to the organisation and in which groups, by SCIM or read
// from LDAP; out: people, groups and roles as platform/access keeps them. A person whom the directory ends loses all access at once.
import type { Access } from '#platform/access';
import type { Route } from '#platform/http';

export { type SyncPorts, syncDue } from './directory/sync.ts';

import { connectionRoutes } from './directory/connection-routes.ts';
import type { SyncPorts } from './directory/sync.ts';
import { mappingRoutes } from './mapping-routes.ts';
import { scimRoutes } from './scim/scim-routes.ts';
import type { ScimPorts } from './scim/scim-service.ts';
import { settingRoutes } from './setting-routes.ts';

export interface ProvisioningRoutePorts extends ScimPorts, Omit<SyncPorts, 'network' | 'read'> {
  readonly groupRoles: Access['groupRoles'];
}

/** Routes for directories (/scim/v2) and for those who connect them (/v1/provisioning). */
export function provisioningRoutes(ports: ProvisioningRoutePorts): Route[] {
  return [
    ...connectionRoutes(ports),
    ...settingRoutes(ports),
    ...mappingRoutes(ports.groupRoles),
    ...scimRoutes(ports),
  ];
}
