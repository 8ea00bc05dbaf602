import { decodeCharset, decodeWords } from './encoded-word.ts';

/** A structured value such as Content-Type: lower-case value and lower-case parameter names. */
export interface Parameterised {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
}

// One parameter: name, =, quoted string or token. Bounded repetition only, so matching is linear.
const PARAMETER = /;\s*([^\s=;"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/g;

interface Piece {
  readonly text: string;
  readonly extended: boolean;
}

function percentBytes(text: string): Buffer {
  const raw = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(raw, 'latin1');
}

/** Joins the numbered pieces of one parameter (RFC 2231 §3, §4). */
function joinPieces(pieces: ReadonlyMap<number, Piece>): string {
  let charset = 'utf-8';
  const bytes: Buffer[] = [];
  for (let i = 0; pieces.has(i); i += 1) {
    const piece = pieces.get(i);
    if (piece === undefined) break;
    let text = piece.text;
    const head = i === 0 && piece.extended ? /^([^']*)'[^']*'/.exec(text) : null;
    if (head !== null) {
      charset = head[1] === '' ? 'utf-8' : (head[1] ?? 'utf-8');
      text = text.slice(head[0].length);
    }
    bytes.push(piece.extended ? percentBytes(text) : Buffer.from(text, 'utf8'));
  }
  return decodeCharset(Buffer.concat(bytes), charset);
}

/** Parses a value with parameters (RFC 2045 §5.1, RFC 2231); the first of equal names wins. Never throws. */
export function parseParameters(text: string): Parameterised {
  const semicolon = text.indexOf(';');
  const value = (semicolon === -1 ? text : text.slice(0, semicolon)).replace(/\([^)]*\)/g, '').trim();
  const plain = new Map<string, string>();
  const split = new Map<string, Map<number, Piece>>();
  if (semicolon !== -1) {
    for (const match of text.slice(semicolon).matchAll(PARAMETER)) {
      const name = (match[1] ?? '').toLowerCase();
      const raw = match[2] !== undefined ? match[2].replace(/\\(.)/g, '$1') : (match[3] ?? '').trim();
      const parts = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name);
      if (parts === null) {
        if (!plain.has(name)) plain.set(name, decodeWords(raw));
        continue;
      }
      const [, base = '', number, star] = parts;
      const pieces = split.get(base) ?? new Map<number, Piece>();
      split.set(base, pieces);
      const index = number === undefined ? 0 : Number(number);
      if (!pieces.has(index))
        pieces.set(index, { text: raw, extended: number === undefined || star === '*' });
    }
  }
  for (const [name, pieces] of split) if (pieces.has(0)) plain.set(name, joinPieces(pieces));
  return { value: value.toLowerCase(), parameters: plain };
}

const TOKEN = /^[A-Za-z0-9!#$&+.^_`|~-]+$/;
/** Octets of a value before it is split into numbered pieces (RFC 2231 §3). */
const PIECE = 60;

/**
 * A parameter as words to join with `; `: a token, a quoted string, or RFC 2231 pieces in UTF-8 for other text. The
 * caller has refused control characters.
 */
export function formatParameter(name: string, value: string): string[] {
  if (TOKEN.test(value) && value.length <= PIECE) return [`${name}=${value}`];
  if (/^[ -~]*$/.test(value) && value.length <= PIECE)
    return [`${name}="${value.replace(/["\\]/g, '\\$&')}"`];
  const octets: string[] = [];
  for (const octet of Buffer.from(value)) {
    const char = String.fromCharCode(octet);
    octets.push(TOKEN.test(char) ? char : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`);
  }
  const pieces: string[] = [];
  let piece = "utf-8''";
  for (const octet of octets) {
    if (piece.length + octet.length > PIECE) {
      pieces.push(piece);
      piece = '';
    }
    piece += octet;
  }
  pieces.push(piece);
  return pieces.length === 1
    ? [`${name}*=${piece}`]
    : pieces.map((text, index) => `${name}*${index}*=${text}`);
}
