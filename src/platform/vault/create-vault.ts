import { createHmac, type KeyObject } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import type { Binding, SealPurpose } from '#core/seal';
import type { Clock, Logger } from '#platform/runtime';
import { canonical } from './associated-data.ts';
import { CurrentGroup } from './current-group.ts';
import { SealBroken } from './errors.ts';
import { type KeySetRecord, openKeySet } from './key-set.ts';
import { groupCacheKey, KeyTree } from './key-tree.ts';
import { groupOf, makeObjectKey, OpenObjectKey, unwrapObjectKey, WRAPPED_KEY } from './object-key.ts';
import { type RecoveryKit, writeRecoveryKit } from './recovery-kit.ts';
import type { RootKeyProvider } from './root-key/provider.ts';
import { RootRing } from './root-ring.ts';
import { dropUnusedKeys, listOrganisations, rotateOrganisation, rotateRoot } from './rotation.ts';
import { openOctets, sealOctets } from './seal-octets.ts';
import { openStream, sealStream } from './seal-stream.ts';
import { listGroups, shredGroup } from './shred.ts';
import type { Month, ObjectKey, Vault } from './vault.ts';

export interface VaultOptions {
  /** Organisation, index and group keys, each wrapped. May be shared by several processes; local file system. */
  readonly keysDirectory: string;
  readonly rootKey: RootKeyProvider;
  /** Root keys of before, of another kind or passphrase, while keys are wrapped by them still. */
  readonly previousRootKeys?: readonly RootKeyProvider[];
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Refuses a keys directory that does not belong to the database; see databaseKeySet. */
  readonly keySetRecord?: KeySetRecord;
  /** The index key version an organisation's rows are indexed with; default 1 for all. */
  readonly indexVersion?: (organisation: OrganisationId) => Promise<number>;
  /** How long keys stay in memory, in seconds; default 30. */
  readonly cacheSeconds?: number;
  /** Group keys in memory at most; default 10,000. */
  readonly cachedGroups?: number;
  /** How long superseded keys are kept at least, in seconds; default 600, and never under twice the cache time. */
  readonly graceSeconds?: number;
}

const VALUE_FORM = 0x02;
const INDEX_OCTETS = 16;
const SWEEP_MS = 10_000;

/**
 * Opens the vault. Makes keys only over an empty directory; otherwise throws RootKeyWrong or KeyMissing, with a text
 * for the operator, when the root key or keys are gone, damaged, too open, or not those that belong to the data.
 */
export async function createVault(options: VaultOptions): Promise<Vault> {
  const roots = new RootRing(options.rootKey, options.previousRootKeys ?? []);
  const keySet = await openKeySet(options.keysDirectory, roots, options.clock, options.keySetRecord);
  return new FileVault(keySet, roots, options);
}

class FileVault implements Vault {
  readonly keySet: string;
  readonly #options: VaultOptions;
  readonly #tree: KeyTree;
  readonly #current: CurrentGroup;
  readonly #timer: NodeJS.Timeout;
  /** Rotations and shredding, one after the other. */
  #maintenance: Promise<unknown> = Promise.resolve();

