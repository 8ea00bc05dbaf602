import type { BlobId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';

/** A blob that has been written and flushed, but that no row refers to yet. */
export interface WrittenBlob {
  readonly id: BlobId;
  /** Octets as stored, that is: sealed. */
  readonly size: number;
}

/** Where sealed bytes are kept. The file system today; an S3-compatible store later implements the same. */
export interface BlobStore {
  /** Returns the size once the bytes survive a crash of the machine. A failed write leaves nothing behind. */
  put(id: BlobId, source: AsyncIterable<Uint8Array>): Promise<number>;
  /** Throws BlobMissing at the first step when there is no such blob. */
  get(id: BlobId): AsyncIterable<Buffer>;
  /** True when something was removed. */
  delete(id: BlobId): Promise<boolean>;
  /** Every blob whose writing ended before the moment; also clears up after writes that were cut off by then. */
  writtenBefore(moment: Date): AsyncIterable<BlobId>;
  /** Octets that may still be written, or null where the store has no such notion. Must not block for long. */
  freeBytes(): number | null;
}

/** Large sealed content outside of the database. Bytes come in sealed; this room has no keys. */
export interface Blobs {
  /** Writes and flushes file and directories before it returns. Refer to it in a transaction with `record`. */
  write(source: AsyncIterable<Uint8Array>): Promise<WrittenBlob>;
  /** The row, in the transaction that refers to the blob. Without it the file is swept. */
  record(tx: Transaction, organisation: OrganisationId, blob: WrittenBlob): Promise<void>;
  read(id: BlobId): AsyncIterable<Buffer>;
  /** Removes the row now and the file after the commit; false where the organisation has no such blob. */
  remove(tx: Transaction, organisation: OrganisationId, id: BlobId): Promise<boolean>;
  /**
   * Removes files that no row refers to and that were written before the moment; returns how many. The moment must
   * lie further back than the longest time between `write` and the commit of `record`: an hour is plenty.
   */
  sweep(olderThan: Date): Promise<number>;
  /** False when the disk holds less than the reserve: intake then answers 452 or 503. At most 2 s old. */
  reserveOk(): boolean;
}

/** A blob that should be there is not. */
export class BlobMissing extends Error {
  override readonly name = 'BlobMissing';
  readonly code = 'blob-missing';

  constructor() {
    super('no such blob in the store');
  }
}
