import type { PortalItemId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { recordRecipient, type Visit } from './audit.ts';
import { countWrongAnswer, findItemOf, type ItemRow, lockItem, takeBackWrongAnswers } from './item.store.ts';
import { readUse, takeBackUse } from './limit.store.ts';
import { countAgainst, limitKey } from './limits.ts';
import type { PortalNeeds } from './needs.ts';
import { endOf } from './open-message.ts';
import { startSession, type Viewer } from './portal-session.ts';
import { itemSubjects, knownOf, missingFor } from './prove-message.ts';
import { USUAL_RULE } from './sign-in-rule.ts';

const DAY_MS = 24 * 60 * 60_000;
/** No answer on record is longer; nothing longer is looked at. */
export const MOST_ANSWER = 200;

export type Answered =
  | { readonly kind: 'right'; readonly sessionToken: string }
  | { readonly kind: 'wrong'; readonly left: number }
  | { readonly kind: 'locked' }
  /** Too many wrong answers of this person's, over all messages. */
  | { readonly kind: 'slow-down'; readonly until: Date }
  /** The question is not what comes next, or there is no such message: the page says what is. */
  | { readonly kind: 'not-asked' };

type Counted =
  | { readonly kind: 'counted'; readonly answered: number; readonly right: () => Promise<boolean> }
  | Exclude<Answered, { kind: 'right' | 'wrong' }>;

/**
 * Tries an answer to the question on record, once. The try is counted first, for the message and for the person, in a
 * transaction of its own, so that no crash and no parallel request gives one for nothing; a right answer is taken back.
 * The last wrong one ends access to the message, tells its sender and is audited, in one transaction.
 */
export async function answerQuestion(
  needs: PortalNeeds,
  viewer: Viewer,
  id: PortalItemId,
  answer: string,
  visit: Visit,
): Promise<Answered> {
  const { wrongAnswers: most } = viewer.profile.signIn ?? USUAL_RULE;
  const counted = await inTenant(needs, viewer, (tx) => count(needs, tx, viewer, id, answer, visit));
  if (counted.kind !== 'counted') return counted;
  const right = counted.answered <= most && (await counted.right());
  return inTenant(needs, viewer, async (tx): Promise<Answered> => {
    const item = await findItemOf(tx, id, viewer, needs.clock.now(), 'lock');
    if (item === undefined) return { kind: 'not-asked' };
    if (item.lockedAt !== null) return { kind: 'locked' };
    if (right) return accept(needs, tx, viewer, item, visit);
    const entry = { organisation: viewer.organisation, person: viewer.person, subjects: itemSubjects(item) };
    await recordRecipient(needs, tx, visit, { ...entry, action: 'portal.answer-refused', result: 'refused' });
    if (counted.answered < most) return { kind: 'wrong', left: most - counted.answered };
    await lock(needs, tx, viewer, item, visit);
    return { kind: 'locked' };
  });
}

function inTenant<T>(needs: PortalNeeds, viewer: Viewer, act: (tx: Transaction) => Promise<T>): Promise<T> {
  return needs.database.tenant([viewer.organisation], 'app', act);
}

async function count(
  needs: PortalNeeds,
  tx: Transaction,
  viewer: Viewer,
  id: PortalItemId,
  answer: string,
  visit: Visit,
): Promise<Counted> {
  const { organisation, person } = viewer;
  const rule = viewer.profile.signIn ?? USUAL_RULE;
  const now = needs.clock.now();
  const item = await findItemOf(tx, id, viewer, now, 'lock');
  const known = item && (await knownOf(needs, tx, viewer));
  if (!item || !known || endOf(needs, item) !== null) return { kind: 'not-asked' };
  if (item.lockedAt !== null) return { kind: 'locked' };
  if (!missingFor(viewer, item, known).includes('question')) return { kind: 'not-asked' };
  if (item.wrongAnswers >= rule.wrongAnswers) {
    // A crash came between the last answer and the lock.
    await lock(needs, tx, viewer, item, visit);
    return { kind: 'locked' };
  }
  const key = await limitKey(needs.vault, 'answers', person);
  const used = await readUse(tx, key, now);
  // Over all messages and sessions together a person has twice as many in a day.
  if (used !== undefined && used.used >= 2 * rule.wrongAnswers)
    return { kind: 'slow-down', until: used.endsAt };
  const subject = { name: 'answers', subject: person, milliseconds: DAY_MS } as const;
  const all = await countAgainst(tx, needs.vault, subject, now);
  const answered = await countWrongAnswer(tx, id);
  const open = all <= 2 * rule.wrongAnswers && answer.length <= MOST_ANSWER;
  return {
    kind: 'counted',
    answered,
    right: async () =>
      open &&
      (await inTenant(needs, viewer, async (check) => {
        const answers = needs.recipients?.answers(check, organisation, known.address, answer);
        return (await answers) ?? false;
      })),
  };
}

/** The answer was right: what was counted before is taken back, and the session goes on with one proof more. */
async function accept(
  needs: PortalNeeds,
  tx: Transaction,
  viewer: Viewer,
  item: ItemRow,
  visit: Visit,
): Promise<Answered> {
  const { organisation, person } = viewer;
  await takeBackWrongAnswers(tx, item.id);
  await takeBackUse(tx, await limitKey(needs.vault, 'answers', person));
  const who = { organisation, person };
  const proof = { proved: ['question'], onto: viewer } as const;
  return { kind: 'right', sessionToken: await startSession(needs, tx, who, visit, 'question', proof) };
}

async function lock(
  needs: PortalNeeds,
  tx: Transaction,
  viewer: Viewer,
  item: ItemRow,
  visit: Visit,
): Promise<void> {
  const at = needs.clock.now();
  await lockItem(tx, item.id, at);
  const { organisation, person } = viewer;
  await needs.deliveryUnproved(tx, organisation, item.delivery, 'locked', at);
  const subjects = itemSubjects(item);
  await recordRecipient(needs, tx, visit, {
    organisation,
    person,
    action: 'portal.locked',
    result: 'refused',
    subjects,
  });
}
