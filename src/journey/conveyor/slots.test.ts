import { describe, expect, it } from 'vitest';
import type { DeliveryId, MessageId, OrganisationId } from '#core/ids';
import type { ClaimedItem } from '#platform/record';
import { shareOfSlots } from './slots.ts';

const LIMITS = { concurrency: 32, reserve: 8, assured: 4, perDomain: 32, leaseSeconds: 30 };

const items = (count: number, organisation: string, priority: number, domain?: string): ClaimedItem[] =>
  Array.from({ length: count }, (_, place) => ({
    kind: 'delivery',
    item: `${organisation}-${priority}-${place}` as DeliveryId,
    message: 'message' as MessageId,
    organisation: organisation as OrganisationId,
    domain: domain ?? `d${place}.example`,
    priority,
    fence: 1,
    late: false,
  }));

describe('shareOfSlots', () => {
  it.each([
    ['nobody', [], 32, 40, 16],
    ['one', items(10, 'a', 50), 22, 30, 16],
    ['three', [...items(10, 'a', 50), ...items(10, 'b', 50), ...items(4, 'c', 50)], 8, 16, 8],
    ['one that has all', items(32, 'a', 50), 0, 8, 16],
    ['one in the reserve', items(36, 'a', 50), 0, 4, 16],
    ['who was claimed anew', items(44, 'a', 50), 0, 0, 16],
    ['many', Array.from({ length: 16 }, (_, place) => items(1, `o${place}`, 50)).flat(), 16, 24, 4],
  ])('with %s in hand', (_who, inHand, free, reserve, share) => {
    expect(shareOfSlots(inHand, LIMITS)).toMatchObject({ free, reserve, share });
  });

  it('counts by urgency, and leaves out what fills a destination', () => {
    const inHand = [
      ...items(1, 'a', -1),
      ...items(2, 'a', 99),
      ...items(3, 'a', 100),
      ...items(4, 'a', 200),
      ...items(16, 'a', 50, 'slow.example'),
      ...items(2, 'b', 299, 'slow.example'),
    ];
    const { held, domains } = shareOfSlots(inHand, LIMITS);
    expect(held).toEqual({ a: [3, 6, 10, 26], b: [0, 0, 0, 2] });
    expect(domains['slow.example']).toBe(18);
  });

  it('takes a destination for a name, whatever it is called', () => {
    expect(shareOfSlots(items(2, 'a', 50, 'constructor'), LIMITS).domains).toEqual({ constructor: 2 });
  });
});
