import type { AuditEntry } from '#core/audit-entry';
import type { AuditEntryId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Clock, newId } from '#platform/runtime';
import { type EntryRow, insertEntries, insertEntry } from './append.store.ts';
import { checkEntry, encodeLeaf } from './leaf.ts';

/**
 * Records one act in the acting transaction, which must include the entry's organisation. When this throws, the
 * transaction must not commit: an act that cannot be recorded does not happen (AU-2). Faults: AuditEntryInvalid,
 * DatabaseFault, DatabaseUnavailable.
 */
export async function append(tx: Transaction, clock: Clock, entry: AuditEntry): Promise<AuditEntryId> {
  const row = toRow(clock, entry);
  await insertEntry(tx, row);
  return row.id;
}

/** Records many acts with one statement. Ids come back in the order of the entries. */
export async function appendMany(
  tx: Transaction,
  clock: Clock,
  entries: readonly AuditEntry[],
): Promise<readonly AuditEntryId[]> {
  const rows = entries.map((entry) => toRow(clock, entry));
  const [first] = rows;
  if (first === undefined) return [];
  if (rows.length === 1) await insertEntry(tx, first);
  else await insertEntries(tx, rows);
  return rows.map((row) => row.id);
}

function toRow(clock: Clock, entry: AuditEntry): EntryRow & { readonly id: AuditEntryId } {
  checkEntry(entry);
  const id = entry.id ?? (newId(clock) as AuditEntryId);
  return {
    id,
    organisation: entry.organisation,
    leaf: encodeLeaf(id, clock.now(), entry),
    sealedReference: entry.sealedReference,
  };
}
