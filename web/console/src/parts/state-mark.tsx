import type { DeliveryState } from '../api-types.ts';
import { common } from '../text/common.ts';

/** Tone of each delivery state: teal moves, green is done, amber waits for somebody, red failed. */
const TONES: Readonly<Record<DeliveryState, string>> = {
  queued: 'bg-action-soft text-action',
  deferred: 'bg-held-soft text-held',
  held: 'bg-held-soft text-held',
  delivered: 'bg-done-soft text-done',
  'portal-waiting': 'bg-action-soft text-action',
  'portal-read': 'bg-done-soft text-done',
  bounced: 'bg-failed-soft text-failed',
  expired: 'bg-failed-soft text-failed',
  'not-delivered': 'bg-failed-soft text-failed',
  cancelled: 'bg-paper-3 text-ink-2',
  retracted: 'bg-paper-3 text-ink-2',
};

export function StateMark({
  state,
  count,
  long = false,
}: {
  state: DeliveryState;
  count?: number;
  long?: boolean;
}) {
  const words = long ? common.state[state] : common.stateShort[state];
  return (
    <span
      className={`inline-flex items-center rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap ${TONES[state]}`}
    >
      {count !== undefined && count > 1 ? `${count} ` : ''}
      {words}
    </span>
  );
}
