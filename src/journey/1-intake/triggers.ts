import { classRank, HIGHEST_UNSEALED, type SensitivityClass } from '#core/method';
import type { Policy } from '#core/policy';

/** What trigger words of a subject asked for, and the subject without them (SL-10). */
export interface Spoken {
  readonly subject: string;
  /** How many were taken out. */
  readonly stripped: number;
  readonly raise: boolean;
  readonly lower: boolean;
}

/** The class of a message after its trigger words, and what they did: for the audit entry. */
export interface Triggered {
  readonly class: SensitivityClass;
  readonly effect: 'none' | 'raised' | 'lowered' | 'lowering-refused' | 'lowering-not-permitted';
}

const WORDY = /[\p{L}\p{N}]/u;

/**
 * Finds trigger words in a decoded subject, in any case, anywhere; a word that begins or ends with a letter or digit must
 * stand alone there. All are taken out, heeded or not: they are for us, and a recipient shall not read how a message was
 * treated.
 */
export function hearTriggers(subject: string, { raise, lower }: Policy['triggers']): Spoken {
  const raised = take(subject, raise);
  const lowered = take(raised.left, lower);
  const stripped = raised.count + lowered.count;
  const left = stripped === 0 ? subject : lowered.left.replace(/\s+/gu, ' ').trim();
  return { subject: left, stripped, raise: raised.count > 0, lower: lowered.count > 0 };
}

function take(text: string, words: readonly string[]): { readonly left: string; readonly count: number } {
  let count = 0;
  let left = text;
  for (const word of words) {
    left = left.replace(patternOf(word), () => {
      count += 1;
      return ' ';
    });
  }
  return { left, count };
}

function patternOf(word: string): RegExp {
  const literal = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const before = WORDY.test(word.charAt(0)) ? '(?<![\\p{L}\\p{N}])' : '';
  const after = WORDY.test(word.charAt(word.length - 1)) ? '(?![\\p{L}\\p{N}])' : '';
  return new RegExp(`${before}${literal}${after}`, 'giu');
}

/**
 * Raising is always heeded and goes before lowering. Lowering is heeded only where the policy allows it, goes down to
 * what verified TLS may carry and no further, never touches the high class, and is refused where a class so low would be
 * open to waivers: it is for TLS, never for clear. It is each sender's own right (`messages:lower`), not everybody's.
 */
export function classAfter(
  given: SensitivityClass,
  spoken: Pick<Spoken, 'raise' | 'lower'>,
  policy: Pick<Policy, 'triggers' | 'tlsHighestClass' | 'waivers'>,
  mayLower: boolean,
): Triggered {
  if (spoken.raise) return { class: 'high', effect: given === 'high' ? 'none' : 'raised' };
  const floor = policy.tlsHighestClass;
  if (!spoken.lower || classRank(given) <= classRank(floor)) return { class: given, effect: 'none' };
  const opensWaivers = policy.waivers.enabled && classRank(floor) <= classRank(policy.waivers.highestClass);
  const refused = !policy.triggers.lowering || opensWaivers || classRank(given) > classRank(HIGHEST_UNSEALED);
  if (refused) return { class: given, effect: 'lowering-refused' };
  return mayLower ? { class: floor, effect: 'lowered' } : { class: given, effect: 'lowering-not-permitted' };
}
