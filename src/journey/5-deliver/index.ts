// Stage 5: delivery. In: one recipient's copy and what its connection must be; out: one AttemptResult. Owns the kept
// connections, MTA-STS policies and counts of TLS results and reports (mta_sts_policy, tls_result, tls_report). Never downgrades: what cannot be protected comes back as `protection-unavailable`.
export {
  createDeliver,
  type Deliver,
  type DeliverOptions,
  type SendRequest,
} from './deliver.ts';
export { trustOf } from './host-trust.ts';
export { createPolicyStore, sweepPolicies } from './mta-sts.store.ts';
export { LIVE_SCHEDULE, nextTry, SANDBOX_SCHEDULE } from './retry-schedule.ts';
export type { OwnHost } from './route.ts';
export { createTlsReporter, type TlsReporter } from './tls-report/send-reports.ts';
export { sweepTlsCounts } from './tls-result.store.ts';
export { createTlsResults, type TlsResult, type TlsResultCounter } from './tls-results.ts';
