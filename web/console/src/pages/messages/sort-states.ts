import type { DeliveryState } from '../../api-types.ts';

/** What needs somebody comes first, what is finished and well comes last. */
const URGENCY: readonly DeliveryState[] = [
  'held',
  'not-delivered',
  'bounced',
  'expired',
  'deferred',
  'queued',
  'portal-waiting',
  'retracted',
  'cancelled',
  'portal-read',
  'delivered',
];

/** States of one message's deliveries, most urgent first. */
export function sortStates<Entry extends { readonly state: DeliveryState }>(
  states: readonly Entry[],
): Entry[] {
  return [...states].sort((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state));
}
