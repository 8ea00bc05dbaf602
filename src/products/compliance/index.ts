// Product: compliance, of which the audit log's pages stand today. Reads through platform/audit; looking at the log is
// itself on record. Owns the tables
// audit_filter, audit_review, audit_settings, audit_stream and audit_evidence.
export { auditRoutes } from './audit-routes.ts';
export type { AuditRoutePorts } from './ports.ts';
export { verifyExport } from './verify-export.ts';
export { sendStreams } from './stream/send-streams.ts';
