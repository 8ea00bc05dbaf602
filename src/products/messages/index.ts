// Product: messages, as staff and programs see them. Sends by intake's port; reads through the message record; every
// reading of PHI is audited in the transaction that reads. Owns no table.
import type { Route } from '#platform/http';
import { actRoutes } from './act-routes.ts';
import type { MessagePorts } from './ports.ts';
import { proofRoutes } from './proof-routes.ts';
import { readRoutes } from './read-routes.ts';
import { sendRoutes } from './send-routes.ts';

export type { Accepted, FollowUp, MessagePorts, PortalView, Submission } from './ports.ts';

export function messageRoutes(ports: MessagePorts): Route[] {
  return [...sendRoutes(ports), ...readRoutes(ports), ...proofRoutes(ports), ...actRoutes(ports)];
}
