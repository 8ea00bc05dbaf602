import type { BlobId, OrganisationId } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import type { WrittenBlob } from './blobs.ts';

/** Enters a blob; the caller's transaction refers to it. */
export async function insertBlob(
  tx: Transaction,
  organisation: OrganisationId,
  blob: WrittenBlob,
): Promise<void> {
  await tx.execute({
    name: 'blob-insert',
    text: 'insert into sealpost.blob (id, organisation, size) values ($1, $2, $3)',
    values: [blob.id, organisation, blob.size],
  });
}

/** True when the organisation had that blob. */
export async function deleteBlob(
  tx: Transaction,
  organisation: OrganisationId,
  id: BlobId,
): Promise<boolean> {
  const removed = await tx.execute({
    name: 'blob-delete',
    text: 'delete from sealpost.blob where id = $1 and organisation = $2',
    values: [id, organisation],
  });
  return removed === 1;
}

/** Which of these blobs any organisation refers to; through the owner function, which tells ids only. */
export function databaseBlobReferences(
  database: Database,
): (ids: readonly BlobId[]) => Promise<ReadonlySet<BlobId>> {
  return async (ids) => {
    const rows = await database.system('worker', (tx) =>
      tx.query<{ id: BlobId }>({
        text: 'select id from unnest($1::uuid[]) as id where sealpost.blob_exists(id)',
        values: [ids],
      }),
    );
    return new Set(rows.map((row) => row.id));
  };
}
