import type { PortalItemId } from '#core/ids';
import type { ChallengeQuestion } from '#core/recipient';
import type { Transaction } from '#platform/database';
import { recordRecipient, type Visit } from './audit.ts';
import { type Factor, mayOpen, nextFactors } from './factors.ts';
import { findItemOf, type ItemRow, markUnprovable } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import { type OnRecord, onRecord } from './on-record.ts';
import { type Ended, endOf, type Missing } from './open-message.ts';
import type { Viewer } from './portal-session.ts';
import { USUAL_RULE } from './sign-in-rule.ts';

/** Where somebody stands who wants to open a message. */
export type Proving =
  | Ended
  | Missing
  /** Enough is proved. */
  | { readonly kind: 'enough' }
  /** Wrong answers have ended access until staff unlock it. */
  | { readonly kind: 'locked' }
  /** One of these comes next. */
  | {
      readonly kind: 'next';
      readonly factors: readonly Factor[];
      readonly telephone: string | null;
      readonly question: ChallengeQuestion | null;
    }
  /** Nothing on record is enough: the sender has been told. */
  | { readonly kind: 'unprovable' };

/** What is missing for one message; tells its sender, once, where nothing on record will ever be enough. */
export async function provingFor(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  visit: Visit,
): Promise<Proving> {
  return needs.database.tenant([viewer.organisation], 'app', async (tx): Promise<Proving> => {
    const item = await findItemOf(tx, id, viewer.person, 'lock');
    const known = item && (await onRecord(needs, tx, viewer.organisation, viewer.person));
    if (!item || !known) return { kind: 'missing' };
    const ended = endOf(needs, item);
    if (ended !== null) return ended;
    if (item.lockedAt !== null) return { kind: 'locked' };
    const rule = viewer.profile.signIn ?? USUAL_RULE;
    if (mayOpen(viewer.proved, item.level, rule)) return { kind: 'enough' };
    const factors = missingFor(viewer, item, known);
    if (factors.length > 0)
      return { kind: 'next', factors, telephone: known.telephone, question: known.question };
    await reportUnprovable(needs, tx, viewer, item, visit);
    return { kind: 'unprovable' };
  });
}

/** What this person can prove next for the message; empty where it is open already or nothing on record is enough. */
export function missingFor(viewer: Viewer, item: Pick<ItemRow, 'level'>, known: OnRecord): readonly Factor[] {
  const rule = viewer.profile.signIn ?? USUAL_RULE;
  return nextFactors(viewer.proved, item.level, rule, known.factors);
}

/** Mark, notice and audit entry in one transaction, so that the sender is told once, however often somebody comes back. */
async function reportUnprovable(
  needs: PortalNeeds,
  tx: Transaction,
  viewer: Viewer,
  item: ItemRow,
  visit: Visit,
): Promise<void> {
  const at = needs.clock.now();
  if (!(await markUnprovable(tx, item.id, at))) return;
  const { organisation, person } = viewer;
  await needs.deliveryUnproved(tx, organisation, item.delivery, 'unprovable', at);
  await recordRecipient(needs, tx, visit, {
    organisation,
    person,
    action: 'portal.unprovable',
    result: 'refused',
    subjects: itemSubjects(item),
  });
}

export function itemSubjects(item: ItemRow): readonly { readonly kind: string; readonly id: string }[] {
  return [
    { kind: 'portal-item', id: item.id },
    { kind: 'message', id: item.message },
    { kind: 'delivery', id: item.delivery },
  ];
}
