import type { SensitivityClass } from '#core/method';
import type { PortalSignInRule } from '#core/portal';

/**
 * What a session was proved with. A passkey that was added when only one thing had been proved stands for no more than
 * that thing (`passkey-after-…`): else whoever reads the mailbox today would add one and open the high class with it.
 */
export type Factor =
  | 'mailed-code'
  | 'texted-code'
  | 'passkey'
  | 'passkey-after-mail'
  | 'passkey-after-text'
  | 'device'
  | 'question'
  /** The organisation's own patient portal vouched for who it is; `-strong`: by two factors, as the organisation has it. */
  | 'organisation-portal'
  | 'organisation-portal-strong'
  /**
   * No proof of its own, but of what it is worth elsewhere: the mailbox of the address itself, and no other, was proved, now or
   * when the passkey or device that is used now was kept.
   */
  | 'own-mailbox';

export const FACTORS: readonly Factor[] = [
  'organisation-portal',
  'organisation-portal-strong',
  'mailed-code',
  'texted-code',
  'passkey',
  'passkey-after-mail',
  'passkey-after-text',
  'device',
  'question',
  'own-mailbox',
];

/** Kinds that two factors must differ in. */
type Kind = 'mailbox' | 'telephone' | 'key' | 'key-holder' | 'knowledge' | 'account' | 'account-holder';

/**
 * A passkey with user verification is a multi-factor authenticator by itself: the key, and the PIN or body that unlocks
 * it (NIST SP 800-63B-4 §2.2.1 and §3.1.7). A remembered device proves a cookie, which is no factor of any kind.
 */
const KINDS: Readonly<Record<Factor, readonly Kind[]>> = {
  'mailed-code': ['mailbox'],
  'texted-code': ['telephone'],
  passkey: ['key', 'key-holder'],
  'passkey-after-mail': ['mailbox'],
  'passkey-after-text': ['telephone'],
  device: [],
  question: ['knowledge'],
  'own-mailbox': [],
  // Most patient portals let back in whoever reads the mailbox, so without a word on factors it is no more than that.
  'organisation-portal': ['mailbox'],
  'organisation-portal-strong': ['account', 'account-holder'],
};

/** Whether an organisation's own provider stands behind a proof. It may say what it likes, and so binds to that organisation. */
export function isDelegated(factor: Factor): boolean {
  return factor === 'organisation-portal' || factor === 'organisation-portal-strong';
}

/** Whether the organisation lets this one open a session. The question never does. */
function opens(factor: Factor, rule: PortalSignInRule): boolean {
  if (isDelegated(factor)) return rule.delegated !== undefined;
  if (rule.delegated === 'only') return false;
  switch (factor) {
    case 'question':
    case 'own-mailbox':
      return false;
    case 'passkey-after-mail':
    case 'passkey-after-text':
      return rule.first.includes('passkey');
    default:
      return rule.first.some((first) => first === factor);
  }
}

function kindsOf(proved: readonly Factor[], rule: PortalSignInRule): ReadonlySet<Kind> {
  const counted = proved.filter((factor) => factor !== 'question' || rule.question !== 'never');
  return new Set(counted.flatMap((factor) => KINDS[factor]));
}

/** Whether what was proved opens a message of this class under the organisation's rule. */
export function mayOpen(proved: readonly Factor[], level: SensitivityClass, rule: PortalSignInRule): boolean {
  if (!proved.some((factor) => opens(factor, rule))) return false;
  if (rule.question === 'always' && !proved.includes('question')) return false;
  return level !== 'high' || kindsOf(proved, rule).size >= 2;
}

/**
 * What the person can prove next to come nearer to opening a message of this class, easiest first; empty where it may be
 * opened already, and where nothing they have on record will ever be enough (`mayOpen` tells which). The question comes
 * last always: it is asked only when its answer is all that is missing.
 */
export function nextFactors(
  proved: readonly Factor[],
  level: SensitivityClass,
  rule: PortalSignInRule,
  onRecord: readonly Factor[],
): readonly Factor[] {
  if (mayOpen(proved, level, rule)) return [];
  const open = FACTORS.filter((factor) => onRecord.includes(factor) && !proved.includes(factor));
  const enough = subsets(open).filter((more) => mayOpen([...proved, ...more], level, rule));
  const least = enough.filter(
    (more) => !enough.some((other) => other.length < more.length && other.every((one) => more.includes(one))),
  );
  return open.filter((factor) =>
    least.some((more) => more.includes(factor) && (factor !== 'question' || more.length === 1)),
  );
}

function subsets(factors: readonly Factor[]): readonly (readonly Factor[])[] {
  return factors.reduce<readonly (readonly Factor[])[]>(
    (known, factor) => known.concat(known.map((one) => one.concat(factor))),
    [[]],
  );
}

/**
 * What a passkey stands for that is added in a session with these proofs: for both its factors where two kinds were
 * proved (a new authenticator is bound at the level it will be used at: NIST SP 800-63B-4 §4.1.2.1), else for the one
 * thing that was. Null where nothing was: a remembered device adds none. None is added where an organisation's provider
 * vouched either: the passkey would carry its word to other organisations, and past its end.
 */
export function passkeyAddedAfter(
  proved: readonly Factor[],
): 'passkey' | 'passkey-after-mail' | 'passkey-after-text' | null {
  if (proved.some(isDelegated)) return null;
  const kinds = new Set(proved.flatMap((factor) => KINDS[factor]));
  if (kinds.size >= 2) return 'passkey';
  if (kinds.has('mailbox')) return 'passkey-after-mail';
  return kinds.has('telephone') ? 'passkey-after-text' : null;
}

/**
 * What of a session holds at another organisation that wrote to the same address: that the mailbox was proved, by a code now, or
 * when a passkey or device was kept, which then counts like a remembered device. Empty where only what one organisation
 * has put on record was proved (telephone, question, a further address), or its own portal vouched: it could put anything on
 * record, and so nothing of others is shown at all.
 */
export function carriedOver(proved: readonly Factor[]): readonly Factor[] {
  if (!proved.includes('own-mailbox') || proved.some(isDelegated)) return [];
  return [proved.includes('mailed-code') ? 'mailed-code' : 'device', 'own-mailbox'];
}

/** As a session row keeps them; what is unknown to this release is left out. A row of before counts as a remembered device. */
export function factorsOf(kept: readonly string[] | null): readonly Factor[] {
  if (kept === null) return ['device'];
  return FACTORS.filter((factor) => kept.includes(factor));
}
