// Product: safeguards over who may do what: emergency access, access reviews, acts that wait for a second person. In: HTTP
// requests and the worker's rounds; out: time-limited grants of platform/access, alarms, records for auditors. Owns break_glass,
// access_review, access_review_item, pending_act.
import type { Route } from '#platform/http';
import { breakGlassRoutes } from './break-glass-routes.ts';
import { pendingRoutes } from './pending-routes.ts';
import type { SafeguardPorts } from './ports.ts';
import { reviewRoutes } from './review-routes.ts';

export { NAMED_BY_ASKER, SECRET_FIELD } from './asked-for.ts';
export { createBreakGlass } from './break-glass.ts';
export { createPendingActs } from './pending.ts';
export type { Alarm, SafeguardPorts } from './ports.ts';
export { createReviews } from './reviews.ts';

/** Every route of this product. */
export function safeguardRoutes(ports: SafeguardPorts): Route[] {
  return [...breakGlassRoutes(ports), ...reviewRoutes(ports), ...pendingRoutes(ports)];
}
