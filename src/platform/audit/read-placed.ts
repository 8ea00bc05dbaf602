import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { idFloor } from '#platform/runtime';
import { firstPlace, readPlacedRows } from './list.store.ts';
import { type AuditLeaf, decodeLeaf } from './list.ts';

/** An entry with its place. */
export interface PlacedLeaf {
  readonly id: string;
  readonly position: number;
  readonly entry: AuditLeaf;
}

export interface PlacedEntries {
  /** What could be read of them, in their places' order. */
  readonly entries: readonly PlacedLeaf[];
  /** Where to go on; the same as `from` where nothing follows yet. */
  readonly next: number;
}

/**
 * Up to `most` entries from a place on, in the sequencer's order: no entry ever appears before the returned `next` later on.
 * Bytes that are gone or are no entry are passed over; verification is what says so.
 */
export async function readPlaced(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  most: number,
): Promise<PlacedEntries> {
  const rows = await readPlacedRows(tx, organisation, from, most);
  const entries = rows.flatMap(({ id, position, leaf }): PlacedLeaf[] => {
    const entry = leaf === null ? null : decodeLeaf(leaf);
    return entry === null ? [] : [{ id, position: Number(position), entry }];
  });
  return { entries, next: Number(rows.at(-1)?.position ?? from - 1) + 1 };
}

/** Where reading begins so that nothing written at or after that moment is missed. */
export function placeAt(tx: Transaction, organisation: OrganisationId, since: Date): Promise<number> {
  return firstPlace(tx, organisation, idFloor(since));
}
