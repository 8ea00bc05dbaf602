import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

export interface StreamRow {
  readonly settings: Buffer;
  /** The next position to be sent. */
  readonly cursor: number;
  readonly failures: number;
  readonly last_error: string | null;
  readonly last_error_at: Date | null;
  readonly last_sent_at: Date | null;
  readonly changed_at: Date;
}

const COLUMNS = 'settings, cursor, failures, last_error, last_error_at, last_sent_at, changed_at';

export async function readStream(
  tx: Transaction,
  organisation: OrganisationId,
): Promise<StreamRow | undefined> {
  return tx.maybe<StreamRow>({
    name: 'audit-stream.read',
    text: `select ${COLUMNS} from audit_stream where organisation = $1`,
    values: [organisation],
  });
}

/** Names a receiver; one that was named before goes on where it was, unless `cursor` says another place. */
export async function putStream(
  tx: Transaction,
  organisation: OrganisationId,
  row: {
    readonly settings: Buffer;
    readonly cursor: number | null;
    readonly start: number;
    readonly now: Date;
  },
): Promise<void> {
  await tx.execute({
    name: 'audit-stream.put',
    text: `insert into audit_stream (organisation, settings, cursor, due_at, changed_at)
           values ($1, $2, coalesce($3::bigint, $4::bigint), $5, $5)
           on conflict (organisation) do update
           set settings = excluded.settings, cursor = coalesce($3::bigint, audit_stream.cursor), due_at = $5,
               failures = 0, last_error = null, last_error_at = null, changed_at = $5`,
    values: [organisation, row.settings, row.cursor, row.start, row.now],
  });
}

export async function removeStream(tx: Transaction, organisation: OrganisationId): Promise<boolean> {
  const gone = await tx.execute({
    name: 'audit-stream.remove',
    text: 'delete from audit_stream where organisation = $1',
    values: [organisation],
  });
  return gone === 1;
}

export async function streamsDue(tx: Transaction, now: Date): Promise<OrganisationId[]> {
  const rows = await tx.query<{ id: OrganisationId }>({
    name: 'audit-stream.due',
    text: 'select id from audit_streams_due($1) as id',
    values: [now],
  });
  return rows.map((row) => row.id);
}

/** Takes the stream for one sender until `until`; undefined when it is not due, or another has it. */
export async function claimStream(
  tx: Transaction,
  organisation: OrganisationId,
  now: Date,
  until: Date,
): Promise<StreamRow | undefined> {
  return tx.maybe<StreamRow>({
    name: 'audit-stream.claim',
    text: `update audit_stream set due_at = $3 where organisation = $1 and due_at <= $2 returning ${COLUMNS}`,
    values: [organisation, now, until],
  });
}

/** Moves on after the receiver has taken everything below `to`; false where somebody changed the stream meanwhile. */
export async function advanceStream(
  tx: Transaction,
  organisation: OrganisationId,
  move: { readonly from: number; readonly to: number; readonly changedAt: Date; readonly now: Date },
): Promise<boolean> {
  const moved = await tx.execute({
    name: 'audit-stream.advance',
    text: `update audit_stream
           set cursor = $3, due_at = $5, failures = 0, last_error = null, last_error_at = null, last_sent_at = $5
           where organisation = $1 and cursor = $2 and changed_at = $4`,
    values: [organisation, move.from, move.to, move.changedAt, move.now],
  });
  return moved === 1;
}

export async function failStream(
  tx: Transaction,
  organisation: OrganisationId,
  failure: { readonly error: string; readonly now: Date; readonly dueAt: Date },
): Promise<void> {
  await tx.execute({
    name: 'audit-stream.fail',
    text: `update audit_stream set failures = failures + 1, last_error = $2, last_error_at = $3, due_at = $4
           where organisation = $1`,
    values: [organisation, failure.error, failure.now, failure.dueAt],
  });
}

/** Nothing left to send: due again when something is. */
export async function restStream(tx: Transaction, organisation: OrganisationId, now: Date): Promise<void> {
  await tx.execute({
    name: 'audit-stream.rest',
    text: 'update audit_stream set due_at = $2 where organisation = $1',
    values: [organisation, now],
  });
}
