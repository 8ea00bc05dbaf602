/**
 * Track. In: the end of a run over a delivery or a notice. Out: the outcome to put on record: state, event, audit,
 * proof, and the content-free mail that follows. Owns nothing, does no I/O; it cannot fail.
 */
export { conclude, type Run } from './conclude.ts';
export { concludeNotice, type NoticeEnd, type NoticeRun } from './conclude-notice.ts';
