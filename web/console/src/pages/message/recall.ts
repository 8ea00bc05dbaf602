import type { DeliveryState } from '../../api-types.ts';

interface Copy {
  readonly state: DeliveryState;
}

/** True while nothing of the copy has left. */
export function canBeStopped({ state }: Copy): boolean {
  return state === 'queued' || state === 'deferred' || state === 'held';
}

/** True where the copy stands in the portal, or has not left yet. */
export function canBeRecalled(copy: Copy): boolean {
  return copy.state === 'portal-waiting' || copy.state === 'portal-read' || canBeStopped(copy);
}
