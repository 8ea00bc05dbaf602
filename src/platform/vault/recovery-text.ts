import { createHash, randomBytes } from 'node:crypto';

/** Crockford's alphabet: no I, L, O, U, so that what is read off paper can be typed. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LETTERS = 26;
const CHECK_LETTERS = 2;
const LINE_LETTERS = 24;
const BEGIN = /-----BEGIN SEALPOST RECOVERY KIT, (\d{1,2}) LINES-----/;
const END = '-----END SEALPOST RECOVERY KIT-----';

/** 26 random letters (130 bit) and two check letters, in groups of four. */
export function makeCode(): string {
  // 32 divides 256: each letter is equally likely.
  const letters = [...randomBytes(CODE_LETTERS)].map((octet) => ALPHABET[octet & 31]).join('');
  return grouped(letters + checkLetters(`code:${letters}`), '-');
}

/** The 26 letters of a code as typed, or undefined when it is mistyped. */
export function readCode(typed: string): string | undefined {
  const letters = normalise(typed);
  if (letters.length !== CODE_LETTERS + CHECK_LETTERS) return undefined;
  const body = letters.slice(0, CODE_LETTERS);
  return letters.slice(CODE_LETTERS) === checkLetters(`code:${body}`) ? body : undefined;
}

/** Octets as numbered lines, each with two check letters of its own, between a begin and an end line. */
export function formatLines(octets: Buffer): string {
  const letters = toLetters(octets);
  const lines: string[] = [];
  for (let at = 0; at < letters.length; at += LINE_LETTERS) {
    const number = String(lines.length + 1).padStart(2, '0');
    const body = letters.slice(at, at + LINE_LETTERS);
    lines.push(`${number}  ${grouped(body, ' ')}  ${checkLetters(`line ${number}:${body}`)}`);
  }
  return [`-----BEGIN SEALPOST RECOVERY KIT, ${lines.length} LINES-----`, ...lines, END].join('\n');
}

export type ReadLines =
  | { readonly kind: 'read'; readonly octets: Buffer }
  | { readonly kind: 'no-kit' }
  /** Counted from 1; the first one that is wrong or absent. */
  | { readonly kind: 'line-mistyped'; readonly line: number };

/** Reads the lines back; forgiving as to case, spaces, and O, I, L for 0 and 1. */
export function readLines(text: string): ReadLines {
  const begin = BEGIN.exec(text);
  const start = begin === null ? 0 : begin.index + begin[0].length;
  const end = text.indexOf(END, start);
  if (begin === null || end < 0) return { kind: 'no-kit' };
  const lines = text
    .slice(start, end)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const wanted = Number(begin[1]);
  let letters = '';
  for (const [index, line] of lines.entries()) {
    const number = String(index + 1).padStart(2, '0');
    const match = /^\s*(\d\d)\s+(.+)$/.exec(line);
    const content = normalise(match?.[2] ?? '');
    const body = content.slice(0, -CHECK_LETTERS);
    const check = content.slice(-CHECK_LETTERS);
    if (match?.[1] !== number || body === '' || check !== checkLetters(`line ${number}:${body}`)) {
      return { kind: 'line-mistyped', line: index + 1 };
    }
    letters += body;
  }
  if (lines.length !== wanted) return { kind: 'line-mistyped', line: Math.min(lines.length + 1, wanted) };
  return { kind: 'read', octets: fromLetters(letters) };
}

function normalise(text: string): string {
  return text
    .toUpperCase()
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
    .replaceAll(/[^0-9A-Z]/g, '');
}

function grouped(letters: string, separator: string): string {
  return letters.match(/.{1,4}/g)?.join(separator) ?? '';
}

function checkLetters(text: string): string {
  const digest = createHash('sha256').update(`sealpost/recovery-check/1:${text}`).digest();
  return toLetters(digest.subarray(0, 2)).slice(0, CHECK_LETTERS);
}

/** Base32 in Crockford's alphabet, most significant bit first, the last letter filled up with zeros. */
function toLetters(octets: Buffer): string {
  let letters = '';
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      letters += ALPHABET[(value >>> bits) & 31];
      value &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? letters + ALPHABET[(value << (5 - bits)) & 31] : letters;
}

/** The whole octets of the letters; a letter outside of the alphabet counts as 0 (the check letters have ruled it out). */
function fromLetters(letters: string): Buffer {
  const octets: number[] = [];
  let bits = 0;
  let value = 0;
  for (const letter of letters) {
    value = (value << 5) | Math.max(0, ALPHABET.indexOf(letter));
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      octets.push((value >>> bits) & 0xff);
      value &= (1 << bits) - 1;
    }
  }
  return Buffer.from(octets);
}
