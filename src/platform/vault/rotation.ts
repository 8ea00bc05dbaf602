import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid, type OrganisationId } from '#core/ids';
import { fileErrorCode } from '#platform/runtime';
import { destroyFile, isThere, namesIn, readIfThere, replaceFile } from './durable-files.ts';
import { parseGroupName } from './group-id.ts';
import { decodeRecord, type KeyKind } from './key-record.ts';
import { enterRoot, strikeRoots } from './key-set.ts';
import type { KeyTree } from './key-tree.ts';
import type { RootKeyProvider } from './root-key/provider.ts';
import { finishShredding } from './shred.ts';
import type { DroppedKeys, OrganisationRotation, RootRotation } from './vault.ts';

const STALE_TEMPORARY_MS = 10 * 60_000;

/** Organisations with a folder of keys. */
export async function listOrganisations(tree: KeyTree): Promise<OrganisationId[]> {
  const names = await namesIn(tree.paths.organisations);
  return names.filter(isOrganisation).sort();
}

function isOrganisation(name: string): name is OrganisationId {
  return isUuid(name);
}

/** Puts a new root key in front and wraps every organisation key by it. Files are replaced whole: reads go on. */
export async function rotateRoot(
  tree: KeyTree,
  directory: string,
  provider: RootKeyProvider,
): Promise<RootRotation> {
  await provider.prepare('additional');
  tree.roots.lead(provider);
  await enterRoot(directory, tree.roots);
  let rewrapped = 0;
  for (const organisation of await listOrganisations(tree)) {
    for (const version of await tree.versions(organisation, 'organisation')) {
      await rewrapOrganisationKey(tree, organisation, version);
      rewrapped += 1;
    }
  }
  return { root: provider.describe().id, rewrapped };
}

async function rewrapOrganisationKey(
  tree: KeyTree,
  organisation: OrganisationId,
  version: number,
): Promise<void> {
  const record = await tree.readOrganisationRecord(organisation, version);
  const raw = await tree.unwrapByRoot(organisation, record);
  const octets = await tree.wrapByRoot(organisation, version, record.created, raw);
  raw.fill(0);
  await replaceFile(tree.paths.version(organisation, 'organisation', version), octets);
}

/** Makes the next version of an organisation key and wraps the organisation's group and index keys by it. */
export async function rotateOrganisation(
  tree: KeyTree,
  organisation: OrganisationId,
): Promise<OrganisationRotation> {
  await tree.organisationKey(organisation); // an organisation without keys gets its first
  const newest = (await tree.versions(organisation, 'organisation')).at(-1) ?? 0;
  await tree.makeOrganisationKey(organisation, newest + 1);
  return { version: newest + 1, rewrapped: await rewrapBelow(tree, organisation) };
}

/** Wraps by the newest organisation key whatever an older one still wraps. Returns how many keys that were. */
async function rewrapBelow(tree: KeyTree, organisation: OrganisationId): Promise<number> {
  tree.forgetNewest(organisation); // another process may have made a version since
  let rewrapped = 0;
  for (const version of await tree.versions(organisation, 'index')) {
    const path = tree.paths.version(organisation, 'index', version);
    if (await rewrapKey(tree, organisation, 'index', `index.${version}`, path)) rewrapped += 1;
  }
  for (const file of await namesIn(tree.paths.groups(organisation))) {
    const name = file.endsWith('.key') ? file.slice(0, -'.key'.length) : '';
    if (parseGroupName(name) === undefined) continue;
    const path = tree.paths.group(organisation, name, 'key');
    if (await rewrapKey(tree, organisation, 'group', name, path)) rewrapped += 1;
    // Shredded between our reading and our replacing: then the replacement must not stay.
    if (await isThere(tree.paths.group(organisation, name, 'shredded'))) await destroyFile(path);
  }
  return rewrapped;
}

