// Stage 5: delivery. In: one recipient's copy and what its connection must be; out: one AttemptResult. Owns the kept
// connections, nothing on disk. Never downgrades: what cannot be protected comes back as `protection-unavailable`.
export {
  createDeliver,
  type Deliver,
  type DeliverOptions,
  type SendRequest,
} from './deliver.ts';
export { LIVE_SCHEDULE, nextTry, SANDBOX_SCHEDULE } from './retry-schedule.ts';
