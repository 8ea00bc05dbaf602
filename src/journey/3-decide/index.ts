/**
 * Decide. In: what is known of one recipient, the organisation's policy. Out: a method or an explicit non-delivery,
 * with reasons. Owns nothing, does no I/O, reads no clock; it cannot fail.
 */
export { decide } from './decide.ts';
export { decideInbound, type InboundDecisionFacts } from './decide-inbound.ts';
export { explainPolicy } from './explain-policy.ts';
export { type PolicyProblem, validatePolicy } from './validate-policy.ts';
