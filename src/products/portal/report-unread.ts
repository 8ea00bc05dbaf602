import type { OrganisationId, PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { findUnread, markUnreadReported } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';

const ITEMS_PER_ROUND = 200;
const ACTOR = { kind: 'system', component: 'portal' } as const;
const ORIGIN = { address: null, channel: 'worker' } as const;

/**
 * Tells senders of copies that nobody opened for the organisation's number of days (PO-6), once each: mark and notice
 * stand in one transaction, so that the job can be stopped, repeated and run twice at once. Returns how many it told.
 */
export async function reportUnread(needs: PortalNeeds): Promise<number> {
  let total = 0;
  for (;;) {
    const now = needs.clock.now();
    const due = await needs.database.system('worker', (tx) => findUnread(tx, now, ITEMS_PER_ROUND));
    let told = 0;
    for (const [organisation, rows] of Map.groupBy(due, (row) => row.organisation)) {
      told += await needs.database.tenant([organisation], 'worker', async (tx) => {
        let count = 0;
        for (const { item } of rows) if (await reportOne(needs, tx, organisation, item, now)) count += 1;
        return count;
      });
    }
    total += told;
    if (due.length < ITEMS_PER_ROUND || told === 0) return total;
  }
}

async function reportOne(
  needs: PortalNeeds,
  tx: Transaction,
  organisation: OrganisationId,
  item: PortalItemId,
  at: Date,
): Promise<boolean> {
  const marked = await markUnreadReported(tx, item, at);
  if (marked === undefined) return false;
  await needs.deliveryUnread(tx, organisation, marked.delivery, at);
  await needs.audit.append(tx, {
    organisation,
    action: 'portal.unread-reported',
    actor: ACTOR,
    origin: ORIGIN,
    result: 'done',
    subjects: [
      { kind: 'portal-item', id: item },
      { kind: 'delivery', id: marked.delivery },
    ],
    details: {},
    sealedReference: null,
    request: null,
  });
  return true;
}
