import type { Route } from '#platform/http';
import { channelRoutes } from './channel-routes.ts';
import { incidentRoutes } from './incident-routes.ts';
import type { Monitoring } from './monitoring.ts';
import { ruleRoutes } from './rule-routes.ts';
import type { LabelActor } from './schemas.ts';

export interface MonitoringRoutePorts {
  readonly monitoring: Monitoring;
  readonly labelActor: LabelActor;
}

/** Rules, incidents, and who is told. */
export function monitoringRoutes(ports: MonitoringRoutePorts): Route[] {
  return [...incidentRoutes(ports), ...ruleRoutes(ports), ...channelRoutes(ports)];
}
