import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#platform/runtime';
import { canonical } from './associated-data.ts';
import { createOnce, ensureDirectory, namesIn, readIfThere, replaceFile, withLock } from './durable-files.ts';
import { KeyMissing, RootKeyWrong } from './errors.ts';
import type { RootKeyProvider } from './root-key/provider.ts';
import type { RootRing } from './root-ring.ts';

/** Remembers in the database which set of keys its content was sealed with. */
export interface KeySetRecord {
  read(): Promise<string | null>;
  /** Keeps the id; a record that exists already is left as it is. */
  write(keySet: string): Promise<void>;
}

/** As much of a root key as proving it needs. */
type RootOpener = Pick<RootKeyProvider, 'handles' | 'unwrap'>;

interface RootEntry {
  readonly id: string;
  readonly kind: string;
  /** A known value wrapped by that root key: shows at the start whether the root key fits. */
  readonly check: string;
}

interface KeySetDocument {
  readonly keySet: string;
  readonly created: string;
  /** The present one first. */
  readonly roots: readonly RootEntry[];
}

const FORMAT = 'sealpost-keys/1';
const CHECK = Buffer.from('sealpost/root-check/1: the key fits', 'latin1');
const STALE_TEMPORARY_MS = 10 * 60_000;

const documentPath = (directory: string): string => join(directory, 'keys.json');
const checkData = (keySet: string, root: string): Buffer =>
  canonical(['sealpost/root-check/1', keySet, root]);

/**
 * Opens the set of keys in a directory, or founds one where there is neither a key nor, by the record, any data.
 * Throws KeyMissing or RootKeyWrong when something that was there is gone or does not fit.
 */
export async function openKeySet(
  directory: string,
  roots: RootRing,
  clock: Clock,
  record: KeySetRecord | undefined,
): Promise<string> {
  await ensureDirectory(directory);
  await guardDirectory(directory);
  const recorded = (await record?.read()) ?? null;
  let octets = await readIfThere(documentPath(directory));
  if (octets === undefined) {
    await refuseNewKeysOverOldData(directory, recorded);
    await roots.current.prepare('first');
    octets = await foundKeySet(directory, roots, clock);
  } else {
    for (const provider of roots.all) await provider.prepare('existing');
  }
  const document = parseDocument(octets);
  if (recorded !== null && recorded !== document.keySet) {
    throw new KeyMissing(
      'keys-directory-foreign',
      `the keys in ${directory} are not those that the database was sealed with (it expects set ${recorded}, ` +
        `found ${document.keySet}): put back the right keys directory`,
    );
  }
  await proveRoot(document, roots.all);
  if (recorded === null) await record?.write(document.keySet);
  return document.keySet;
}

async function refuseNewKeysOverOldData(directory: string, recorded: string | null): Promise<void> {
  const orphaned = (await namesIn(join(directory, 'organisations'))).length > 0;
  if (recorded === null && !orphaned) return;
  throw new KeyMissing(
    'keys-directory-empty',
    `${documentPath(directory)} is missing, but ${orphaned ? 'there are keys' : 'the database holds sealed data'} ` +
      'that belong to it: put the keys directory back. New keys are never made over existing data.',
  );
}

/** Exactly one process founds the set; the others take what it has made. */
async function foundKeySet(directory: string, roots: RootRing, clock: Clock): Promise<Buffer> {
  const keySet = randomBytes(16).toString('hex');
  const entry = await rootEntry(keySet, roots);
  const document: KeySetDocument = { keySet, created: clock.now().toISOString(), roots: [entry] };
  await createOnce(documentPath(directory), formatDocument(document));
  const octets = await readIfThere(documentPath(directory));
  if (octets === undefined) throw damaged();
  return octets;
}

async function rootEntry(keySet: string, roots: RootRing): Promise<RootEntry> {
  const { id, kind } = roots.current.describe();
  const check = await roots.wrap(CHECK, checkData(keySet, id));
  return { id, kind, check: check.toString('base64') };
}

