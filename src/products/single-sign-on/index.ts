// Product: single sign-on. In: an organisation's identity providers, and the browsers that come back from them; out: sessions of
// people whom a provider vouches for, with the roles that its groups are mapped to. Owns sso_connection, sso_link, sso_session,
// sso_attempt, sso_seen (sso_domain is access's). A refusal is on record as `sso.refused` with its reason, whatever the browser is told.
import type { Route } from '#platform/http';
import { connectionRoutes } from './connection-routes.ts';
import { createConnections } from './connections.ts';
import { discoverRoutes } from './discover-routes.ts';
import type { SignOnNeeds } from './ports.ts';
import { createRoad } from './road.ts';
import { roadRoutes } from './road-routes.ts';
import { createSignOut } from './sign-out.ts';

export type { SignOnNeeds } from './ports.ts';
export { sweepSignOn } from './road.store.ts';

/** Every route of this product. */
export function signOnRoutes(needs: SignOnNeeds): Route[] {
  const connections = createConnections(needs);
  const road = createRoad(needs, connections);
  const signOut = createSignOut(needs, road);
  return [
    ...connectionRoutes({ needs, connections, road }),
    ...discoverRoutes({ needs, signOut }),
    ...roadRoutes({ needs, road, signOut }),
  ];
}
