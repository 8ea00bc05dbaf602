// Product: monitoring (AU-3). In: the audit log in the sequencer's order; out: incidents, and alerts to those who are to know.
// Owns alert_*, incident*, monitor_*. Cursor, windows, incidents and alerts of a page commit together: nothing is counted twice
// or lost. Rules are data; what they see of an entry is its clear bytes, which hold no PHI.
export type { Channel } from './channels.ts';
export { createMonitoring, type Monitoring } from './monitoring.ts';
export type { MonitoringPorts, Operator } from './ports.ts';
export { type MonitoringRoutePorts, monitoringRoutes } from './routes.ts';
export { SEVERITIES, type Severity } from './rule.ts';
export type { Rule } from './rules.ts';
