import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface SettingsRow {
  readonly review_days: number;
  readonly reviewers: readonly string[];
  readonly day_begins: number;
  readonly day_ends: number;
  readonly changed_at: Date;
  readonly overdue_said_at: Date | null;
}

export async function readSettings(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<SettingsRow | undefined> {
  return tx.maybe<SettingsRow>({
    name: 'audit-settings.read',
    text: `select review_days, reviewers, day_begins, day_ends, changed_at, overdue_said_at
           from audit_settings where organisation = $1`,
    values: [organisation],
  });
}

export async function putSettings(
  tx: Transaction,
  organisation: OrganisationId,
  row: Omit<SettingsRow, 'overdue_said_at'>,
): Promise<void> {
  await tx.execute({
    name: 'audit-settings.put',
    text: `insert into audit_settings (organisation, review_days, reviewers, day_begins, day_ends, changed_at)
           values ($1, $2, $3, $4, $5, $6)
           on conflict (organisation) do update
           set review_days = excluded.review_days, reviewers = excluded.reviewers, day_begins = excluded.day_begins,
               day_ends = excluded.day_ends, changed_at = excluded.changed_at`,
    values: [organisation, row.review_days, [...row.reviewers], row.day_begins, row.day_ends, row.changed_at],
  });
}

/** The promise in force, and until when an entry of that moment is kept by all that were promised since. */
export async function readPromise(
  tx: Transaction,
  organisation: OrganisationId,
  written: Date,
): Promise<{ readonly years: number; readonly keptUntil: Date }> {
  return tx.one({
    name: 'audit-promise.read',
    text: `select coalesce((select years from audit_promise where organisation = $1
                            order by made_at desc, id desc limit 1), 6) as years,
                  audit_kept_until($1, $2) as "keptUntil"`,
    values: [organisation, written],
  });
}

export async function insertPromise(
  tx: Transaction,
  organisation: OrganisationId,
  promise: { readonly id: string; readonly years: number; readonly now: Date },
): Promise<void> {
  await tx.execute({
    name: 'audit-promise.insert',
    text: 'insert into audit_promise (id, organisation, years, made_at) values ($1, $2, $3, $4)',
    values: [promise.id, organisation, promise.years, promise.now],
  });
}

/** Notes that it was said that a review is overdue. */
export async function markOverdueSaid(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
): Promise<void> {
  await tx.execute({
    name: 'audit-settings.overdue-said',
    text: 'update audit_settings set overdue_said_at = $2 where organisation = $1',
    values: [organisation, now],
  });
}
