// Stage 5: delivery. In: one recipient's copy and what its connection must be; out: one AttemptResult. Owns the kept
// connections, nothing on disk. Never downgrades: what cannot be protected comes back as `protection-unavailable`.
export {
  createDeliver,
  DEFAULT_LIMITS,
  type Deliver,
  type DeliverLimits,
  type DeliverOptions,
  type DeliverStats,
  type SendRequest,
  type SendResult,
} from './deliver.ts';
export { LIVE_SCHEDULE, nextTry, type RetrySchedule, SANDBOX_SCHEDULE } from './retry-schedule.ts';
export type { SmartHost } from './route.ts';