async function rewrapKey(
  tree: KeyTree,
  organisation: OrganisationId,
  kind: Exclude<KeyKind, 'organisation'>,
  slot: string,
  path: string,
): Promise<boolean> {
  const octets = await readIfThere(path);
  if (octets === undefined) return false; // shredded meanwhile
  const record = decodeRecord(kind, octets);
  const by = await tree.organisationKey(organisation);
  if (record.wrappedBy === String(by.version)) return false;
  const raw = await tree.unwrapByOrganisation(organisation, slot, record);
  const { version, created } = record;
  const renewed = tree.wrapByOrganisation(organisation, by, slot, { kind, version, created }, raw);
  raw.fill(0);
  await replaceFile(path, renewed);
  return true;
}

/**
 * Destroys organisation and root keys that were superseded longer than `graceMs` ago, after wrapping anew whatever
 * they still wrap. The grace is far longer than keys stay in memory, so no process can still be wrapping with them.
 */
export async function dropUnusedKeys(
  tree: KeyTree,
  directory: string,
  graceMs: number,
): Promise<DroppedKeys> {
  const before = new Date(tree.clock.now().getTime() - graceMs);
  const usedRoots = new Set<string>([(await tree.roots.name()).id]);
  let organisationKeys = 0;
  for (const organisation of await listOrganisations(tree)) {
    await finishShredding(tree, organisation);
    await rewrapBelow(tree, organisation);
    organisationKeys += await dropOrganisationKeys(tree, organisation, before);
    for (const version of await tree.versions(organisation, 'organisation')) {
      usedRoots.add(await wrapByCurrentRoot(tree, organisation, version));
    }
    await clearTemporaries(tree.paths.organisation(organisation));
    await clearTemporaries(tree.paths.groups(organisation));
  }
  let roots = 0;
  for (const provider of tree.roots.all) roots += await provider.dropExcept(usedRoots, before);
  await strikeRoots(directory, usedRoots);
  return { roots, organisationKeys };
}

/** Wraps anew what another process had wrapped by a superseded root key. Returns the root key's id. */
async function wrapByCurrentRoot(
  tree: KeyTree,
  organisation: OrganisationId,
  version: number,
): Promise<string> {
  const { id } = tree.roots.current.describe();
  const record = await tree.readOrganisationRecord(organisation, version);
  if (record.wrappedBy !== id) await rewrapOrganisationKey(tree, organisation, version);
  return (await tree.readOrganisationRecord(organisation, version)).wrappedBy;
}

async function dropOrganisationKeys(
  tree: KeyTree,
  organisation: OrganisationId,
  before: Date,
): Promise<number> {
  const versions = await tree.versions(organisation, 'organisation');
  const used = await usedVersions(tree, organisation);
  let dropped = 0;
  for (const [index, version] of versions.entries()) {
    const successor = versions[index + 1];
    if (successor === undefined || used.has(version)) continue;
    const { created } = await tree.readOrganisationRecord(organisation, successor);
    if (created.getTime() >= before.getTime()) continue;
    if (await destroyFile(tree.paths.version(organisation, 'organisation', version))) dropped += 1;
  }
  return dropped;
}

/** Organisation key versions that still wrap something. */
async function usedVersions(tree: KeyTree, organisation: OrganisationId): Promise<ReadonlySet<number>> {
  const used = new Set<number>();
  const note = async (kind: KeyKind, path: string): Promise<void> => {
    const octets = await readIfThere(path);
    if (octets !== undefined) used.add(Number(decodeRecord(kind, octets).wrappedBy));
  };
  for (const version of await tree.versions(organisation, 'index')) {
    await note('index', tree.paths.version(organisation, 'index', version));
  }
  for (const file of await namesIn(tree.paths.groups(organisation))) {
    if (!file.startsWith('.') && file.endsWith('.key'))
      await note('group', join(tree.paths.groups(organisation), file));
  }
  return used;
}

/** Removes what a crash has left half-written. */
async function clearTemporaries(directory: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    if (!name.startsWith('.') || !name.endsWith('.tmp')) continue;
    const path = join(directory, name);
    try {
      if (Date.now() - (await stat(path)).mtimeMs > STALE_TEMPORARY_MS) await unlink(path);
    } catch (error) {
      if (fileErrorCode(error) !== 'ENOENT') throw error; // another process was faster
    }
  }
}
