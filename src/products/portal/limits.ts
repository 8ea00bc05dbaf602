import { INSTALLATION } from '#core/ids';
import type { Transaction } from '#platform/database';
import type { Vault } from '#platform/vault';
import { countUse, readUse, setUse } from './limit.store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long a code is good, and how often it may be tried. */
export const CODE_MINUTES = 10;
export const CODE_TRIES = 5;
/** The browser keeps what stands between asking and giving a little longer than the code is good. */
export const CODE_COOKIE_SECONDS = CODE_MINUTES * 60 + 300;

/** Codes that one link, or one address in the form, may ask for in an hour. */
export const CODES_PER_ENTRY = 5;
/** Codes that are mailed to one person in an hour, over all ways of asking; beyond it none is sent, and nothing says so. */
export const CODES_PER_PERSON = 10;
/** Codes that one network (/24 or /48) may ask for in an hour: a clinic's guest network is one. */
export const CODES_PER_NETWORK = 60;

/** Codes that are texted to one person in an hour: texts cost money, and a telephone rings at night. */
export const TEXTS_PER_PERSON = 5;

/** Pause after the first, second, … code that was tried in vain to its end, within a day. */
const DELAYS = [1 * MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 240 * MINUTE] as const;

export type LimitName =
  | 'codes-entry'
  | 'codes-person'
  | 'codes-network'
  | 'texts-person'
  | 'answers'
  | 'tries'
  | 'strikes'
  | 'blocked'
  | 'form-used'
  | 'delegation'
  | 'replies'
  | 'searches';

/** The key of a limit: keyed hash, so that the table tells nobody whom it is about. */
export function limitKey(vault: Vault, name: LimitName, subject: string): Promise<Buffer> {
  return vault.mac(INSTALLATION, 'portal-limit', `${name}\n${subject}`);
}

interface Limit {
  readonly name: LimitName;
  readonly subject: string;
  /** Length of the window; an hour unless said otherwise. */
  readonly milliseconds?: number;
}

/** Counts one use and returns how many there are in the window. */
export async function countAgainst(tx: Transaction, vault: Vault, limit: Limit, now: Date): Promise<number> {
  const key = await limitKey(vault, limit.name, limit.subject);
  return countUse(tx, key, now, new Date(now.getTime() + (limit.milliseconds ?? HOUR)));
}

/** Counts one use; true while it stays within `most`. */
export async function withinLimit(
  tx: Transaction,
  vault: Vault,
  limit: Limit & { readonly most: number },
  now: Date,
): Promise<boolean> {
  return (await countAgainst(tx, vault, limit, now)) <= limit.most;
}

/** Until when an entry is paused; null when it is not. */
export async function pausedUntil(
  tx: Transaction,
  vault: Vault,
  subject: string,
  now: Date,
): Promise<Date | null> {
  const running = await readUse(tx, await limitKey(vault, 'blocked', subject), now);
  return running?.endsAt ?? null;
}

/** After a code was tried in vain to its end: pauses the entry, longer each time within a day. */
export async function pauseEntry(tx: Transaction, vault: Vault, subject: string, now: Date): Promise<Date> {
  const day = new Date(now.getTime() + 24 * HOUR);
  const strikes = await countUse(tx, await limitKey(vault, 'strikes', subject), now, day);
  const delay = DELAYS[Math.min(strikes, DELAYS.length) - 1] ?? DELAYS[DELAYS.length - 1] ?? HOUR;
  const until = new Date(now.getTime() + delay);
  await setUse(tx, await limitKey(vault, 'blocked', subject), 1, until);
  return until;
}
