// Product: the secure start (OP-2). In: what the system says of itself and what DNS says of its domains; out: checks with a
// score. Owns domain_proof and attestation. Nothing is ticked by hand but what a program cannot see, with name and date.

export { UNUSED_DAYS } from './checks.ts';
export { type SecurityScoreRoutePorts, securityScoreRoutes } from './routes.ts';
export type { SystemFacts } from './security-score.ts';
export { createSecurityScore, type SecurityScore } from './security-score.ts';
