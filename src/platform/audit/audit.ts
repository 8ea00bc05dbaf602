import type { AuditEntry } from '#core/audit-entry';
import type { AuditEntryId, OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import { type Clock, type Logger, silentLogger } from '#platform/runtime';
import { append, appendMany } from './append.ts';
import { indexLogs } from './index-log.ts';
import { readReference } from './list.store.ts';
import {
  type AuditLeaf,
  type AuditLine,
  type AuditPage,
  type AuditQuery,
  type AuditState,
  decodeLeaf,
  linesOf,
  listLog,
  logState,
} from './list.ts';
import type { NoteSigner, NoteVerifier } from './note.ts';
import { type EntryProof, proveEntry, proveGrowth } from './prove-entry.ts';
import { proveRange, type RangeProof } from './range-proof.ts';
import { readPlaced, readSubjectsOf } from './search.store.ts';
import { type SequenceReport, Sequencer } from './sequence.ts';
import { type Verification, type VerifyRequest, verifyLog } from './verify.ts';
import type { Witness } from './witness.ts';

/** The audit logs of all organisations. */
export interface Audit {
  /**
   * Records one act in the acting transaction, which must include the entry's organisation. When it throws, the
   * transaction must not commit. Faults: AuditEntryInvalid, DatabaseFault, DatabaseUnavailable.
   */
  append(tx: Transaction, entry: AuditEntry): Promise<AuditEntryId>;
  /** Records many acts with one statement; ids in the order of the entries. */
  appendMany(tx: Transaction, entries: readonly AuditEntry[]): Promise<readonly AuditEntryId[]>;
  /**
   * Gives waiting entries their places, signs checkpoints and hands them to the witness: of one organisation, or of
   * all. To be called at least once a second by the worker role; calls of several processes do not collide.
   */
  sequence(organisation?: OrganisationId): Promise<SequenceReport>;
  /** Reads placed entries into the index that `list` searches by: of one organisation, or of all. By the worker role. */
  index(organisation?: OrganisationId): Promise<number>;
  /** Reads the whole log and all that was signed about it. Seconds per 100,000 entries; memory stays constant. */
  verify(organisation: OrganisationId, request?: VerifyRequest): Promise<Verification>;
  /** A page of the log, newest first; null when the cursor is not one of ours. */
  list(tx: Transaction, organisation: OrganisationId, query: AuditQuery): Promise<AuditPage | null>;
  /** Lines by their ids, at most some hundreds, oldest first; ids that name no entry of the organisation are left out. */
  lines(tx: Transaction, organisation: OrganisationId, ids: readonly string[]): Promise<AuditLine[]>;
  state(tx: Transaction, organisation: OrganisationId): Promise<AuditState>;
  /**
   * Under which ids a mail address stands in the organisation's records, given its keyed hashes by the name of the index
   * (`address`, `portal-address/1` and so on); of each kind the newest `most`.
   */
  subjectsOf(
    tx: Transaction,
    organisation: OrganisationId,
    hashes: ReadonlyMap<string, Buffer>,
    most: number,
  ): Promise<readonly { readonly kind: string; readonly id: string }[]>;
  /**
   * One entry with its sealed reference, for a reviewer who may open it; undefined when there is no such entry, a null
   * `entry` when its bytes are no leaf of ours.
   */
  entry(
    tx: Transaction,
    organisation: OrganisationId,
    entry: string,
  ): Promise<{ readonly entry: AuditLeaf | null; readonly sealedReference: Buffer | null } | undefined>;
  /** Inclusion proof of an entry against the newest checkpoint; null while it has no signed place. */
  proveEntry(tx: Transaction, organisation: OrganisationId, entry: string): Promise<EntryProof | null>;
  /** Placed entries from that position on, at most `most`, by position; `leaf` is null where its bytes are gone. */
  placed(
    tx: Transaction,
    organisation: OrganisationId,
    from: number,
    most: number,
  ): Promise<readonly PlacedEntry[]>;
  /** Proof that the positions [from, to) stand in the log, against the newest checkpoint; null where it does not reach. */
  proveRange(
    tx: Transaction,
    organisation: OrganisationId,
    from: number,
    to: number,
  ): Promise<RangeProof | null>;
  /** Every key that ever signed checkpoints of the organisation. */
  verifiers(organisation: OrganisationId): Promise<readonly NoteVerifier[]>;
  /** Consistency proof between two sizes that the log has reached. */
  proveGrowth(
    tx: Transaction,
    organisation: OrganisationId,
    from: number,
    to: number,
  ): Promise<readonly Buffer[]>;
}

/** An entry at its place. `entry` is null where its bytes are no leaf of ours. */
export interface PlacedEntry {
  readonly id: string;
  readonly position: number;
  readonly leaf: Buffer | null;
  readonly entry: AuditLeaf | null;
}

export interface AuditOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** The organisation's current signing key for checkpoints; its name is `auditOrigin(organisation)`. */
  readonly signer: (organisation: OrganisationId) => Promise<NoteSigner>;
  /** Every key that ever signed checkpoints of the organisation, retired ones too. */
  readonly verifiers: (organisation: OrganisationId) => Promise<readonly NoteVerifier[]>;
  /** Null: nothing outside of the database remembers; verification then says so. */
  readonly witness: Witness | null;
  readonly logger?: Logger;
  /** Most entries placed by one transaction; default 20,000. */
  readonly batch?: number;
}

/** Puts the room together. Holds no connection of its own and needs no closing. */
export function createAudit(options: AuditOptions): Audit {
  const { clock } = options;
  const sequencer = new Sequencer({ ...options, logger: options.logger ?? silentLogger });
  return {
    append: (tx, entry) => append(tx, clock, entry),
    appendMany: (tx, entries) => appendMany(tx, clock, entries),
    sequence: (organisation) => sequencer.run(organisation),
    index: (organisation) => indexLogs(options.database, organisation),
    verify: (organisation, request) => verifyLog(options, organisation, request),
    list: listLog,
    lines: linesOf,
    state: logState,
    subjectsOf: readSubjectsOf,
    async entry(tx, organisation, entry) {
      const row = await readReference(tx, organisation, entry);
      return row && { entry: decodeLeaf(row.leaf), sealedReference: row.sealed };
    },
    placed: readEntries,
    proveEntry,
    proveRange,
    verifiers: options.verifiers,
    proveGrowth,
  };
}

async function readEntries(
  tx: Transaction,
  organisation: OrganisationId,
  from: number,
  most: number,
): Promise<PlacedEntry[]> {
  const rows = await readPlaced(tx, organisation, from, most);
  return rows.map(({ id, position, leaf }) => ({
    ...{ id, leaf, position: position ?? 0 },
    entry: leaf === null ? null : decodeLeaf(leaf),
  }));
}
