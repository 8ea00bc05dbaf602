import type { KeyObject } from 'node:crypto';
import type { OrganisationId } from '#core/ids';
import { KeyShredded } from './errors.ts';
import { type GroupId, groupName } from './group-id.ts';

interface Liveness {
  /** Monotonic time of the last look at the tombstone. */
  readonly checkedAt: number;
  readonly lifeMs: number;
  readonly now: () => number;
  readonly isDestroyedHere: () => boolean;
  readonly isShredded: () => boolean;
}

/** A shred-group key in memory. It may be held by open object keys for longer than it stays in the cache. */
export class GroupKey {
  readonly organisation: OrganisationId;
  readonly id: GroupId;
  readonly #key: KeyObject;
  readonly #liveness: Liveness;
  #checkedAt: number;
  #gone = false;

  constructor(organisation: OrganisationId, id: GroupId, key: KeyObject, liveness: Liveness) {
    this.organisation = organisation;
    this.id = id;
    this.#key = key;
    this.#liveness = liveness;
    this.#checkedAt = liveness.checkedAt;
  }

  /**
   * Throws KeyShredded at once where this process destroyed the group, and within the cache time where another did:
   * then it looks at the disk again (2 µs, once in that time).
   */
  assertUsable(): void {
    if (!this.#gone && this.#liveness.isDestroyedHere()) this.#gone = true;
    const now = this.#liveness.now();
    if (!this.#gone && now - this.#checkedAt >= this.#liveness.lifeMs) {
      if (this.#liveness.isShredded()) this.#gone = true;
      else this.#checkedAt = now;
    }
    if (this.#gone) throw new KeyShredded(groupName(this.id));
  }

  /** The key for wrapping object keys; throws KeyShredded. */
  get key(): KeyObject {
    this.assertUsable();
    return this.#key;
  }
}
