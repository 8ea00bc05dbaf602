import type { DeliveryId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { FollowUp } from '#products/messages';
import type { TextChannel } from './text-channel.ts';

/** What was sent to recipients beside the notice by mail, and what was done about copies that nobody opened; oldest first. */
export async function followUps(
  { texts, pickups }: Pick<TextChannel, 'texts' | 'pickups'>,
  tx: Transaction,
  organisation: OrganisationId,
  deliveries: readonly DeliveryId[],
): Promise<readonly FollowUp[]> {
  const [sent, used] = await Promise.all([
    texts.ofDeliveries(tx, organisation, deliveries),
    pickups.ofDeliveries(tx, organisation, deliveries),
  ]);
  const all: FollowUp[] = [
    ...sent.map(({ delivery, state, code, at }) => ({ delivery, kind: `text-${state}` as const, code, at })),
    ...used.flatMap(({ delivery, kind, created_at: made, done_at: done }): FollowUp[] => {
      // Its text is in the list above, with what became of it.
      if (kind === 'text') return [];
      if (kind === 'address') return [{ delivery, kind: 'other-address', code: null, at: made }];
      return [
        { delivery, kind: 'letter-due', code: null, at: made },
        ...(done === null ? [] : [{ delivery, kind: 'letter-written' as const, code: null, at: done }]),
      ];
    }),
  ];
  return all.sort((a, b) => a.at.getTime() - b.at.getTime());
}
