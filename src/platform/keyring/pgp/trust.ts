import type { KeySource, KeyState } from './recipient-key.store.ts';

/**
 * How far a source is believed by itself: `first-use`, a key from it carries mail before anybody has looked at it; `vouched`,
 * it is kept, shown, and used once somebody of the organisation has vouched for it.
 */
export type SourceTrust = 'first-use' | 'vouched';

/** An organisation's choice for each source. What a person adds in the console is vouched for by that. */
export type TrustSettings = Readonly<Record<Exclude<KeySource, 'console'>, SourceTrust>>;

/** Autocrypt waits, because a header is the word of whoever can send in the name of that address. */
export const DEFAULT_TRUST: TrustSettings = {
  wkd: 'first-use',
  hkps: 'first-use',
  portal: 'first-use',
  autocrypt: 'vouched',
};

/** Whether a key may carry mail, as far as trust goes: somebody vouched for it, or its source is believed by itself. */
export function isAccepted(
  key: { readonly source: KeySource; readonly vouched_by: unknown },
  trust: TrustSettings,
): boolean {
  return key.vouched_by !== null || key.source === 'console' || trust[key.source] === 'first-use';
}

/** What is known of one address' keys, as far as trust goes. */
export interface KnownKey {
  readonly fingerprint: string;
  readonly state: KeyState;
}

/**
 * What becomes of a key that comes in.
 * - `pin`: the first key ever seen of the address: trusted from now on.
 * - `renew`: a copy of the trusted key, perhaps with a new expiry, subkey or revocation of its own.
 * - `trust`: a person vouches for it; the trusted one, if any, gives way.
 * - `hold`: another key than the trusted one: waits for a person.
 * - `waiting`: it waits already.
 * - `refused`: a person has turned it down before.
 */
export type KeyOffer = 'pin' | 'renew' | 'trust' | 'hold' | 'waiting' | 'refused';

/**
 * Whom to believe. A person of the organisation decides; anything that a program found (Web Key Directory, key server,
 * Autocrypt, the portal) is taken on first use only, because whoever controls the recipient's web server or mailbox
 * could put a key of their own there. A change never happens silently, and an address with a history (a key once
 * turned down or withdrawn) has no first use any more.
 */
export function judgeOffer(known: readonly KnownKey[], fingerprint: string, source: KeySource): KeyOffer {
  const same = known.find((one) => one.fingerprint === fingerprint);
  if (same?.state === 'trusted') return source === 'console' ? 'trust' : 'renew';
  if (source === 'console') return 'trust';
  if (same?.state === 'pending') return 'waiting';
  if (same?.state === 'rejected' || same?.state === 'revoked') return 'refused';
  return known.length === 0 ? 'pin' : 'hold';
}
