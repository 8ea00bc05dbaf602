/**
 * Keys in memory for seconds: bounded in number (least recently used goes first) and in age. Concurrent loads of the
 * same key share one. An expired key is never returned.
 */
export class KeyCache<Id, Key> {
  readonly #lifeMs: number;
  readonly #most: number;
  readonly #now: () => number;
  readonly #entries = new Map<Id, { readonly key: Key; readonly until: number }>();
  readonly #loads = new Map<Id, Promise<Key>>();
  #epoch = 0;

  constructor(options: { readonly lifeMs: number; readonly most: number; readonly now: () => number }) {
    this.#lifeMs = options.lifeMs;
    this.#most = options.most;
    this.#now = options.now;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The key when it is here and young enough. */
  peek(id: Id): Key | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    if (entry.until > this.#now()) return entry.key;
    this.#entries.delete(id);
    return undefined;
  }

  async get(id: Id, load: () => Promise<Key>): Promise<Key> {
    const present = this.peek(id);
    if (present !== undefined) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) {
        this.#entries.delete(id); // to the end of the order of use
        this.#entries.set(id, entry);
      }
      return present;
    }
    const running = this.#loads.get(id);
    if (running !== undefined) return running;
    const started = this.#load(id, load);
    this.#loads.set(id, started);
    try {
      return await started;
    } finally {
      if (this.#loads.get(id) === started) this.#loads.delete(id);
    }
  }

  async #load(id: Id, load: () => Promise<Key>): Promise<Key> {
    const epoch = this.#epoch;
    // Age counts from before the look at the disk: what was destroyed after that is gone when the life is over.
    const until = this.#now() + this.#lifeMs;
    const key = await load();
    if (epoch === this.#epoch) {
      this.#entries.set(id, { key, until });
      for (const oldest of this.#entries.keys()) {
        if (this.#entries.size <= this.#most) break;
        this.#entries.delete(oldest);
      }
    }
    return key;
  }

  delete(id: Id): void {
    this.#entries.delete(id);
    this.#loads.delete(id);
    this.#epoch += 1; // a load that began before must not bring the key back
  }

  /** Removes expired keys; for a timer. */
  expire(): void {
    const now = this.#now();
    for (const [id, entry] of this.#entries) if (entry.until <= now) this.#entries.delete(id);
  }

  clear(): void {
    this.#entries.clear();
    this.#loads.clear();
    this.#epoch += 1;
  }
}
