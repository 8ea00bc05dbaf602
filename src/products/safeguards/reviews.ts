import type { Actor, Caller } from '#core/actor';
import { type AuditEntry, doneBy } from '#core/audit-entry';
import { Refusal } from '#core/errors';
import type { IdentityId, OrganisationId } from '#core/ids';
import { requireAccess } from '#platform/access';
import type { Transaction } from '#platform/database';
import { newId } from '#platform/runtime';
import type { SafeguardPorts } from './ports.ts';
import {
  type Audience,
  type CountedReviewRow,
  closeReview,
  type Decision,
  decideItem,
  type ItemRow,
  insertItem,
  insertReview,
  listReviews,
  lockItem,
  lockReview,
  type ReviewRow,
  readItems,
  takeDueReviews,
} from './review.store.ts';

export interface NewReview {
  readonly name: string;
  readonly audience: Audience;
  /** The role's name or id, the group's id; null for people and machines. */
  readonly audienceId: string | null;
  readonly reviewers: readonly IdentityId[];
  readonly dueAt: Date;
  /** Opened anew every so many months; null: once. */
  readonly everyMonths: number | null;
}

/** Campaigns in which named people look at who can do what. */
export interface Reviews {
  /** Refusal `invalid` for reviewers who may not decide, or a due date that is past. Answers how many lines there are. */
  open(caller: Caller, review: NewReview): Promise<{ readonly id: string; readonly items: number }>;
  list(caller: Caller, before: string | null, most: number): Promise<CountedReviewRow[]>;
  /** Refusal `not-found`. */
  items(caller: Caller, review: string, after: string | null, most: number): Promise<ItemRow[]>;
  /**
   * Keeps or revokes; revoking takes effect at once. Refusals: `not-found`, `not-permitted` for who is no reviewer of it or
   * whose own access it is, `wrong-state` where it was decided, the review is closed, or the last administrator would go.
   */
  decide(caller: Caller, item: string, decision: Decision): Promise<void>;
  /** Refusals: `not-found`, `wrong-state` while lines are open or when closed. */
  close(caller: Caller, review: string): Promise<void>;
  /** Everything for the report, on record as an export. Refusal `not-found`. */
  report(caller: Caller, review: string): Promise<{ readonly review: ReviewRow; readonly items: ItemRow[] }>;
  /** Opens the next round of those whose time has come. For the worker. */
  openDue(organisation: OrganisationId): Promise<number>;
}

const MOST_ITEMS = 20_000;
const DAY_MS = 86_400_000;

