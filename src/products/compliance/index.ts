// Product: compliance, of which the audit log's pages stand today. Reads through platform/audit; looking at the log is
// itself on record. Owns the tables
// audit_filter, audit_promise, audit_review, audit_review_mark, audit_settings, audit_stream and audit_verified.
export { auditRoutes } from './audit-routes.ts';
export type { AuditRoutePorts } from './ports.ts';
export { sayOverdue } from './review/say-overdue.ts';
export { sendStreams } from './stream/send-streams.ts';
export { unsoundLogs } from './verified.store.ts';
export { verifyExport } from './verify-export.ts';
export { verifyLogs } from './verify-logs.ts';
