import type { Opened, SmtpSession } from '#platform/net';
import type { Clock } from '#platform/runtime';
import type { DeliverLimits, DeliverStats } from './deliver.ts';

/** A connection lent to one send. Give it back with `release`, whatever happened. */
export interface Lease {
  readonly session: SmtpSession;
  /** True when it carried messages before: it may have died in the meantime. */
  readonly kept: boolean;
}

export type Acquired =
  | { readonly kind: 'lease'; readonly lease: Lease }
  | { readonly kind: 'busy' }
  | Exclude<Opened, { readonly kind: 'open' }>;

interface Held {
  readonly session: SmtpSession;
  readonly key: string;
  readonly generation: number;
  readonly openedAt: number;
  idleSince: number;
}

interface Waiter {
  readonly key: string;
  readonly fresh: boolean;
  readonly grant: (granted: Held | 'slot' | 'busy') => void;
  readonly timer: NodeJS.Timeout;
}

type PoolLimits = Pick<
  DeliverLimits,
  'perDestination' | 'total' | 'messagesPerSession' | 'idleMs' | 'sessionMs' | 'waitMs'
>;

/**
 * Connections kept open between messages. A key stands for one host with one requirement. Who waits is served in
 * order within a key; between keys the one with the fewest connections goes first, and a key gives a connection up
 * when another that waits has two fewer: a domain with a million messages does not hold up the others.
 */
export class SessionPool {
  readonly #limits: PoolLimits;
  readonly #clock: Clock;
  /** Kept connections by key, the most recently used last. */
  readonly #idle = new Map<string, Held[]>();
  /** Connections by key: opening, lent or idle. */
  readonly #counts = new Map<string, number>();
  readonly #lent = new Map<SmtpSession, Held>();
  readonly #waiting = new Map<string, Waiter[]>();
  #total = 0;
  #connected = 0;
  #generation = 0;
  #sweeper: NodeJS.Timeout | null = null;
  #closing: (() => void) | null = null;

