import type { OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { readCheckpointNote, readPosition, readReference } from './list.store.ts';
import { consistencyProof, inclusionProof } from './proofs.ts';
import { loadFrontier, subtreeReader } from './tree.ts';

/** What someone needs, beside the verifier key, to see that an entry stands in the log. */
export interface EntryProof {
  /** The entry's bytes: what the leaf hash is made of. */
  readonly leaf: Buffer;
  readonly position: number;
  readonly size: number;
  readonly path: readonly Buffer[];
  /** The signed checkpoint that `path` leads to. */
  readonly checkpoint: string;
}

/** Proof that an entry stands in the log, against the newest checkpoint; null while it waits or when there is none. */
export async function proveEntry(
  tx: Transaction,
  organisation: OrganisationId,
  entry: string,
): Promise<EntryProof | null> {
  const place = await readPosition(tx, organisation, entry);
  const stored = await readReference(tx, organisation, entry);
  if (place === undefined || stored === undefined) return null;
  const checkpoint = await readCheckpointNote(tx, organisation, null);
  if (checkpoint === undefined || place.position >= checkpoint.size) return null;
  const frontier = await loadFrontier(tx, organisation, checkpoint.size);
  const read = subtreeReader(tx, organisation, frontier);
  const path = await inclusionProof(read, place.position, checkpoint.size);
  const { leaf } = stored;
  return { leaf, position: place.position, size: checkpoint.size, path, checkpoint: checkpoint.note };
}

/** Proof that the log of `from` entries is the beginning of the log of `to` entries; both must have been reached. */
export async function proveGrowth(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  to: number,
): Promise<readonly Buffer[]> {
  const frontier = await loadFrontier(tx, organisation, to);
  return consistencyProof(subtreeReader(tx, organisation, frontier), from, to);
}