/** At least one root key of the set must be ours, and it must open its check value. */
async function proveRoot(document: KeySetDocument, roots: readonly RootOpener[]): Promise<void> {
  for (const { id, check } of document.roots) {
    const provider = await firstThatHandles(id, roots);
    if (provider === undefined) continue;
    const opened = await provider.unwrap(Buffer.from(check, 'base64'), checkData(document.keySet, id));
    if (opened.length === CHECK.length && timingSafeEqual(opened, CHECK)) return;
  }
  const wanted = document.roots.map((root) => `${root.id} (${root.kind})`).join(', ');
  throw new RootKeyWrong(
    'root-key-does-not-fit',
    `the root key is not the one that these keys were made with; they need ${wanted}. ` +
      'Put it back, or restore it from the recovery kit. No new one is made over existing data.',
  );
}

async function firstThatHandles(id: string, roots: readonly RootOpener[]): Promise<RootOpener | undefined> {
  for (const provider of roots) if (await provider.handles(id)) return provider;
  return undefined;
}

/** Writes the present root key in front of the list. */
export async function enterRoot(directory: string, roots: RootRing): Promise<void> {
  await changeDocument(directory, async (document) => {
    const entry = await rootEntry(document.keySet, roots);
    return { ...document, roots: [entry, ...document.roots.filter((root) => root.id !== entry.id)] };
  });
}

/** Takes root keys off the list that are neither present nor in use. */
export async function strikeRoots(directory: string, used: ReadonlySet<string>): Promise<void> {
  await changeDocument(directory, async (document) => ({
    ...document,
    roots: document.roots.filter((root, index) => index === 0 || used.has(root.id)),
  }));
}

/** How root keys stand to the keys in a directory, for recovery. */
export async function compareWithKeySet(
  directory: string,
  keySet: string,
  root: RootOpener,
): Promise<'fits' | 'no-keys' | 'other-keys' | 'outdated'> {
  const octets = await readIfThere(documentPath(directory));
  if (octets === undefined) return 'no-keys';
  const document = parseDocument(octets);
  if (document.keySet !== keySet) return 'other-keys';
  try {
    await proveRoot(document, [root]);
    return 'fits';
  } catch (error) {
    if (error instanceof RootKeyWrong) return 'outdated';
    throw error;
  }
}

async function changeDocument(
  directory: string,
  change: (document: KeySetDocument) => Promise<KeySetDocument>,
): Promise<void> {
  await withLock(join(directory, 'keys.json.lock'), async () => {
    const octets = await readIfThere(documentPath(directory));
    if (octets === undefined) throw damaged();
    await replaceFile(documentPath(directory), formatDocument(await change(parseDocument(octets))));
  });
}

function formatDocument(document: KeySetDocument): Buffer {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, ...document }, null, 2)}\n`);
}

function damaged(): KeyMissing {
  return new KeyMissing(
    'key-file-damaged',
    'keys.json in the keys directory is damaged: put back a copy of it',
  );
}

function parseDocument(octets: Buffer): KeySetDocument {
  let value: unknown;
  try {
    value = JSON.parse(octets.toString('utf8'));
  } catch {
    throw damaged();
  }
  if (typeof value !== 'object' || value === null) throw damaged();
  if (!('format' in value && 'keySet' in value && 'created' in value && 'roots' in value)) throw damaged();
  const { format, keySet, created, roots } = value;
  if (format !== FORMAT || typeof keySet !== 'string' || !/^[0-9a-f]{32}$/.test(keySet)) throw damaged();
  if (typeof created !== 'string' || !Array.isArray(roots) || !roots.every(isRootEntry)) throw damaged();
  return { keySet, created, roots };
}

function isRootEntry(value: unknown): value is RootEntry {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value && 'kind' in value && 'check' in value)) return false;
  return [value.id, value.kind, value.check].every((part) => typeof part === 'string');
}

/** Others must not be able to write here; and what a crash has left half-written is cleared up. */
async function guardDirectory(directory: string): Promise<void> {
  const { mode } = await stat(directory);
  if ((mode & 0o022) !== 0) {
    throw new KeyMissing(
      'keys-directory-unsafe',
      `others may write into ${directory}: set it to 0700 (chmod 700)`,
    );
  }
  if ((mode & 0o077) !== 0) await chmod(directory, 0o700);
  for (const name of await namesIn(directory)) {
    if (!name.startsWith('.') || !name.endsWith('.tmp')) continue;
    const path = join(directory, name);
    if (Date.now() - (await stat(path)).mtimeMs > STALE_TEMPORARY_MS) await unlink(path);
  }
}
