import { mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BlobId, OrganisationId } from '#core/ids';
import { newId, systemClock } from '#platform/runtime';
import { type FreshDatabase, freshDatabase } from '../../../test/support/database.ts';
import { databaseBlobReferences } from './blob.store.ts';
import type { Blobs } from './blobs.ts';
import { createBlobs } from './create-blobs.ts';

let fresh: FreshDatabase;
let directory: string;
let blobs: Blobs;
beforeAll(async () => {
  fresh = await freshDatabase();
  directory = mkdtempSync(join(tmpdir(), 'sealpost-blobs-'));
  const referenced = databaseBlobReferences(fresh.database);
  blobs = createBlobs({ directory, reserveBytes: 0, clock: systemClock, referenced });
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await fresh.close();
});

const clinic = newId() as OrganisationId;
const practice = newId() as OrganisationId;
async function* sealed() {
  yield Buffer.from('sealed octets');
}
const write = () => blobs.write(sealed());
const record = (organisation: OrganisationId, blob: Awaited<ReturnType<Blobs['write']>>) =>
  fresh.database.tenant([organisation], 'app', (tx) => blobs.record(tx, organisation, blob));
const stands = (id: BlobId) => readdirSync(join(directory, id.slice(-2))).includes(id);
/** After-commit work goes on in the background. */
const settled = async (id: BlobId) => {
  for (let tries = 0; tries < 100 && stands(id); tries += 1) await setTimeout(10);
};

test('a recorded blob is kept by the sweep, an unrecorded one is not', async () => {
  const [recorded, orphan] = [await write(), await write()];
  await record(clinic, recorded);
  const then = new Date(Date.now() - 7_200_000);
  for (const { id } of [recorded, orphan]) utimesSync(join(directory, id.slice(-2), id), then, then);
  expect(await blobs.sweep(new Date(Date.now() - 3_600_000))).toBe(1);
  expect(stands(recorded.id)).toBe(true);
  expect(stands(orphan.id)).toBe(false);
});

test('removing takes the file after the commit, and not after a rollback', async () => {
  const blob = await write();
  await record(clinic, blob);
  const failing = fresh.database.tenant([clinic], 'app', async (tx) => {
    expect(await blobs.remove(tx, clinic, blob.id)).toBe(true);
    throw new RangeError('rolled back');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(stands(blob.id)).toBe(true);
  await fresh.database.tenant([clinic], 'worker', async (tx) => {
    expect(await blobs.remove(tx, clinic, blob.id)).toBe(true);
    expect(stands(blob.id)).toBe(true);
  });
  await settled(blob.id);
  expect(stands(blob.id)).toBe(false);
});

test('another organisation can neither remove it nor record in this one’s name', async () => {
  const blob = await write();
  await record(clinic, blob);
  await fresh.database.tenant([practice], 'app', async (tx) => {
    expect(await blobs.remove(tx, practice, blob.id)).toBe(false);
    expect(await blobs.remove(tx, clinic, blob.id)).toBe(false);
  });
  const other = await write();
  const foreign = fresh.database.tenant([practice], 'app', (tx) => blobs.record(tx, clinic, other));
  await expect(foreign).rejects.toThrow();
  expect(stands(blob.id)).toBe(true);
});
