// Product: protection policies and their workbench. In: documents; out: the policy in force, what would happen under it or
// under a draft, what a draft would have changed in the past. Owns policy, policy_draft, policy_proposal, policy_replay and
// policy_setting. Versions are immutable; a change is the next version, with its event and audit entry in the same
// transaction, and where the organisation wants four eyes only after a second person has approved it.
export { createPolicies, type Policies, type PolicyPorts } from './policies.ts';
export { type PolicyRoutePorts, policyRoutes } from './routes.ts';
