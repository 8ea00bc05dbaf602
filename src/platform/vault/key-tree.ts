import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OrganisationId } from '#core/ids';
import type { Clock } from '#platform/runtime';
import { requireOrganisation } from './associated-data.ts';
import { createOnce, destroyFile, isThere, namesIn, readIfThere } from './durable-files.ts';
import { KeyMissing, KeyShredded, SealBroken } from './errors.ts';
import { KEY, NONCE, openFrom, sealInto, TAG, takeKey } from './gcm.ts';
import { type GroupId, groupName, groupNumber } from './group-id.ts';
import { GroupKey } from './group-key.ts';
import { KeyCache } from './key-cache.ts';
import { decodeRecord, encodeHeader, type KeyHeader, type KeyRecord, recordData } from './key-record.ts';
import type { RootRing } from './root-ring.ts';
import { VersionKey } from './version-key.ts';

export interface KeyTreeOptions {
  readonly directory: string;
  readonly keySet: string;
  readonly roots: RootRing;
  readonly clock: Clock;
  /** How long a key stays in memory, in milliseconds. */
  readonly lifeMs: number;
  /** Group keys in memory at most. */
  readonly most: number;
}

/** Where the keys lie: `organisations/<id>/organisation.<v>.key`, `index.<v>.key`, `groups/<name>.{key,shredded,uses}`. */
export class KeyPaths {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get organisations(): string {
    return join(this.#directory, 'organisations');
  }

  organisation(organisation: OrganisationId): string {
    requireOrganisation(organisation);
    return join(this.organisations, organisation);
  }

  version(organisation: OrganisationId, kind: 'organisation' | 'index', version: number): string {
    return join(this.organisation(organisation), `${kind}.${version}.key`);
  }

  groups(organisation: OrganisationId): string {
    return join(this.organisation(organisation), 'groups');
  }

  group(organisation: OrganisationId, name: string, ending: 'key' | 'shredded' | 'uses'): string {
    return join(this.groups(organisation), `${name}.${ending}`);
  }
}

/** Loads and makes the keys of the tree. Everything that is made is on the disk, flushed, before it is used. */
export class KeyTree {
  readonly paths: KeyPaths;
  readonly keySet: string;
  readonly roots: RootRing;
  readonly clock: Clock;
  readonly lifeMs: number;
  readonly #versions: KeyCache<string, VersionKey>;
  readonly #newest: KeyCache<OrganisationId, number>;
  readonly #groups: KeyCache<string, GroupKey>;
  /** Groups destroyed by this process: what it still holds of them must stop opening at once. */
  readonly #destroyed = new Set<string>();

  constructor(options: KeyTreeOptions) {
    this.paths = new KeyPaths(options.directory);
    this.keySet = options.keySet;
    this.roots = options.roots;
    this.clock = options.clock;
    this.lifeMs = options.lifeMs;
    const cache = { lifeMs: options.lifeMs, most: options.most, now: () => options.clock.monotonic() };
    this.#versions = new KeyCache(cache);
    this.#newest = new KeyCache(cache);
    this.#groups = new KeyCache(cache);
  }

  /** The organisation key that wraps now; made when the organisation has none. */
  async organisationKey(organisation: OrganisationId): Promise<VersionKey> {
    const version = await this.#newest.get(organisation, () => this.#findNewest(organisation));
    return this.organisationKeyOf(organisation, version);
  }

  async #findNewest(organisation: OrganisationId): Promise<number> {
    const names = (await namesIn(this.paths.organisation(organisation))).filter(
      (name) => !name.startsWith('.'),
    );
    const newest = versionsAmong(names, 'organisation').at(-1);
    // Where there are other keys of the organisation, its own was lost: a new one would hide that.
    if (newest === undefined && names.length > 0) {
      throw new KeyMissing(
        'key-file-missing',
        `the key of organisation ${organisation} is missing: put it back`,
      );
    }
    if (newest === undefined) await this.makeOrganisationKey(organisation, 1);
    const version = newest ?? 1;
    // The index key belongs to the founding, before any group: so that later its absence means that it was lost.
    if (!names.includes('groups') && versionsAmong(names, 'index').length === 0) {
      await this.#writeIndexKey(organisation, 1, await this.organisationKeyOf(organisation, version));
    }
    return version;
  }

