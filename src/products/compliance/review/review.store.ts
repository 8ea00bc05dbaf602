import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Counts } from './count-stretch.ts';

export interface ReviewRow {
  readonly id: string;
  /** Positions [from, to). */
  readonly from: number;
  readonly to: number;
  readonly openedBy: string;
  readonly openedAt: Date;
  readonly counts: Counts;
  readonly closedBy: string | null;
  readonly closedAt: Date | null;
  readonly statement: Buffer | null;
  readonly onlySelf: boolean;
}

const COLUMNS = `id, from_position as "from", to_position as "to", opened_by as "openedBy", opened_at as "openedAt", counts,
  closed_by as "closedBy", closed_at as "closedAt", statement, only_self as "onlySelf"`;

/** Newest first. */
export async function reviews(
  tx: Transaction,
  organisation: OrganisationId,
  before: string | null,
  most: number,
): Promise<ReviewRow[]> {
  return tx.query<ReviewRow>({
    name: 'audit-review.list',
    text: `select ${COLUMNS} from audit_review
           where organisation = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    values: [organisation, before, most],
  });
}

export async function findReview(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
): Promise<ReviewRow | undefined> {
  return tx.maybe<ReviewRow>({
    name: 'audit-review.find',
    text: `select ${COLUMNS} from audit_review where organisation = $1 and id = $2`,
    values: [organisation, id],
  });
}

/** Where the next review begins, and when the last one was closed. */
export async function reviewedTo(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<{ readonly to: number; readonly at: Date | null; readonly open: string | null }> {
  return tx.one({
    name: 'audit-review.reached',
    text: `select coalesce(max(to_position), 0) as "to", max(closed_at) as at,
                  (select id from audit_review where organisation = $1 and closed_at is null) as open
           from audit_review where organisation = $1 and closed_at is not null`,
    values: [organisation],
  });
}

/** False when one is open already. */
export async function insertReview(
  tx: Transaction,
  organisation: OrganisationId,
  row: Pick<ReviewRow, 'id' | 'from' | 'to' | 'openedBy' | 'openedAt' | 'counts'>,
): Promise<boolean> {
  const made = await tx.execute({
    name: 'audit-review.insert',
    text: `insert into audit_review (id, organisation, from_position, to_position, opened_by, opened_at, counts)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    values: [row.id, organisation, row.from, row.to, row.openedBy, row.openedAt, JSON.stringify(row.counts)],
  });
  return made === 1;
}

/** False when it was closed already. */
export async function closeReview(
  tx: Transaction,
  organisation: OrganisationId,
  id: string,
  end: { readonly by: string; readonly at: Date; readonly statement: Buffer; readonly onlySelf: boolean },
): Promise<boolean> {
  const closed = await tx.execute({
    name: 'audit-review.close',
    text: `update audit_review set closed_by = $3, closed_at = $4, statement = $5, only_self = $6
           where organisation = $1 and id = $2 and closed_at is null`,
    values: [organisation, id, end.by, end.at, end.statement, end.onlySelf],
  });
  return closed === 1;
}

export interface MarkRow {
  readonly id: string;
  readonly entry: string;
  readonly identity: string;
  readonly note: Buffer;
  readonly made_at: Date;
}

export async function marksOf(
  tx: Transaction,
  organisation: OrganisationId,
  review: string,
): Promise<MarkRow[]> {
  return tx.query<MarkRow>({
    name: 'audit-review.marks',
    text: `select id, entry, identity, note, made_at from audit_review_mark
           where organisation = $1 and review = $2 order by id limit 1000`,
    values: [organisation, review],
  });
}

export async function insertMark(
  tx: Transaction,
  organisation: OrganisationId,
  review: string,
  row: MarkRow,
): Promise<void> {
  await tx.execute({
    name: 'audit-review.mark',
    text: `insert into audit_review_mark (id, organisation, review, entry, identity, note, made_at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
    values: [row.id, organisation, review, row.entry, row.identity, row.note, row.made_at],
  });
}
