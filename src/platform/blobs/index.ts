// Room: blobs. In: sealed bytes too large for a row; out: the same bytes. Owns the table blob and the blob directory.
// What `write` has returned survives a crash; what no row refers to is swept.
export { databaseBlobReferences } from './blob.store.ts';
export type { Blobs } from './blobs.ts';
export { createBlobs } from './create-blobs.ts';
