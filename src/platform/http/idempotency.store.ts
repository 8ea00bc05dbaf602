import type { OrganisationId } from '#core/ids';
import type { Statement, Transaction } from '#platform/database';

/** What identifies a request that may be repeated. Key and content only as keyed hashes. */
export interface IdempotencyRow {
  readonly organisation: OrganisationId;
  readonly route: string;
  readonly keyHash: Buffer;
}

export interface StoredAnswer {
  readonly bodyHash: Buffer;
  readonly status: number;
  readonly answer: Buffer;
}

/** The stored answer that still counts, if there is one. */
export async function findAnswer(
  tx: Transaction,
  row: IdempotencyRow,
  now: Date,
): Promise<StoredAnswer | undefined> {
  const statement: Statement = {
    name: 'idempotency.find',
    text: `select body_hash, status, answer from sealpost.idempotency
           where organisation = $1 and route = $2 and key_hash = $3 and expires_at > $4`,
    values: [row.organisation, row.route, row.keyHash, now],
  };
  const found = await tx.maybe<{ body_hash: Buffer; status: number; answer: Buffer }>(statement);
  return found === undefined
    ? undefined
    : { bodyHash: found.body_hash, status: found.status, answer: found.answer };
}

/**
 * Writes the answer; false when a twin was faster. The unique key makes a twin in flight wait here until this
 * transaction ends. An expired row that was not yet swept is taken over.
 */
export async function insertAnswer(
  tx: Transaction,
  row: IdempotencyRow,
  stored: StoredAnswer,
  now: Date,
  expiresAt: Date,
): Promise<boolean> {
  const touched = await tx.execute({
    name: 'idempotency.insert',
    text: `insert into sealpost.idempotency as i
             (organisation, route, key_hash, body_hash, status, answer, created_at, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (organisation, route, key_hash) do update
             set body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer,
                 created_at = excluded.created_at, expires_at = excluded.expires_at
             where i.expires_at <= $7`,
    values: [
      row.organisation,
      row.route,
      row.keyHash,
      stored.bodyHash,
      stored.status,
      stored.answer,
      now,
      expiresAt,
    ],
  });
  return touched === 1;
}

/** Removes expired answers of the transaction's organisations; for the worker's sweep. */
export async function sweepAnswers(tx: Transaction, now: Date): Promise<number> {
  return tx.execute({
    name: 'idempotency.sweep',
    text: 'delete from sealpost.idempotency where expires_at <= $1',
    values: [now],
  });
}
