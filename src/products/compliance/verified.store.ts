import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** What a verification of a whole log found. */
export interface VerifiedRow {
  readonly id: string;
  readonly ended_at: Date;
  readonly size: number;
  readonly sound: boolean;
  readonly findings: number;
  /** Codes of findings, or `not-finished`. */
  readonly kinds: readonly string[];
  readonly seconds: number;
}

export async function insertVerified(
  tx: Transaction,
  organisation: OrganisationId,
  row: VerifiedRow,
): Promise<void> {
  await tx.execute({
    name: 'audit-verified.insert',
    text: `insert into audit_verified (id, organisation, ended_at, size, sound, findings, kinds, seconds)
           values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      ...[row.id, organisation, row.ended_at, row.size, row.sound, row.findings],
      ...[[...row.kinds], row.seconds],
    ],
  });
}

export async function lastVerified(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<VerifiedRow | undefined> {
  return tx.maybe<VerifiedRow>({
    name: 'audit-verified.last',
    text: `select id, ended_at, size, sound, findings, kinds, seconds from audit_verified
           where organisation = $1 order by id desc limit 1`,
    values: [organisation],
  });
}

/** Logs whose newest verification found something, over all organisations. */
export async function unsoundLogs(tx: Transaction): Promise<number> {
  const { count } = await tx.one<{ count: number }>({
    name: 'audit-verified.unsound',
    text: 'select audit_unsound() as count',
  });
  return Number(count);
}
