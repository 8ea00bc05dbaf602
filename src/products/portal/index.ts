// Room: portal. What comes in: sealed copies of messages for recipients that no other method protects (core's PortalPort),
// and the requests of those recipients. What goes out: pages, sign-in codes as notices, replies onto the road, and the
// facts "read" and "expired". Owns portal_*. Fails closed: what cannot be recorded is not shown.
export { type CaregiverRoutePorts, caregiverRoutes } from './caregiver-routes.ts';
export { type DelegationRoutePorts, delegationRoutes } from './delegation/delegation-routes.ts';
export type {
  OrganisationProfile,
  PickupPort,
  PortalNeeds,
  ReplyFile,
  ReplyOutcome,
  ReplySubmission,
  UnreadCopy,
} from './needs.ts';
export { createPortal, type Portal } from './portal.ts';
export { signInRuleOf, WRONG_ANSWERS } from './sign-in-rule.ts';