  constructor(limits: PoolLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** True when a kept connection waits for this key. */
  hasIdle(key: string): boolean {
    return (this.#idle.get(key)?.length ?? 0) > 0;
  }

  stats(): DeliverStats {
    const sum = (lists: Iterable<readonly unknown[]>): number => {
      let count = 0;
      for (const list of lists) count += list.length;
      return count;
    };
    return {
      open: this.#total,
      idle: sum(this.#idle.values()),
      waiting: sum(this.#waiting.values()),
      connected: this.#connected,
    };
  }

  /** A connection for `key`: a kept one (unless `fresh`), else a new one by `open` within the limits, in turn. */
  async acquire(key: string, fresh: boolean, open: () => Promise<Opened>): Promise<Acquired> {
    const granted = this.#take(key, fresh) ?? (await this.#wait(key, fresh));
    if (granted === 'busy') return { kind: 'busy' };
    if (granted !== 'slot') return this.#lend(granted, true);
    const { opened, generation } = await this.#open(key, open);
    if (opened.kind !== 'open') return opened;
    const now = this.#clock.monotonic();
    return this.#lend({ session: opened.session, key, generation, openedAt: now, idleSince: now }, false);
  }

  release({ session }: Lease): void {
    const held = this.#lent.get(session);
    if (held === undefined) return;
    this.#lent.delete(session);
    const { key } = held;
    if (!this.#mayKeep(held) || this.#owesAnother(key)) {
      this.#end(held);
      return;
    }
    const waiter = this.#nextWaiter(key, (candidate) => !candidate.fresh);
    if (waiter !== null) {
      waiter.grant(held);
      return;
    }
    held.idleSince = this.#clock.monotonic();
    const list = this.#idle.get(key);
    if (list === undefined) this.#idle.set(key, [held]);
    else list.push(held);
    this.#sweeper ??= setInterval(() => this.#sweep(), Math.max(50, this.#limits.idleMs / 4)).unref();
    this.#serveWaiters(); // one that wants a fresh connection may have waited for this
  }

  /** Forgets all kept connections; lent ones end when they come back. */
  startAnew(): void {
    this.#generation += 1;
    for (const held of [...this.#idle.values()].flat()) this.#drop(held);
  }

  /** Ends kept connections and those lent as they come back. Resolves when none is left. */
  close(): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#closing = resolve;
    });
    this.startAnew();
    for (const waiter of [...this.#waiting.values()].flat()) waiter.grant('busy');
    this.#waiting.clear();
    this.#checkClosed();
    return done;
  }

  #take(key: string, fresh: boolean): Held | 'slot' | null {
    if (this.#closing !== null) return null;
    if (!fresh) {
      for (let held = this.#pop(key); held !== null; held = this.#pop(key)) {
        if (this.#mayKeep(held)) return held;
        this.#end(held);
      }
    }
    if ((this.#counts.get(key) ?? 0) >= this.#limits.perDestination) return this.#evict(key, key);
    if (this.#total < this.#limits.total) return this.#reserve(key);
    return this.#evict(null, key);
  }

  /** The kept connection used last. */
  #pop(key: string): Held | null {
    const list = this.#idle.get(key);
    const held = list?.pop() ?? null;
    if (list?.length === 0) this.#idle.delete(key);
    return held;
  }

  /** Ends the kept connection that was unused the longest, of one key or of all, and gives its place to `key`. */
  #evict(from: string | null, key: string): 'slot' | null {
    let oldest: Held | undefined;
    const lists = from === null ? this.#idle.values() : [this.#idle.get(from) ?? []];
    for (const [first] of lists) {
      if (first !== undefined && (oldest === undefined || first.idleSince < oldest.idleSince)) oldest = first;
    }
    if (oldest === undefined) return null;
    this.#drop(oldest, false);
    return this.#reserve(key);
  }

  #reserve(key: string): 'slot' {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#total += 1;
    return 'slot';
  }

  #wait(key: string, fresh: boolean): Promise<Held | 'slot' | 'busy'> {
    if (this.#closing !== null) return Promise.resolve('busy');
    return new Promise((grant) => {
      const timer = setTimeout(() => {
        this.#nextWaiter(key, (candidate) => candidate === waiter);
        grant('busy');
      }, this.#limits.waitMs);
      const waiter: Waiter = {
        key,
        fresh,
        timer,
        grant: (granted) => {
          clearTimeout(timer);
          grant(granted);
        },
      };
      const list = this.#waiting.get(key);
      if (list === undefined) this.#waiting.set(key, [waiter]);
      else list.push(waiter);
    });
  }

  #nextWaiter(key: string, fits: (waiter: Waiter) => boolean): Waiter | null {
    const list = this.#waiting.get(key);
    const index = list?.findIndex(fits) ?? -1;
    if (list === undefined || index === -1) return null;
    const [waiter] = list.splice(index, 1);
    if (list.length === 0) this.#waiting.delete(key);
    return waiter ?? null;
  }

  async #open(key: string, open: () => Promise<Opened>): Promise<{ opened: Opened; generation: number }> {
    const generation = this.#generation;
    let opened: Opened | null = null;
    try {
      opened = await open();
      if (opened.kind === 'open') this.#connected += 1;
      return { opened, generation };
    } finally {
      if (opened?.kind !== 'open') this.#free(key);
    }
  }

  #lend(held: Held, kept: boolean): Acquired {
    this.#lent.set(held.session, held);
    return { kind: 'lease', lease: { session: held.session, kept } };
  }

  #mayKeep({ session, generation, openedAt }: Held): boolean {
    return (
      session.usable &&
      generation === this.#generation &&
      this.#closing === null &&
      session.count < this.#limits.messagesPerSession &&
      this.#clock.monotonic() - openedAt < this.#limits.sessionMs
    );
  }

  /** True when all connections are in use and another key waits that has at least two fewer than this one. */
  #owesAnother(key: string): boolean {
    if (this.#total < this.#limits.total) return false;
    const own = this.#counts.get(key) ?? 0;
    for (const other of this.#waiting.keys()) {
      if (other !== key && (this.#counts.get(other) ?? 0) + 2 <= own) return true;
    }
    return false;
  }

  /** Takes a kept connection out and ends it. */
  #drop(held: Held, serve = true): void {
    const list = this.#idle.get(held.key)?.filter((other) => other !== held) ?? [];
    if (list.length === 0) this.#idle.delete(held.key);
    else this.#idle.set(held.key, list);
    this.#end(held, serve);
  }

  #end(held: Held, serve = true): void {
    void held.session.quit();
    this.#free(held.key, serve);
  }

  #free(key: string, serve = true): void {
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
    this.#total -= 1;
    if (serve) this.#serveWaiters();
    this.#checkClosed();
  }

  /** Hands free places to waiting keys, the one with the fewest connections first. */
  #serveWaiters(): void {
    while (this.#waiting.size > 0 && this.#total < this.#limits.total) {
      let next: string | null = null;
      let fewest = this.#limits.perDestination;
      for (const key of this.#waiting.keys()) {
        const count = this.#counts.get(key) ?? 0;
        if (count < fewest) {
          fewest = count;
          next = key;
        }
      }
      const waiter = next === null ? null : this.#nextWaiter(next, () => true);
      if (waiter === null) return;
      waiter.grant(this.#reserve(waiter.key));
    }
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    for (const held of [...this.#idle.values()].flat()) {
      if (now - held.idleSince >= this.#limits.idleMs || !this.#mayKeep(held)) this.#drop(held);
    }
    if (this.#idle.size === 0 && this.#sweeper !== null) {
      clearInterval(this.#sweeper);
      this.#sweeper = null;
    }
  }

  #checkClosed(): void {
    if (this.#closing !== null && this.#total === 0) {
      if (this.#sweeper !== null) clearInterval(this.#sweeper);
      this.#sweeper = null;
      this.#closing();
    }
  }
}