  /** Versions that have a file, ascending. */
  async versions(organisation: OrganisationId, kind: 'organisation' | 'index'): Promise<number[]> {
    return versionsAmong(await namesIn(this.paths.organisation(organisation)), kind);
  }

  organisationKeyOf(organisation: OrganisationId, version: number): Promise<VersionKey> {
    return this.#versions.get(`${organisation}/organisation/${version}`, async () => {
      const record = await this.readOrganisationRecord(organisation, version);
      const raw = await this.unwrapByRoot(organisation, record);
      return new VersionKey(version, record.created, takeKey(raw));
    });
  }

  /** Makes a version of the organisation key; another process may have been faster, which is as good. */
  async makeOrganisationKey(organisation: OrganisationId, version: number): Promise<void> {
    const raw = randomBytes(KEY);
    const octets = await this.wrapByRoot(organisation, version, this.clock.now(), raw);
    raw.fill(0);
    await createOnce(this.paths.version(organisation, 'organisation', version), octets);
    this.#newest.delete(organisation);
  }

  async readOrganisationRecord(organisation: OrganisationId, version: number): Promise<KeyRecord> {
    const octets = await readIfThere(this.paths.version(organisation, 'organisation', version));
    if (octets === undefined) {
      throw new KeyMissing(
        'key-file-missing',
        `version ${version} of the key of organisation ${organisation} is missing`,
      );
    }
    return decodeRecord('organisation', octets);
  }

  /** The octets of an organisation key file. The raw key stays the caller's. */
  async wrapByRoot(
    organisation: OrganisationId,
    version: number,
    created: Date,
    raw: Buffer,
  ): Promise<Buffer> {
    const { id } = await this.roots.name();
    const header = encodeHeader({ kind: 'organisation', version, created, wrappedBy: id });
    const data = recordData(this.keySet, organisation, `organisation.${version}`, header);
    return Buffer.concat([header, await this.roots.wrap(raw, data)]);
  }

  async unwrapByRoot(organisation: OrganisationId, record: KeyRecord): Promise<Buffer> {
    const data = recordData(this.keySet, organisation, `organisation.${record.version}`, record.header);
    return this.roots.unwrap(record.wrappedBy, record.wrapped, data);
  }

  /** The octets of a group or index key file. The raw key stays the caller's. */
  wrapByOrganisation(
    organisation: OrganisationId,
    by: VersionKey,
    slot: string,
    header: Omit<KeyHeader, 'wrappedBy'>,
    raw: Buffer,
  ): Buffer {
    const head = encodeHeader({ ...header, wrappedBy: String(by.version) });
    const octets = Buffer.concat([head, Buffer.alloc(NONCE + raw.length + TAG)]);
    sealInto(octets, head.length, by.key, recordData(this.keySet, organisation, slot, head), raw);
    return octets;
  }

  async unwrapByOrganisation(organisation: OrganisationId, slot: string, record: KeyRecord): Promise<Buffer> {
    const by = await this.organisationKeyOf(organisation, Number(record.wrappedBy));
    try {
      return openFrom(by.key, recordData(this.keySet, organisation, slot, record.header), record.wrapped);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      throw new KeyMissing(
        'key-file-damaged',
        `the key file of ${slot} of organisation ${organisation} is damaged`,
      );
    }
  }

  /** An index key. Version 1 is made with the organisation's first key, others by makeIndexKey. */
  indexKey(organisation: OrganisationId, version: number): Promise<VersionKey> {
    return this.#versions.get(`${organisation}/index/${version}`, () =>
      this.#readAgain(() => this.#loadIndexKey(organisation, version)),
    );
  }

  async #loadIndexKey(organisation: OrganisationId, version: number): Promise<VersionKey> {
    await this.organisationKey(organisation); // an organisation without keys gets its first
    const path = this.paths.version(organisation, 'index', version);
    const octets = await readIfThere(path);
    if (octets === undefined) {
      throw new KeyMissing(
        'key-file-missing',
        `version ${version} of the index key of organisation ${organisation} is missing`,
      );
    }
    const record = decodeRecord('index', octets);
    const raw = await this.unwrapByOrganisation(organisation, `index.${version}`, record);
    return new VersionKey(version, record.created, takeKey(raw));
  }

  async makeIndexKey(organisation: OrganisationId, version: number): Promise<void> {
    await this.#writeIndexKey(organisation, version, await this.organisationKey(organisation));
  }

  async #writeIndexKey(organisation: OrganisationId, version: number, by: VersionKey): Promise<void> {
    const raw = randomBytes(KEY);
    const header = { kind: 'index', version, created: this.clock.now() } as const;
    const octets = this.wrapByOrganisation(organisation, by, `index.${version}`, header, raw);
    raw.fill(0);
    await createOnce(this.paths.version(organisation, 'index', version), octets);
  }

  /** The group key when it is warm. */
  peekGroup(cacheKey: string): GroupKey | undefined {
    return this.#groups.peek(cacheKey);
  }

  /** An existing group's key. Faults: KeyShredded, KeyMissing. */
  group(organisation: OrganisationId, id: GroupId): Promise<GroupKey> {
    return this.#groups.get(groupCacheKey(organisation, id), () =>
      this.#readAgain(() => this.#loadGroup(organisation, id)),
    );
  }

  async #loadGroup(organisation: OrganisationId, id: GroupId): Promise<GroupKey> {
    const name = groupName(id);
    const tombstone = this.paths.group(organisation, name, 'shredded');
    const checkedAt = this.clock.monotonic();
    const octets = await readIfThere(this.paths.group(organisation, name, 'key'));
    if (await isThere(tombstone)) throw new KeyShredded(name);
    if (octets === undefined)
      throw new KeyMissing(
        'key-file-missing',
        `the key of group ${name} of organisation ${organisation} is missing`,
      );
    const record = decodeRecord('group', octets);
    const raw = await this.unwrapByOrganisation(organisation, name, record);
    const cacheKey = groupCacheKey(organisation, id);
    return new GroupKey(organisation, id, takeKey(raw), {
      checkedAt,
      lifeMs: this.lifeMs,
      now: () => this.clock.monotonic(),
      isDestroyedHere: () => this.#destroyed.has(cacheKey),
      isShredded: () => existsSync(tombstone),
    });
  }

  /** A rotation may drop what wrapped a file between our two reads: then the file has been replaced as well. */
  async #readAgain<T>(load: () => Promise<T>): Promise<T> {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof KeyMissing)) throw error;
      return load();
    }
  }

  async makeGroup(organisation: OrganisationId, id: GroupId): Promise<void> {
    const by = await this.organisationKey(organisation);
    const raw = randomBytes(KEY);
    const name = groupName(id);
    const header = { kind: 'group', version: 0, created: this.clock.now() } as const;
    const octets = this.wrapByOrganisation(organisation, by, name, header, raw);
    raw.fill(0);
    const path = this.paths.group(organisation, name, 'key');
    await createOnce(path, octets);
    if (await isThere(this.paths.group(organisation, name, 'shredded'))) await destroyFile(path);
  }

  /** Ends the use of a destroyed group in this process at once. */
  forgetGroup(organisation: OrganisationId, id: GroupId): void {
    const cacheKey = groupCacheKey(organisation, id);
    this.#destroyed.add(cacheKey);
    this.#groups.delete(cacheKey);
  }

  forgetNewest(organisation: OrganisationId): void {
    this.#newest.delete(organisation);
  }

  expire(): void {
    for (const cache of [this.#versions, this.#newest, this.#groups]) cache.expire();
  }

  clear(): void {
    for (const cache of [this.#versions, this.#newest, this.#groups]) cache.clear();
  }
}

/** The name of a group in this process's maps; cheap, because the hot path makes one for each object key. */
export function groupCacheKey(organisation: OrganisationId, id: GroupId): string {
  return organisation + groupNumber(id);
}

function versionsAmong(names: readonly string[], kind: 'organisation' | 'index'): number[] {
  const pattern =
    kind === 'organisation' ? /^organisation\.([1-9]\d{0,8})\.key$/ : /^index\.([1-9]\d{0,8})\.key$/;
  const versions = names.map((name) => Number(pattern.exec(name)?.[1] ?? 0)).filter((version) => version > 0);
  return versions.sort((a, b) => a - b);
}
