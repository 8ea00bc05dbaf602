import type { Clock } from '#platform/runtime';
import { type Judged, judgeAssertion, type KeySet, readKeySet } from './client-assertion.ts';
import type { KeySource } from './oauth.ts';

/** Fetches a key set's document from an https address that an organisation named; null when it cannot be had. */
export type FetchKeySet = (url: string) => Promise<unknown>;

/** A fetched set is believed for five minutes; for a key that is not in it, it is asked for anew, twice a minute at most. */
const KEPT_MS = 5 * 60_000;
const AGAIN_MS = 30_000;
const KEPT_MOST = 500;

export interface ClientKeys {
  judge(
    source: KeySource,
    assertion: string,
    asked: { readonly client: string; readonly audiences: readonly string[]; readonly now: Date },
    fetchKeySet: FetchKeySet,
  ): Promise<Taken>;
}

/** An assertion that may be taken, or why not. */
export type Taken =
  | { readonly kind: 'good'; readonly jti: string; readonly expiresAt: Date }
  | { readonly kind: 'bad'; readonly reason: string };

export function createClientKeys(clock: Clock): ClientKeys {
  const kept = new Map<string, { readonly keys: KeySet | null; readonly at: number }>();
  async function fetched(fetchKeySet: FetchKeySet, url: string, oldest: number): Promise<KeySet | null> {
    const known = kept.get(url);
    const now = clock.monotonic();
    if (known !== undefined && now - known.at < oldest) return known.keys;
    const keys = readKeySet(await fetchKeySet(url));
    kept.delete(url);
    if (kept.size >= KEPT_MOST) kept.clear();
    // What could not be had is remembered too, for a shorter time: nobody makes us ask without end.
    kept.set(url, { keys, at: keys === null ? now - KEPT_MS + AGAIN_MS : now });
    return keys;
  }
  return {
    async judge(source, assertion, asked, fetchKeySet) {
      const against = async (keys: KeySet | null): Promise<Judged | Taken> =>
        keys === null ? { kind: 'bad', reason: 'no-keys' } : judgeAssertion(assertion, { ...asked, keys });
      if ('jwks' in source) return named(await against(source.jwks));
      const first = await against(await fetched(fetchKeySet, source.url, KEPT_MS));
      // The client may have a new key since.
      const again = first.kind === 'unknown-key';
      return named(again ? await against(await fetched(fetchKeySet, source.url, AGAIN_MS)) : first);
    },
  };
}

function named(judged: Judged | Taken): Taken {
  return judged.kind === 'unknown-key' ? { kind: 'bad', reason: 'unknown-key' } : judged;
}
