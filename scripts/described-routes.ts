import { operationRoutes, type Route } from '#platform/http';
import { type ApiPorts, allRoutes } from '../src/routes.ts';

/**
 * Stands in for every port: routes only keep them for later, and here no route is ever called. Any property is the same
 * nothing; calling it is a fault.
 */
function nothingAtAll(): ApiPorts {
  const nothing: ApiPorts = new Proxy(Object.create(null), { get: () => nothing });
  return nothing;
}

/** Every route of the API, to be looked at and never called: no database, no socket. */
export function describedRoutes(): Route[] {
  const metrics = { text: () => Promise.resolve(''), token: undefined, networks: [] };
  const ready = () => Promise.resolve({ ready: false, checks: {} });
  return [...allRoutes(nothingAtAll()), ...operationRoutes(ready, metrics)];
}
