import type { IdentityId, OrganisationId } from '#core/ids';
import type { HoldingUsage } from '#platform/access';
import type { Transaction } from '#platform/database';

export type Audience = 'people' | 'role' | 'group' | 'machines';
export type ItemKind = 'member' | 'assignment' | 'service-account' | 'api-key';
export type Decision = 'keep' | 'revoke';

export interface ReviewRow {
  readonly id: string;
  readonly name: string;
  readonly audience: Audience;
  readonly audience_id: string | null;
  readonly reviewers: IdentityId[];
  readonly due_at: Date;
  readonly every_months: number | null;
  readonly next_at: Date | null;
  readonly created_by: IdentityId | null;
  readonly created_at: Date;
  readonly closed_by: IdentityId | null;
  readonly closed_at: Date | null;
}

export interface CountedReviewRow extends ReviewRow {
  readonly items: number;
  readonly decided: number;
  readonly revoked: number;
}

export interface ItemRow {
  readonly id: string;
  readonly review: string;
  readonly kind: ItemKind;
  readonly subject: string;
  readonly person: IdentityId | null;
  readonly holds: string[];
  readonly last_used_at: Date | null;
  /** Null in campaigns that began before it was looked at. */
  readonly usage: HoldingUsage | null;
  readonly decision: Decision | null;
  readonly decided_by: IdentityId | null;
  readonly decided_at: Date | null;
  readonly audit_entry: string | null;
}

const REVIEW = `id, name, audience, audience_id, reviewers, due_at, every_months, next_at, created_by, created_at, closed_by,
  closed_at`;
const ITEM = `id, review, kind, subject, person, holds, last_used_at, usage, decision, decided_by, decided_at, audit_entry`;

export async function insertReview(
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<ReviewRow, 'closed_by' | 'closed_at'>,
): Promise<void> {
  await tx.execute({
    text: `insert into sealpost.access_review
             (organisation, id, name, audience, audience_id, reviewers, due_at, every_months, next_at, created_by, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    values: [
      organisation,
      row.id,
      row.name,
      row.audience,
      row.audience_id,
      row.reviewers,
      row.due_at,
      row.every_months,
      row.next_at,
      row.created_by,
      row.created_at,
    ],
  });
}

export async function insertItem(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<ItemRow, 'id' | 'review' | 'kind' | 'subject' | 'person' | 'holds' | 'last_used_at' | 'usage'>,
): Promise<void> {
  await tx.execute({
    name: 'access-review-item.insert',
    text: `insert into sealpost.access_review_item
             (organisation, id, review, kind, subject, person, holds, last_used_at, usage)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      organisation,
      row.id,
      row.review,
      row.kind,
      row.subject,
      row.person,
      row.holds,
      row.last_used_at,
      JSON.stringify(row.usage),
    ],
  });
}

export async function listReviews(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  most: number,
): Promise<CountedReviewRow[]> {
  return tx.query<CountedReviewRow>({
    name: 'access-review.list',
    text: `select ${REVIEW}, counted.items, counted.decided, counted.revoked
           from sealpost.access_review r, lateral (
             select count(*)::integer as items, count(decision)::integer as decided,
               (count(*) filter (where decision = 'revoke'))::integer as revoked
             from sealpost.access_review_item i where i.organisation = $1 and i.review = r.id) counted
           where organisation = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, most],
  });
}

/** Held until the transaction ends. */
export async function lockReview(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ReviewRow | undefined> {
  return tx.maybe<ReviewRow>({
    name: 'access-review.lock',
    text: `select ${REVIEW} from sealpost.access_review where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function readItems(
  tx: Transaction,
  organisation: OrganisationId,
  review: string,
  after: string | null,
  most: number,
): Promise<ItemRow[]> {
  return tx.query<ItemRow>({
    name: 'access-review-item.list',
    text: `select ${ITEM} from sealpost.access_review_item
           where organisation = $1 and review = $2 and ($3::uuid is null or id > $3) order by id limit $4`,
    values: [organisation, review, after, most],
  });
}

/** Held until the transaction ends: two reviewers may not decide at once. */
export async function lockItem(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ItemRow | undefined> {
  return tx.maybe<ItemRow>({
    name: 'access-review-item.lock',
    text: `select ${ITEM} from sealpost.access_review_item where organisation = $1 and id = $2 for update`,
    values: [organisation, id],
  });
}

export async function decideItem(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  decided: {
    readonly decision: Decision;
    readonly by: IdentityId;
    readonly at: Date;
    readonly entry: string;
  },
): Promise<void> {
  await tx.execute({
    text: `update sealpost.access_review_item set decision = $3, decided_by = $4, decided_at = $5, audit_entry = $6
           where organisation = $1 and id = $2 and decision is null`,
    values: [organisation, id, decided.decision, decided.by, decided.at, decided.entry],
  });
}

export async function closeReview(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  by: IdentityId,
  at: Date,
): Promise<void> {
  await tx.execute({
    text: `update sealpost.access_review set closed_by = $3, closed_at = $4
           where organisation = $1 and id = $2 and closed_at is null`,
    values: [organisation, id, by, at],
  });
}

/** Those whose next round is due, each taken once. */
export async function takeDueReviews(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
): Promise<ReviewRow[]> {
  return tx.query<ReviewRow>({
    name: 'access-review.take-due',
    text: `update sealpost.access_review set next_at = null
           where organisation = $1 and next_at <= $2 returning ${REVIEW}`,
    values: [organisation, now],
  });
}
