import { randomInt } from 'node:crypto';
import { judgePassphrase } from '#platform/access';

export type PasswordProblem =
  | 'too-short'
  | 'too-long'
  | 'repetitive'
  | 'common'
  | 'context'
  | 'other-characters';

/** Letters and digits that are not taken for one another when read out on the telephone. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';
const MOST = 127;

/**
 * A PDF can be tried against offline, as often as somebody likes: so the rule for passphrases of staff holds (15
 * characters at least, nothing common, nothing that names the recipient). ASCII only, because readers differ in how they
 * prepare other characters (SASLprep), and the format counts 127 octets.
 */
export function judgePdfPassword(text: string, address: string): PasswordProblem | null {
  if (!/^[ -~]*$/.test(text) || text !== text.trim()) return 'other-characters';
  if (text.length > MOST) return 'too-long';
  const verdict = judgePassphrase(text, [address]);
  return verdict.ok ? null : verdict.reason;
}

/** Small letters that are not taken for one another: none of i, l, o. */
const SMALL = 'abcdefghjkmnpqrstuvwxyz';

/**
 * A password for one copy, which is read off one screen and typed into another: fifteen small letters in groups of five, so
 * that a telephone's keyboard is not changed over. 67.8 bits. Guessing is dear by the format too: revision 6 hashes each try
 * in 64 rounds and more (ISO 32000-2 §7.6.4.3.4). At a hundred thousand tries a second on each of ten thousand machines half
 * of the room takes about four thousand years.
 */
export function newFreshPassword(): string {
  const letters = Array.from({ length: 15 }, () => SMALL[randomInt(SMALL.length)] ?? '');
  return letters.join('').replace(/(.{5})(?=.)/g, '$1-');
}

/** Twenty random letters in groups of five: 99 bits. */
export function newPdfPassword(): string {
  const letters = Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)] ?? '');
  return letters.join('').replace(/(.{5})(?=.)/g, '$1-');
}
