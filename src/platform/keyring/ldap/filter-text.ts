// Search filters as administrators write them (RFC 4515), as elements (RFC 4511 §4.5.1.7). Only what an organisation's own
// administrator set comes here as text; values from elsewhere are put in with `escapeFilterValue`.
import { der, octetString } from '../der/write.ts';

/** A filter that cannot be read. */
export class FilterBroken extends Error {
  override readonly name = 'FilterBroken';
}

const DEEPEST = 16;
const LONGEST = 4_000;
const ATTRIBUTE = /^[A-Za-z0-9.-]+(?:;[A-Za-z0-9-]+)*$/;
const RULE = /^([A-Za-z0-9.-]*)(:dn)?(?::([A-Za-z0-9.-]+))?$/i;

/** Reads a filter. Throws FilterBroken. */
export function readFilterText(text: string): Buffer {
  if (text.length > LONGEST) throw new FilterBroken('too long');
  const trimmed = text.trim();
  const { element, rest } = readOne(trimmed.startsWith('(') ? trimmed : `(${trimmed})`, 0);
  if (rest.trim() !== '') throw new FilterBroken('more than one');
  return element;
}

/** Makes a value safe to stand in a filter (RFC 4515 §3). */
export function escapeFilterValue(value: string): string {
  return [...Buffer.from(value, 'utf8')]
    .map((octet) => {
      const plain = octet >= 0x20 && octet < 0x7f && !'()*\\'.includes(String.fromCharCode(octet));
      return plain ? String.fromCharCode(octet) : `\\${octet.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

interface Read {
  readonly element: Buffer;
  readonly rest: string;
}

function readOne(given: string, depth: number): Read {
  const text = given.trimStart();
  if (!text.startsWith('(') || depth > DEEPEST) throw new FilterBroken('not a filter');
  const inside = text.slice(1).trimStart();
  const mark = inside[0] ?? '';
  if (mark === '&' || mark === '|') return readList(mark === '&' ? 0xa0 : 0xa1, inside.slice(1), depth);
  if (mark === '!') {
    const { element, rest } = readOne(inside.slice(1), depth + 1);
    return { element: der(0xa2, element), rest: closed(rest) };
  }
  const end = inside.indexOf(')');
  if (end < 0) throw new FilterBroken('not closed');
  return { element: readItem(inside.slice(0, end)), rest: inside.slice(end + 1) };
}

function readList(tag: number, given: string, depth: number): Read {
  const parts: Buffer[] = [];
  let rest = given.trimStart();
  while (rest.startsWith('(')) {
    const one = readOne(rest, depth + 1);
    parts.push(one.element);
    rest = one.rest.trimStart();
  }
  if (parts.length === 0) throw new FilterBroken('an empty list');
  return { element: der(tag, ...parts), rest: closed(rest) };
}

function closed(text: string): string {
  const rest = text.trimStart();
  if (!rest.startsWith(')')) throw new FilterBroken('not closed');
  return rest.slice(1);
}

function readItem(item: string): Buffer {
  const found = /^([^=~<>]*?)(:=|~=|>=|<=|=)(.*)$/s.exec(item);
  const [, left = '', operator = '', right = ''] = found ?? [];
  if (operator === ':=') return extensible(left, right);
  if (!ATTRIBUTE.test(left)) throw new FilterBroken('no attribute');
  const name = octetString(Buffer.from(left, 'latin1'));
  if (operator === '=' && right === '*') return der(0x87, Buffer.from(left, 'latin1'));
  if (operator === '=' && right.includes('*')) return substrings(name, right.split('*'));
  const tags: Readonly<Record<string, number>> = { '=': 0xa3, '>=': 0xa5, '<=': 0xa6, '~=': 0xa8 };
  const tag = tags[operator];
  if (tag === undefined || (operator !== '=' && right.includes('*'))) throw new FilterBroken('no comparison');
  return der(tag, name, octetString(octetsOf(right)));
}

function substrings(name: Buffer, parts: readonly string[]): Buffer {
  const last = parts.length - 1;
  const pieces = parts.flatMap((part, at) => {
    if (part === '') {
      if (at !== 0 && at !== last) throw new FilterBroken('two stars');
      return [];
    }
    return [der(at === 0 ? 0x80 : at === last ? 0x82 : 0x81, octetsOf(part))];
  });
  return der(0xa4, name, der(0x30, ...pieces));
}

/** `memberOf:1.2.840.113556.1.4.1941:=…`: a matching rule named by its number. */
function extensible(left: string, right: string): Buffer {
  const [, type = '', wholeName, rule] = RULE.exec(left) ?? [];
  if (type === '' && rule === undefined) throw new FilterBroken('no attribute');
  return der(
    0xa9,
    ...(rule === undefined ? [] : [der(0x81, Buffer.from(rule, 'latin1'))]),
    ...(type === '' ? [] : [der(0x82, Buffer.from(type, 'latin1'))]),
    der(0x83, octetsOf(right)),
    ...(wholeName === undefined ? [] : [der(0x84, Buffer.from([0xff]))]),
  );
}

function octetsOf(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const [piece] of text.matchAll(/\\[0-9a-f]{2}|\\|[^\\]+/gi)) {
    if (piece === '\\') throw new FilterBroken('a broken escape');
    parts.push(piece.startsWith('\\') ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece, 'utf8'));
  }
  return Buffer.concat(parts);
}