export function createReviews(ports: SafeguardPorts): Reviews {
  const { database, clock, audit } = ports;
  const tenant = <T>({ organisation }: Caller, work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.tenant([organisation], 'app', work);
  return {
    open: (caller, review) => tenant(caller, (tx) => open(ports, tx, caller, review)),
    async list(caller, before, most) {
      requireAccess(caller, 'access-reviews:read');
      return tenant(caller, (tx) => listReviews(tx, caller.organisation, before, most));
    },
    async items(caller, review, after, most) {
      requireAccess(caller, 'access-reviews:read');
      return tenant(caller, async (tx) => {
        if ((await lockReview(tx, caller.organisation, review)) === undefined) throw new Refusal('not-found');
        return readItems(tx, caller.organisation, review, after, most);
      });
    },
    decide: (caller, item, decision) => tenant(caller, (tx) => decide(ports, tx, caller, item, decision)),
    close: (caller, id) =>
      tenant(caller, async (tx) => {
        requireAccess(caller, 'access-reviews:decide');
        const row = await lockReview(tx, caller.organisation, id);
        if (row === undefined) throw new Refusal('not-found');
        if (row.closed_at !== null) throw new Refusal('wrong-state', { state: 'closed' });
        const items = await readItems(tx, caller.organisation, id, null, MOST_ITEMS);
        const left = items.filter(({ decision }) => decision === null).length;
        if (left > 0) throw new Refusal('wrong-state', { state: 'open', left });
        await closeReview(tx, caller.organisation, id, reviewerOf(caller), clock.now());
        const revoked = items.filter(({ decision }) => decision === 'revoke').length;
        const details = { items: items.length, revoked };
        const subjects = [{ kind: 'access-review', id }];
        await audit.append(tx, doneBy(caller, 'access-review.closed', { subjects, details }));
      }),
    report: (caller, id) =>
      tenant(caller, async (tx) => {
        requireAccess(caller, 'access-reviews:read');
        const review = await lockReview(tx, caller.organisation, id);
        if (review === undefined) throw new Refusal('not-found');
        const items = await readItems(tx, caller.organisation, id, null, MOST_ITEMS);
        const subjects = [{ kind: 'access-review', id }];
        const details = { items: items.length };
        await audit.append(tx, doneBy(caller, 'access-review.exported', { subjects, details }));
        return { review, items };
      }),
    openDue: (organisation) =>
      database.tenant([organisation], 'app', async (tx) => {
        const due = await takeDueReviews(tx, organisation, clock.now());
        for (const row of due) await openAgain(ports, tx, organisation, row);
        return due.length;
      }),
  };
}

async function open(ports: SafeguardPorts, tx: Transaction, caller: Caller, wish: NewReview) {
  requireAccess(caller, 'access-reviews:decide');
  const { organisation } = caller;
  const now = ports.clock.now();
  if (wish.dueAt <= now) throw new Refusal('invalid', { path: 'dueAt' });
  if ((wish.audience === 'role' || wish.audience === 'group') !== (wish.audienceId !== null))
    throw new Refusal('invalid', { path: 'audienceId' });
  const able = await ports.access.emergency.holders(tx, organisation, 'access-reviews:decide');
  if (!wish.reviewers.every((reviewer) => able.includes(reviewer)))
    throw new Refusal('invalid', { path: 'reviewers' });
  const row = {
    ...{ id: newId(ports.clock), name: wish.name, audience: wish.audience, audience_id: wish.audienceId },
    ...{
      reviewers: [...wish.reviewers],
      due_at: wish.dueAt,
      every_months: wish.everyMonths,
      created_at: now,
    },
    next_at: nextRound(now, wish.everyMonths),
    created_by: reviewerOf(caller),
  };
  const items = await fill(ports, tx, organisation, row);
  const details = { ...openedDetails(row), items };
  const subjects = [{ kind: 'access-review', id: row.id }];
  await ports.audit.append(tx, doneBy(caller, 'access-review.opened', { subjects, details }));
  return { id: row.id, items };
}

/** The same again, with as much time as the last one had. */
async function openAgain(
  ports: SafeguardPorts,
  tx: Transaction,
  organisation: OrganisationId,
  last: ReviewRow,
): Promise<void> {
  const now = ports.clock.now();
  const time = Math.max(DAY_MS, last.due_at.getTime() - last.created_at.getTime());
  const row = {
    ...last,
    ...{ id: newId(ports.clock), created_at: now, due_at: new Date(now.getTime() + time), created_by: null },
    next_at: nextRound(now, last.every_months),
  };
  const items = await fill(ports, tx, organisation, row);
  const entry: AuditEntry = {
    ...{ organisation, action: 'access-review.opened', result: 'done' },
    actor: { kind: 'system', component: 'access-reviews' },
    origin: { address: null, channel: 'worker' },
    subjects: [{ kind: 'access-review', id: row.id }],
    details: { ...openedDetails(row), items },
    ...{ sealedReference: null, request: null },
  };
  await ports.audit.append(tx, entry);
}

async function fill(
  { access, clock }: SafeguardPorts,
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<ReviewRow, 'closed_by' | 'closed_at'>,
): Promise<number> {
  await insertReview(tx, organisation, row);
  const { audience, audience_id: id } = row;
  const holdings = await access.reviewHoldings.list(
    tx,
    organisation,
    (audience === 'role' || audience === 'group') && id !== null
      ? { kind: audience, id }
      : { kind: audience === 'machines' ? 'machines' : 'people' },
  );
  if (holdings.length > MOST_ITEMS) throw new Refusal('limit-reached', { items: MOST_ITEMS });
  for (const holding of holdings)
    await insertItem(tx, organisation, { ...holding, id: newId(clock), review: row.id });
  return holdings.length;
}

async function decide(
  { access, audit, clock }: SafeguardPorts,
  tx: Transaction,
  caller: Caller,
  id: string,
  decision: Decision,
): Promise<void> {
  requireAccess(caller, 'access-reviews:decide');
  const by = reviewerOf(caller);
  const { organisation } = caller;
  const item = await lockItem(tx, organisation, id);
  const review = item === undefined ? undefined : await lockReview(tx, organisation, item.review);
  if (item === undefined || review === undefined) throw new Refusal('not-found');
  if (!review.reviewers.includes(by)) throw new Refusal('not-permitted', { rule: 'reviewers' });
  if (item.person === by) throw new Refusal('not-permitted', { rule: 'four-eyes' });
  if (item.decision !== null || review.closed_at !== null)
    throw new Refusal('wrong-state', { state: 'decided' });
  const role = review.audience === 'role' ? review.audience_id : null;
  const took = decision === 'revoke' ? await access.reviewHoldings.revoke(tx, caller, item, role) : null;
  const subjects = [
    { kind: 'access-review', id: review.id },
    { kind: item.kind === 'member' ? 'identity' : item.kind, id: item.subject },
  ];
  const details = {
    ...{ decision, kind: item.kind, holds: item.holds.length },
    ...(took === null ? {} : { ended: took ? 'now' : 'before' }),
  };
  const entry = await audit.append(tx, doneBy(caller, 'access-review.decided', { subjects, details }));
  await decideItem(tx, organisation, id, { decision, by, at: clock.now(), entry });
}

/** A person decides, and no program in their place. */
function reviewerOf({ actor }: { readonly actor: Actor }): IdentityId {
  if (actor.kind !== 'person') throw new Refusal('not-permitted', { reason: 'session-only' });
  return actor.identity;
}

function nextRound(now: Date, everyMonths: number | null): Date | null {
  if (everyMonths === null) return null;
  const next = new Date(now);
  next.setUTCMonth(next.getUTCMonth() + everyMonths);
  return next;
}

function openedDetails(row: Pick<ReviewRow, 'audience' | 'reviewers' | 'every_months'>) {
  return {
    audience: row.audience,
    reviewers: row.reviewers.length,
    everyMonths: row.every_months,
  };
}
