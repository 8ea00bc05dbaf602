// Product: compliance, of which the audit log's pages stand today. Reads through platform/audit; looking at the log is
// itself on record. Owns no table.
export { type AuditRoutePorts, auditRoutes } from './audit-routes.ts';
