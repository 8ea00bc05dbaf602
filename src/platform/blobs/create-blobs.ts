import type { BlobId, OrganisationId } from '#core/ids';
import type { Transaction } from '#platform/database';
import { type Clock, describeFault, type Logger, newId, silentLogger } from '#platform/runtime';
import { deleteBlob, insertBlob } from './blob.store.ts';
import type { BlobStore, Blobs, WrittenBlob } from './blobs.ts';
import { FileBlobStore, isBlobId } from './file-blob-store.ts';

export interface BlobsOptions {
  /** Made when missing (0700). */
  readonly directory: string;
  /** Below this many free octets reserveOk says no. */
  readonly reserveBytes: number;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Which of these ids some row refers to: see databaseBlobReferences. Without it nothing may be swept. */
  readonly referenced?: (ids: readonly BlobId[]) => Promise<ReadonlySet<BlobId>>;
  /** Another store than the file system, or its stand-in in a test. */
  readonly store?: BlobStore;
}

const RESERVE_AGE_MS = 2_000;
const SWEEP_BATCH = 500;

/** Opens the blob store in a directory. */
export function createBlobs(options: BlobsOptions): Blobs {
  return new StoredBlobs(options.store ?? new FileBlobStore(options.directory), options);
}

class StoredBlobs implements Blobs {
  readonly #store: BlobStore;
  readonly #options: BlobsOptions;
  readonly #logger: Logger;
  #reserve: { readonly ok: boolean; readonly until: number } | undefined;

  constructor(store: BlobStore, options: BlobsOptions) {
    this.#store = store;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  async write(source: AsyncIterable<Uint8Array>): Promise<WrittenBlob> {
    const id = freshId(this.#options.clock);
    return { id, size: await this.#store.put(id, source) };
  }

  record(tx: Transaction, organisation: OrganisationId, blob: WrittenBlob): Promise<void> {
    return insertBlob(tx, organisation, blob);
  }

  read(id: BlobId): AsyncIterable<Buffer> {
    return this.#store.get(id);
  }

  async remove(tx: Transaction, organisation: OrganisationId, id: BlobId): Promise<boolean> {
    if (!(await deleteBlob(tx, organisation, id))) return false;
    tx.afterCommit(() => {
      this.#store.delete(id).catch((error: unknown) => {
        // Nothing is lost: without a row the file is an orphan, and the sweep takes it.
        this.#logger.warn('blobs.remove-failed', { object: id, ...describeFault(error) });
      });
    });
    return true;
  }

  async sweep(olderThan: Date): Promise<number> {
    const { referenced } = this.#options;
    if (referenced === undefined) throw new Error('a sweep needs to know which blobs are referred to');
    let removed = 0;
    let batch: BlobId[] = [];
    const take = async (): Promise<void> => {
      const kept = await referenced(batch);
      for (const id of batch) if (!kept.has(id) && (await this.#store.delete(id))) removed += 1;
      batch = [];
    };
    for await (const id of this.#store.writtenBefore(olderThan)) {
      batch.push(id);
      if (batch.length === SWEEP_BATCH) await take();
    }
    if (batch.length > 0) await take();
    if (removed > 0) this.#logger.info('blobs.swept', { count: removed });
    return removed;
  }

  reserveOk(): boolean {
    const now = this.#options.clock.monotonic();
    if (this.#reserve === undefined || now >= this.#reserve.until) {
      this.#reserve = { ok: this.#probe(), until: now + RESERVE_AGE_MS };
    }
    return this.#reserve.ok;
  }

  /** A store that cannot be asked is not one to accept mail into. */
  #probe(): boolean {
    try {
      const free = this.#store.freeBytes();
      return free === null || free >= this.#options.reserveBytes;
    } catch (error) {
      this.#logger.error('blobs.space-unknown', describeFault(error));
      return false;
    }
  }
}

function freshId(clock: Clock): BlobId {
  const id = newId(clock);
  if (!isBlobId(id)) throw new Error('an id that is not a UUID'); // cannot be; makes the branded type
  return id;
}
