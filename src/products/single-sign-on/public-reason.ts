import type { Ended } from './road.ts';

/** What somebody who stands before the door is told: what they can do about it, and nothing of how the door is made. */
export type PublicReason =
  | 'try-again'
  | 'not-allowed'
  | 'not-known'
  | 'elsewhere'
  | 'stronger'
  | 'unavailable'
  | 'cancelled';

export function publicReason(reason: Ended): PublicReason {
  switch (reason) {
    case 'provider-unreachable':
    case 'provider-unfit':
    case 'unknown-connection':
    case 'changed-meanwhile':
      return 'unavailable';
    case 'provider-refused':
      return 'cancelled';
    case 'not-known-here':
    case 'no-address':
    case 'address-unverified':
    case 'domain-not-covered':
    case 'already-linked':
      return 'not-known';
    case 'elsewhere':
      return 'elsewhere';
    case 'factor-demanded':
      return 'stronger';
    case 'membership-ended':
    case 'disabled':
    case 'group-missing':
    case 'above-ceiling':
      return 'not-allowed';
    default:
      return 'try-again';
  }
}
