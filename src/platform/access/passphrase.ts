import { COMMON_PARTS, COMMON_PHRASES } from './common-passphrases.ts';

/** Least and most characters (code points). 15 stands even though a second factor is always asked (SP 800-63B-4 §3.1.1.2 would allow 8). */
export const PASSPHRASE_MIN = 15;
export const PASSPHRASE_MAX = 256;

export type PassphraseVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'too-short' | 'too-long' | 'repetitive' | 'common' | 'context' };

/** Characters that must be left when guessable parts are taken away. */
const OWN_CHARACTERS = 8;

/** NFC, so that the same typing on another device gives the same octets (SP 800-63B-4 §3.1.1.2). */
export function normalisePassphrase(text: string): string {
  return text.normalize('NFC');
}

/**
 * Judges a new passphrase: length, no composition rules, screened against common parts and `context` (organisation,
 * names, address, service). Never says which part matched. `minimum` is the organisation's own, 8 or more.
 */
export function judgePassphrase(
  text: string,
  context: readonly string[],
  minimum = PASSPHRASE_MIN,
): PassphraseVerdict {
  const passphrase = normalisePassphrase(text);
  const length = [...passphrase].length;
  if (length < minimum) return { ok: false, reason: 'too-short' };
  if (length > PASSPHRASE_MAX) return { ok: false, reason: 'too-long' };
  const folded = passphrase.toLowerCase();
  if (isRepetitive(folded)) return { ok: false, reason: 'repetitive' };
  const plain = folded.replace(/[^\p{L}\p{N}\p{So}]/gu, '');
  if (COMMON_PHRASES.has(plain) || left(plain, COMMON_PARTS) < OWN_CHARACTERS)
    return { ok: false, reason: 'common' };
  const words = contextWords(context);
  if (left(plain, [...words, ...COMMON_PARTS]) < OWN_CHARACTERS) return { ok: false, reason: 'context' };
  return { ok: true };
}

/** How many characters remain without the parts and without runs such as 12345 or aaaa. */
function left(text: string, parts: readonly string[]): number {
  let rest = text;
  for (const part of [...parts].sort((a, b) => b.length - a.length)) rest = rest.replaceAll(part, ' ');
  return [...withoutRuns(rest).replaceAll(' ', '')].length;
}

/** Takes out runs of at least four characters that rise, fall or stay by one code point. */
function withoutRuns(text: string): string {
  const characters = [...text];
  let out = '';
  let start = 0;
  while (start < characters.length) {
    let end = start + 1;
    const step = codeAt(characters, end) - codeAt(characters, start);
    if (Math.abs(step) <= 1) {
      while (end < characters.length && codeAt(characters, end) - codeAt(characters, end - 1) === step)
        end += 1;
    }
    if (end - start >= 4) out += ' ';
    else {
      out += characters[start] ?? '';
      end = start + 1;
    }
    start = end;
  }
  return out;
}

function codeAt(characters: readonly string[], index: number): number {
  return characters[index]?.codePointAt(0) ?? Number.NaN;
}

/** True when it is one short piece again and again, or has hardly any different characters. */
function isRepetitive(text: string): boolean {
  if (new Set(text).size < 5) return true;
  for (let period = 1; period <= Math.min(8, text.length / 2); period += 1) {
    const piece = text.slice(0, period);
    if (piece.repeat(Math.ceil(text.length / period)).slice(0, text.length) === text) return true;
  }
  return false;
}

function contextWords(context: readonly string[]): string[] {
  return context
    .flatMap((text) =>
      text
        .toLowerCase()
        .normalize('NFC')
        .split(/[^\p{L}\p{N}]+/u),
    )
    .filter((word) => word.length >= 3);
}
