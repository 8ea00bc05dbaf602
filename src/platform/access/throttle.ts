import { Refusal } from '#core/errors';
import { INSTALLATION } from '#core/ids';
import type { Database, Transaction } from '#platform/database';
import type { Clock } from '#platform/runtime';
import type { Vault } from '#platform/vault';
import { networkKey } from './network-key.ts';
import { countTry, forgetTries, refundTry } from './throttle.store.ts';

/**
 * What is guarded: an account (by the index of its address), the second factors of a person, codes mailed to one, a network, the
 * pages of a network that are opened for a sign-in, the set-up token.
 */
export type Guarded =
  | { readonly kind: 'account'; readonly index: Buffer }
  | { readonly kind: 'factor'; readonly identity: string }
  | { readonly kind: 'code'; readonly identity: string }
  | { readonly kind: 'opening'; readonly address: string | null }
  | { readonly kind: 'network'; readonly address: string | null }
  | { readonly kind: 'setup' };

/** Free tries, then delays that double from one second to a quarter of an hour; forgotten a day after the last try. */
const RULES = {
  account: { threshold: 5, capSeconds: 900, windowSeconds: 86_400 },
  factor: { threshold: 5, capSeconds: 900, windowSeconds: 86_400 },
  code: { threshold: 4, capSeconds: 900, windowSeconds: 3_600 },
  // A hospital stands behind one address: many people open the first page within a minute.
  opening: { threshold: 600, capSeconds: 60, windowSeconds: 600 },
  network: { threshold: 50, capSeconds: 300, windowSeconds: 3_600 },
  setup: { threshold: 10, capSeconds: 300, windowSeconds: 3_600 },
} as const;

export interface Throttle {
  /** Counts a try at each; throws Refusal `too-many-requests` with `retryAfter` when one of them is blocked. */
  take(guarded: readonly Guarded[]): Promise<void>;
  /** Forgets the tries (of a network: only this one), in the transaction that records the success. */
  forget(tx: Transaction, guarded: readonly Guarded[]): Promise<void>;
}

export interface ThrottlePorts {
  readonly database: Database;
  readonly vault: Pick<Vault, 'mac'>;
  readonly clock: Clock;
}

/** Slows guessing over all processes: the counters are in the database, under keyed hashes. */
export function createThrottle({ database, vault, clock }: ThrottlePorts): Throttle {
  const keyOf = (guarded: Guarded): Promise<Buffer> =>
    vault.mac(INSTALLATION, 'throttle/1', subjectOf(guarded));
  return {
    async take(guarded) {
      const keyed = await Promise.all(
        guarded.map(async (item) => ({ rule: RULES[item.kind], key: await keyOf(item) })),
      );
      // One order for all, so that two sign-ins never wait for each other's rows.
      keyed.sort((a, b) => Buffer.compare(a.key, b.key));
      const now = clock.now();
      const waits = await database.system('app', async (tx) => {
        const seconds: number[] = [];
        for (const { key, rule } of keyed) {
          const blockedUntil = await countTry(tx, key, now, rule);
          seconds.push(blockedUntil === null ? 0 : (blockedUntil.getTime() - now.getTime()) / 1000);
        }
        return seconds;
      });
      const wait = Math.max(0, ...waits);
      if (wait > 0) throw new Refusal('too-many-requests', { retryAfter: Math.ceil(wait) });
    },
    async forget(tx, guarded) {
      for (const item of guarded) {
        const key = await keyOf(item);
        await (item.kind === 'network' ? refundTry(tx, key) : forgetTries(tx, key));
      }
    },
  };
}

function subjectOf(guarded: Guarded): string {
  switch (guarded.kind) {
    case 'account':
      return `account ${guarded.index.toString('hex')}`;
    case 'factor':
      return `factor ${guarded.identity}`;
    case 'code':
      return `code ${guarded.identity}`;
    case 'opening':
      return `opening ${networkKey(guarded.address)}`;
    case 'network':
      return `network ${networkKey(guarded.address)}`;
    case 'setup':
      return 'setup';
  }
}
