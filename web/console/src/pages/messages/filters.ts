import type { MessageFilter } from '../../api-types.ts';

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
