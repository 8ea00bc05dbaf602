import type { DayRange } from '../../data/day-range.ts';

/** What the page may show, in the order it is offered. Without a choice plain looks are left out: they drown the rest. */
export const AUDIT_VIEWS = [
  'without-views',
  'changes',
  'sign-ins',
  'deliveries',
  'openings',
  'views',
  'all',
] as const;

export type AuditView = (typeof AUDIT_VIEWS)[number];

export const FIRST_VIEW: AuditView = 'without-views';

export function isAuditView(value: unknown): value is AuditView {
  return AUDIT_VIEWS.some((view) => view === value);
}

export interface AuditSearch extends DayRange {
  readonly kind?: AuditView;
}
