import type { OrganisationId } from '#core/ids';
import type { SealPurpose } from '#core/seal';
import { destroyFile, namesIn } from './durable-files.ts';
import { KeyMissing, KeyShredded } from './errors.ts';
import { GENERATIONS, type GroupId, groupName, monthOf, monthText, parseGroupName } from './group-id.ts';
import type { GroupKey } from './group-key.ts';
import { GroupUses, isUsedUp } from './group-uses.ts';
import { KeyCache } from './key-cache.ts';
import { groupCacheKey, type KeyTree } from './key-tree.ts';

/** Finds, and makes, the group that new object keys belong to: organisation × purpose × this month. */
export class CurrentGroup {
  readonly #tree: KeyTree;
  readonly #uses = new GroupUses();
  readonly #current: KeyCache<string, GroupKey>;

  constructor(tree: KeyTree, most: number) {
    this.#tree = tree;
    this.#current = new KeyCache({ lifeMs: tree.lifeMs, most, now: () => tree.clock.monotonic() });
  }

  /** The group with one use taken, when all is warm; else undefined. */
  take(organisation: OrganisationId, purpose: SealPurpose): GroupKey | undefined {
    const group = this.#current.peek(purpose + organisation);
    if (group === undefined || group.id.month !== monthOf(this.#tree.clock.now())) return undefined;
    return this.#uses.take(groupCacheKey(organisation, group.id)) ? group : undefined;
  }

  /** Makes it warm first. */
  async find(organisation: OrganisationId, purpose: SealPurpose): Promise<GroupKey> {
    const slot = purpose + organisation;
    for (;;) {
      const ready = this.take(organisation, purpose);
      if (ready !== undefined) return ready;
      this.#dropSpent(slot, organisation);
      const group = await this.#current.get(slot, () => this.#search(organisation, purpose));
      // False where others have used up the reservation while we waited for it: then once more.
      if (this.#uses.take(groupCacheKey(organisation, group.id))) return group;
    }
  }

  /** A group of last month, or one that this process holds no more uses of, must be looked for again. */
  #dropSpent(slot: string, organisation: OrganisationId): void {
    const group = this.#current.peek(slot);
    if (group === undefined) return;
    const cacheKey = groupCacheKey(organisation, group.id);
    const lastMonths = group.id.month !== monthOf(this.#tree.clock.now());
    if (lastMonths) this.#uses.forget(cacheKey);
    if (lastMonths || !this.#uses.holds(cacheKey)) this.#current.delete(slot);
  }

  async #search(organisation: OrganisationId, purpose: SealPurpose): Promise<GroupKey> {
    const month = monthOf(this.#tree.clock.now());
    for (
      let generation = await this.#start(organisation, purpose, month);
      generation < GENERATIONS;
      generation += 1
    ) {
      const group = await this.#tryGeneration(organisation, { purpose, month, generation });
      if (group !== undefined) return group;
    }
    throw new KeyMissing(
      'key-limit-reached',
      `no further ${purpose} keys can be made for ${monthText(month)}`,
    );
  }

  /** The newest generation with a key, or the one after the newest tombstone. */
  async #start(organisation: OrganisationId, purpose: SealPurpose, month: number): Promise<number> {
    let start = 0;
    for (const name of await namesIn(this.#tree.paths.groups(organisation))) {
      const [stem = '', ending = ''] = name.split('.');
      const id = parseGroupName(stem);
      if (id?.purpose !== purpose || id.month !== month) continue;
      if (ending === 'shredded') start = Math.max(start, id.generation + 1);
      if (ending === 'key') start = Math.max(start, id.generation);
    }
    return start;
  }

  async #tryGeneration(organisation: OrganisationId, id: GroupId): Promise<GroupKey | undefined> {
    const { paths } = this.#tree;
    const name = groupName(id);
    const usesPath = paths.group(organisation, name, 'uses');
    const cacheKey = groupCacheKey(organisation, id);
    if (!this.#uses.holds(cacheKey)) {
      if (await isUsedUp(usesPath)) return undefined;
      await this.#tree.makeGroup(organisation, id);
      if (!(await this.#uses.reserve(cacheKey, usesPath))) return undefined;
    }
    try {
      return await this.#tree.group(organisation, id);
    } catch (error) {
      if (error instanceof KeyShredded) return undefined; // destroyed while we were making it ready
      throw error;
    }
  }

  /** After shredding: the next search begins behind the tombstone. */
  async forget(organisation: OrganisationId, id: GroupId): Promise<void> {
    this.#current.delete(id.purpose + organisation);
    this.#uses.forget(groupCacheKey(organisation, id));
    await destroyFile(this.#tree.paths.group(organisation, groupName(id), 'uses'));
  }

  expire(): void {
    this.#current.expire();
  }

  clear(): void {
    this.#current.clear();
  }
}