  constructor(keySet: string, roots: RootRing, options: VaultOptions) {
    const lifeMs = (options.cacheSeconds ?? 30) * 1000;
    const most = options.cachedGroups ?? 10_000;
    this.keySet = keySet;
    this.#options = options;
    this.#tree = new KeyTree({
      directory: options.keysDirectory,
      keySet,
      roots,
      clock: options.clock,
      lifeMs,
      most,
    });
    this.#current = new CurrentGroup(this.#tree, most);
    this.#timer = setInterval(() => this.#expire(), SWEEP_MS);
    this.#timer.unref();
  }

  async newObjectKey(organisation: OrganisationId, purpose: SealPurpose): Promise<ObjectKey> {
    return makeObjectKey(await this.#current.find(organisation, purpose));
  }

  tryNewObjectKey(organisation: OrganisationId, purpose: SealPurpose): ObjectKey | null {
    const group = this.#current.take(organisation, purpose);
    return group === undefined ? null : makeObjectKey(group);
  }

  async openObjectKey(organisation: OrganisationId, wrapped: Uint8Array): Promise<ObjectKey> {
    const group = await this.#tree.group(organisation, groupOf(wrapped));
    return unwrapObjectKey(group, wrapped);
  }

  tryOpenObjectKey(organisation: OrganisationId, wrapped: Uint8Array): ObjectKey | null {
    const group = this.#tree.peekGroup(groupCacheKey(organisation, groupOf(wrapped)));
    return group === undefined ? null : unwrapObjectKey(group, wrapped);
  }

  seal(key: ObjectKey, binding: Binding, plain: Uint8Array | string): Buffer {
    return sealOctets(keyForSealing(key, binding), binding, plain);
  }

  open(key: ObjectKey, binding: Binding, sealed: Uint8Array): Buffer {
    return openOctets(keyForOpening(key, binding), binding, sealed);
  }

  openText(key: ObjectKey, binding: Binding, sealed: Uint8Array): string {
    return this.open(key, binding, sealed).toString('utf8');
  }

  sealStream(key: ObjectKey, binding: Binding, source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
    return sealStream(keyForSealing(key, binding), binding, source);
  }

  openStream(key: ObjectKey, binding: Binding, source: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
    return openStream(keyForOpening(key, binding), binding, source);
  }

  async sealValue(purpose: SealPurpose, binding: Binding, plain: Uint8Array | string): Promise<Buffer> {
    const key = makeObjectKey(await this.#current.find(binding.organisation, purpose));
    return Buffer.concat([Buffer.of(VALUE_FORM), key.wrapped, sealOctets(key.key, binding, plain)]);
  }

  async openValue(binding: Binding, sealed: Uint8Array): Promise<Buffer> {
    if (sealed[0] !== VALUE_FORM) throw new SealBroken();
    const wrapped = sealed.subarray(1, 1 + WRAPPED_KEY);
    const group = await this.#tree.group(binding.organisation, groupOf(wrapped));
    return openOctets(unwrapObjectKey(group, wrapped).key, binding, sealed.subarray(1 + WRAPPED_KEY));
  }

  async blindIndex(
    organisation: OrganisationId,
    name: string,
    normalised: string,
    version?: number,
  ): Promise<Buffer> {
    const key = await this.#indexKey(organisation, version);
    return hash(key, ['sealpost/blind-index/1', name, normalised.toWellFormed()]).subarray(0, INDEX_OCTETS);
  }

  async blindTerms(
    organisation: OrganisationId,
    words: readonly string[],
    version?: number,
  ): Promise<bigint[]> {
    const key = await this.#indexKey(organisation, version);
    return words.map((word) => {
      const digest = hash(key, ['sealpost/blind-term/1', word.toWellFormed()]);
      return digest.readBigUInt64BE(0) >> 1n;
    });
  }

  async mac(
    organisation: OrganisationId,
    name: string,
    data: Uint8Array | string,
    version?: number,
  ): Promise<Buffer> {
    const key = await this.#indexKey(organisation, version);
    return hash(key, ['sealpost/mac/1', name, typeof data === 'string' ? data.toWellFormed() : data]);
  }

  async indexVersion(organisation: OrganisationId): Promise<number> {
    return (await this.#options.indexVersion?.(organisation)) ?? 1;
  }

  addIndexVersion(organisation: OrganisationId): Promise<number> {
    return this.#maintain(async () => {
      await this.#tree.indexKey(organisation, 1); // an organisation without keys gets its first
      const next = ((await this.#tree.versions(organisation, 'index')).at(-1) ?? 0) + 1;
      await this.#tree.makeIndexKey(organisation, next);
      return next;
    });
  }

  async #indexKey(organisation: OrganisationId, version: number | undefined): Promise<KeyObject> {
    const wanted = version ?? (this.#options.indexVersion ? await this.indexVersion(organisation) : 1);
    return (await this.#tree.indexKey(organisation, wanted)).key;
  }

  shred(organisation: OrganisationId, purpose: SealPurpose, month: Month) {
    return this.#maintain(async () => {
      const shredded = await shredGroup(this.#tree, this.#current, organisation, purpose, month);
      this.#log('vault.shredded', shredded.length, organisation);
      return shredded;
    });
  }

  groups(organisation: OrganisationId) {
    return listGroups(this.#tree, organisation);
  }

  organisations() {
    return listOrganisations(this.#tree);
  }

  rotateOrganisation(organisation: OrganisationId) {
    return this.#maintain(async () => {
      const rotation = await rotateOrganisation(this.#tree, organisation);
      this.#log('vault.organisation-key-rotated', rotation.rewrapped, organisation);
      return rotation;
    });
  }

  rotateRoot(provider: RootKeyProvider = this.#tree.roots.current) {
    return this.#maintain(async () => {
      const rotation = await rotateRoot(this.#tree, this.#options.keysDirectory, provider);
      this.#log('vault.root-key-rotated', rotation.rewrapped);
      return rotation;
    });
  }

  dropUnusedKeys() {
    const graceMs = Math.max((this.#options.graceSeconds ?? 600) * 1000, 2 * this.#tree.lifeMs);
    return this.#maintain(async () => {
      const dropped = await dropUnusedKeys(this.#tree, this.#options.keysDirectory, graceMs);
      this.#log('vault.keys-dropped', dropped.roots + dropped.organisationKeys);
      return dropped;
    });
  }

  async makeRecoveryKit(): Promise<RecoveryKit | null> {
    const keys = await this.#tree.roots.current.exportKeys();
    return keys === null ? null : writeRecoveryKit(this.keySet, keys, this.#options.clock.now());
  }

  close(): void {
    clearInterval(this.#timer);
    this.#tree.clear();
    this.#current.clear();
  }

  #expire(): void {
    this.#tree.expire();
    this.#current.expire();
  }

  #maintain<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#maintenance.then(work);
    this.#maintenance = run.catch(() => undefined); // the caller gets the fault; the next act goes on
    return run;
  }

  #log(code: string, count: number, organisation?: OrganisationId): void {
    this.#options.logger?.info(code, organisation === undefined ? { count } : { count, organisation });
  }
}

function opened(key: ObjectKey): OpenObjectKey {
  if (!(key instanceof OpenObjectKey)) throw new TypeError('not an object key of the vault');
  return key;
}

/** A binding that names another organisation than the key's is a mistake in the program. */
function keyForSealing(key: ObjectKey, binding: Binding): KeyObject {
  const own = opened(key);
  if (own.organisation !== binding.organisation) {
    throw new TypeError('the binding names another organisation than the object key');
  }
  return own.key;
}

function keyForOpening(key: ObjectKey, binding: Binding): KeyObject {
  const own = opened(key);
  if (own.organisation !== binding.organisation) throw new SealBroken();
  return own.key;
}

function hash(key: KeyObject, parts: readonly (string | Uint8Array)[]): Buffer {
  return createHmac('sha256', key).update(canonical(parts)).digest();
}
