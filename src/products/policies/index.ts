// Product: protection policies. Owns the table policy. Versions are immutable; a change is the next version, with its
// event and audit entry in the same transaction.
export { createPolicies, type Policies, type PolicyPorts } from './policies.ts';
export { type PolicyRoutePorts, policyRoutes } from './routes.ts';
