import { isUtf8 } from 'node:buffer';
import { Refusal } from '#core/errors';

/** One header field as it stands in a block: octets `start` to `end` of the block, its CRLF included. */
export interface HeaderField {
  /** Name as written. */
  readonly name: string;
  /** Name in lower case. */
  readonly key: string;
  /** Unfolded and trimmed; UTF-8 where it is valid (RFC 6532), else one character an octet. Not decoded further. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const NAME = /^[!-9;-~]+$/;
/** Longest header line in octets without CRLF (RFC 5322 §2.1.1), and the length at which our own lines fold. */
export const MAX_HEADER_LINE = 998;
const FOLD_AT = 76;

/** True for a field name of RFC 5322 §3.6.8, at most 76 octets long. */
export function isFieldName(name: string): boolean {
  return name.length <= 76 && NAME.test(name);
}

/**
 * Splits a header block (lines with CRLF, without the blank line) into fields. `bad` counts lines that are no field
 * and continue none; their octets belong to no field. Line ends are taken to be CRLF already.
 */
export function parseHeader(block: Buffer): { readonly fields: HeaderField[]; readonly bad: number } {
  const text = block.toString('latin1');
  const fields: HeaderField[] = [];
  let bad = 0;
  let start = 0;
  while (start < text.length) {
    let lineEnd = text.indexOf('\r\n', start);
    if (lineEnd === -1) lineEnd = text.length;
    let end = lineEnd + 2;
    while (text.charCodeAt(end) === 0x20 || text.charCodeAt(end) === 0x09) {
      const next = text.indexOf('\r\n', end);
      end = next === -1 ? text.length : next + 2;
    }
    end = Math.min(end, text.length);
    const field = readField(text, block, start, end);
    if (field === null) bad += 1;
    else fields.push(field);
    start = end;
  }
  return { fields, bad };
}

function readField(text: string, block: Buffer, start: number, end: number): HeaderField | null {
  const colon = text.indexOf(':', start);
  if (colon === -1 || colon >= end) return null;
  // White space before the colon is obsolete syntax (RFC 5322 §4.5.8) and a way to hide a field: not a name here.
  const name = text.slice(start, colon);
  if (!isFieldName(name)) return null;
  let value = text.slice(colon + 1, end);
  if (/[\x80-\xff]/.test(value)) {
    const octets = block.subarray(colon + 1, end);
    if (isUtf8(octets)) value = octets.toString('utf8');
  }
  return { name, key: name.toLowerCase(), value: value.replace(/\r\n/g, '').trim(), start, end };
}

/** The first field of that (lower-case) name. */
export function findField(fields: readonly HeaderField[], key: string): HeaderField | undefined {
  return fields.find((field) => field.key === key);
}

// A value may hold neither line breaks nor other controls (RFC 5322 §2.2): that is how headers are injected.
const CONTROL = /[^\P{Cc}\t]|[\u2028\u2029]/u;

/**
 * Refuses text that cannot be part of a header field. Throws Refusal `invalid-header` that names the field only.
 */
export function requireHeaderText(field: string, text: string): string {
  if (CONTROL.test(text) || !text.isWellFormed()) throw new Refusal('invalid-header', { field });
  return text;
}

/**
 * A complete field line with CRLF, folded at white space to 76 octets where it has any (RFC 5322 §2.2.3). Throws
 * Refusal `invalid-header` for a bad name, a control character or a line that cannot be kept under 998 octets.
 */
export function formatField(name: string, value: string): string {
  if (!isFieldName(name)) throw new Refusal('invalid-header', { field: 'name' });
  requireHeaderText(name, value);
  const words = value.split(/[ \t]+/).filter((word) => word !== '');
  let line = `${name}:`;
  let out = '';
  for (const word of words) {
    const size = Buffer.byteLength(line) + 1 + Buffer.byteLength(word);
    // The first word stays beside the name: a first line of white space only is not allowed everywhere.
    if (size > FOLD_AT && line !== `${name}:`) {
      out += `${line}\r\n`;
      line = ` ${word}`;
    } else {
      line += ` ${word}`;
    }
    if (Buffer.byteLength(line) > MAX_HEADER_LINE) throw new Refusal('invalid-header', { field: name });
  }
  return `${out}${line}\r\n`;
}
