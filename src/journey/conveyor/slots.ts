import { STREAM_PRIORITY } from '#core/method';
import type { ClaimedItem, ClaimRequest } from '#platform/record';
import type { ConveyorLimits } from './stages.ts';

type Share = Omit<ClaimRequest, 'busy' | 'start' | 'leaseSeconds'>;

/**
 * What a claim may take, from what is in hand. Half of the slots is the most that one organisation or one destination
 * fills while others have due work, and less when several share them; what nobody else wants goes to who is alone. Beside
 * the slots there is a reserve for newcomers: organisations, or more urgent streams and other destinations of one, that have
 * next to nothing in hand.
 */
export function shareOfSlots(inHand: readonly ClaimedItem[], limits: ConveyorLimits): Share {
  const { concurrency, assured } = limits;
  const domainShare = Math.floor(concurrency / 2);
  const domains = new Map<string, number>();
  for (const { domain } of inHand) domains.set(domain, (domains.get(domain) ?? 0) + 1);
  const held = new Map<string, [urgent: number, ordinary: number, any: number, total: number]>();
  for (const { organisation, domain, priority } of inHand) {
    const counts = held.get(organisation) ?? [0, 0, 0, 0];
    held.set(organisation, counts);
    counts[3] += 1;
    if ((domains.get(domain) ?? 0) >= domainShare) continue;
    if (priority < STREAM_PRIORITY.business) counts[0] += 1;
    if (priority < STREAM_PRIORITY.marketing) counts[1] += 1;
    counts[2] += 1;
  }
  return {
    free: Math.max(0, concurrency - inHand.length),
    reserve: Math.max(0, concurrency + limits.reserve - inHand.length),
    // As if one more were there: who comes new finds its part being emptied already.
    share: Math.max(assured, Math.floor(concurrency / Math.max(2, held.size + 1))),
    assured,
    perDomain: limits.perDomain,
    domainShare,
    held: Object.fromEntries(held),
    domains: Object.fromEntries(domains),
  };
}
