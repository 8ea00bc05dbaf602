// Product: roles and rights (ID-1): what roles hold, who has them, groups, bounds, care relationships, why somebody may do
// something, and what nobody uses. In: HTTP requests; out: use cases of platform/access. Owns no table.
import type { Route } from '#platform/http';
import { assignmentRoutes } from './assignment-routes.ts';
import { boundRoutes } from './bound-routes.ts';
import { careRoutes } from './care-routes.ts';
import { groupRoutes } from './group-routes.ts';
import type { RolePorts } from './ports.ts';
import { rightRoutes } from './right-routes.ts';
import { roleRoutes } from './role-routes.ts';

export type { RolePorts } from './ports.ts';

/** Every route of this product. */
export function rolesRoutes(ports: RolePorts): Route[] {
  return [
    ...roleRoutes(ports),
    ...groupRoutes(ports),
    ...assignmentRoutes(ports),
    ...rightRoutes(ports),
    ...boundRoutes(ports),
    ...careRoutes(ports),
  ];
}
