import type { NetworkProfile } from '#core/network';
import type { Clock } from '#platform/runtime';
import { fetchMtaStsPolicy, type MtaStsFailure } from './mta-sts-fetch.ts';
import { announcedId, type MtaStsPolicy } from './mta-sts-policy.ts';

/** A policy as it is kept: with the id under which it was announced when it was fetched. */
export interface KeptPolicy extends MtaStsPolicy {
  readonly id: string;
  readonly fetchedAt: Date;
  /** After this moment it binds nobody. */
  readonly expiresAt: Date;
}

/** Where policies outlive the process and are shared by processes. */
export interface MtaStsStore {
  read(domain: string): Promise<KeptPolicy | null>;
  /** Keeps it unless a policy fetched later is kept already. */
  write(domain: string, policy: KeptPolicy): Promise<void>;
  /** At most so many domains whose policy still binds and was fetched before that moment. */
  stale(before: Date, most: number): Promise<readonly string[]>;
}

export interface MtaStsState {
  /** The policy in force; null where the domain has none. Mode `none` is a policy, and asks for nothing. */
  readonly policy: KeptPolicy | null;
  /** Why an announced policy could not be had: told once for each try to fetch it; for reports. */
  readonly failure: MtaStsFailure | null;
}

export interface MtaSts {
  /**
   * The policy of a domain: kept, or fetched when none is kept or another one is announced. A kept policy holds until it
   * expires, whatever becomes of its announcement: who strips the announcement must gain nothing (RFC 8461 §3.3, §10).
   * Rejects when the store cannot be read: to go on without would be to forget a policy.
   */
  stateOf(domain: string, network: NetworkProfile): Promise<MtaStsState>;
  /** Fetches kept policies anew that are older than a day (RFC 8461 §3.3), some at a time, where they are still announced. Returns how many came. */
  refresh(network: NetworkProfile): Promise<number>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** §3.3: after a failure the same id is not fetched again for five minutes. */
const PAUSE_MS = 5 * MINUTE;
/** §3.3: a policy is fetched anew once a day, so that a long one is not lost for want of a fetch. */
const FRESH_MS = 24 * 60 * MINUTE;
/** How long a look into the store is believed: other processes write there too. */
const BELIEVED_MS = { found: 5 * MINUTE, none: MINUTE };
/** A policy that may not be kept at all holds so long: not every message shall fetch it. */
const LEAST_SECONDS = 60;
const MOST_KEPT = 10_000;
/** One after the other: a policy host that does not answer costs ten seconds. */
const REFRESHED_AT_ONCE = 50;

interface Remembered {
  readonly kept: KeptPolicy | null;
  readonly until: number;
}

export function createMtaSts({
  store,
  clock,
}: {
  readonly store: MtaStsStore;
  readonly clock: Clock;
}): MtaSts {
  const memory = new Map<string, Remembered>();
  const fetching = new Map<string, Promise<MtaStsState>>();
  const pauses = new Map<string, number>();

  const remember = (domain: string, kept: KeptPolicy | null): void => {
    const until = clock.monotonic() + (kept === null ? BELIEVED_MS.none : BELIEVED_MS.found);
    bounded(memory, domain, { kept, until });
  };
  const valid = (kept: KeptPolicy | null): KeptPolicy | null =>
    kept !== null && kept.expiresAt > clock.now() ? kept : null;
  const fromStore = async (domain: string): Promise<KeptPolicy | null> => {
    const kept = await store.read(domain);
    remember(domain, kept);
    return valid(kept);
  };
  const keptFor = async (domain: string): Promise<KeptPolicy | null> => {
    const held = memory.get(domain);
    if (held !== undefined && held.until > clock.monotonic()) return valid(held.kept);
    return fromStore(domain);
  };

  const paused = (domain: string, id: string): boolean =>
    (pauses.get(`${domain} ${id}`) ?? 0) > clock.monotonic();
  /** Fetches once for all who ask at the same time. */
  const fetch = (domain: string, id: string, network: NetworkProfile): Promise<MtaStsState> => {
    const key = `${domain} ${id}`;
    const running = fetching.get(key) ?? fetchNow(domain, id, network).finally(() => fetching.delete(key));
    fetching.set(key, running);
    return running;
  };
  const fetchNow = async (domain: string, id: string, network: NetworkProfile): Promise<MtaStsState> => {
    const fetched = await fetchMtaStsPolicy(domain, network);
    if (fetched.kind === 'failed') {
      bounded(pauses, `${domain} ${id}`, clock.monotonic() + PAUSE_MS);
      return { policy: null, failure: fetched.failure };
    }
    const fetchedAt = clock.now();
    const seconds = Math.max(fetched.policy.maxAge, LEAST_SECONDS);
    const expiresAt = new Date(fetchedAt.getTime() + seconds * SECOND);
    const policy: KeptPolicy = { ...fetched.policy, id, fetchedAt, expiresAt };
    await store.write(domain, policy);
    remember(domain, policy);
    return { policy, failure: null };
  };

  const announced = async (domain: string, network: NetworkProfile): Promise<string | null> => {
    const texts = await network.resolver.txt(`_mta-sts.${domain}`);
    return texts.kind === 'found' ? announcedId(texts.records) : null;
  };

  return {
    async stateOf(domain, network) {
      const [kept, id] = await Promise.all([keptFor(domain), announced(domain, network)]);
      if (id === null || kept?.id === id || paused(domain, id)) return { policy: kept, failure: null };
      // Another process may have fetched what is announced now.
      const stored = await fromStore(domain);
      if (stored?.id === id) return { policy: stored, failure: null };
      const { policy, failure } = await fetch(domain, id, network);
      return { policy: policy ?? stored, failure };
    },
    async refresh(network) {
      let fetched = 0;
      for (const domain of await store.stale(new Date(clock.now().getTime() - FRESH_MS), REFRESHED_AT_ONCE)) {
        const id = await announced(domain, network);
        if (id === null || paused(domain, id)) continue;
        if ((await fetch(domain, id, network)).policy !== null) fetched += 1;
      }
      return fetched;
    },
  };
}

function bounded<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.size > MOST_KEPT ? map.keys().next() : undefined;
  if (oldest?.done === false) map.delete(oldest.value);
}
