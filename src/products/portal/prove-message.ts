import type { PortalItemId } from '#core/ids';
import type { ChallengeQuestion } from '#core/recipient';
import type { Transaction } from '#platform/database';
import { recordRecipient, type Visit } from './audit.ts';
import type { Door } from './delegation/door.ts';
import { type Factor, mayOpen, nextFactors } from './factors.ts';
import { findItemOf, type ItemRow, markUnprovable } from './item.store.ts';
import type { PortalNeeds } from './needs.ts';
import { type OnRecord, onRecord } from './on-record.ts';
import { type Ended, endOf, type Missing } from './open-message.ts';
import { actorOf, type Viewer } from './portal-session.ts';
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
      readonly door: Door | null;
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
    const item = await findItemOf(tx, id, viewer, needs.clock.now(), 'lock');
    const known = item && (await knownOf(needs, tx, viewer));
    if (!item || !known) return { kind: 'missing' };
    const ended = endOf(needs, item);
    if (ended !== null) return ended;
    if (item.lockedAt !== null) return { kind: 'locked' };
    const rule = viewer.profile.signIn ?? USUAL_RULE;
    if (mayOpen(viewer.proved, item.level, rule)) return { kind: 'enough' };
    const factors = missingFor(viewer, item, known);
    const { telephone, question } = known;
    const door = viewer.profile.door ?? null;
    if (factors.length > 0) return { kind: 'next', factors, door, telephone, question };
    // What is wanting is a caregiver's: the sender wrote to the patient, who may have it.
    if (viewer.care === null) await reportUnprovable(needs, tx, viewer, item, visit);
    return { kind: 'unprovable' };
  });
}

/**
 * By what the organisation can recognise who acts: for a caregiver that is not what is on record of the patient. A caregiver
 * is not asked the question, because their wrong answers would end the patient's own access.
 */
export async function knownOf(needs: PortalNeeds, tx: Transaction, viewer: Viewer): Promise<OnRecord | null> {
  const known = await onRecord(needs, tx, viewer.organisation, actorOf(viewer));
  if (known === null || viewer.care === null) return known;
  return { ...known, question: null, factors: known.factors.filter((factor) => factor !== 'question') };
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
