import type { MessageFilter, MethodFilter } from '../../api-types.ts';
import type { DayRange } from '../../data/day-range.ts';

/** Filters of the list in the order they are offered. */
export const FILTERS: readonly MessageFilter[] = [
  'on-the-way',
  'failing',
  'held',
  'delivered',
  'unread',
  'portal-read',
  'bounced',
  'expired',
  'not-delivered',
  'cancelled',
  'retracted',
];

export function isMessageFilter(value: unknown): value is MessageFilter {
  return FILTERS.some((filter) => filter === value);
}

/** Methods in the order they are offered; `none`: not sent. */
export const METHOD_FILTERS: readonly MethodFilter[] = [
  'tls',
  'pgp',
  'smime',
  'pdf',
  'portal',
  'waiver',
  'none',
];

export function isMethodFilter(value: unknown): value is MethodFilter {
  return METHOD_FILTERS.some((filter) => filter === value);
}

/** Which way messages went; `in`: from outside to the organisation's own people. */
export const DIRECTIONS = ['in', 'out'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export function isDirection(value: unknown): value is Direction {
  return DIRECTIONS.some((direction) => direction === value);
}

/** What the list is narrowed to, beside search terms. No PHI: it stands in the URL. */
export interface MessageNarrowing extends DayRange {
  readonly state?: MessageFilter;
  readonly method?: MethodFilter;
  readonly direction?: Direction;
}

/** `q` names the search terms, which stay in memory. */
export interface MessagesSearch extends MessageNarrowing {
  readonly q?: string;
}
