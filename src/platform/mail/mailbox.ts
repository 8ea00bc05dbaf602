import type { Address, NamedAddress } from '#core/address';
import { addressText } from '#core/address';
import { parseAddress } from './address.ts';
import { decodeWords, encodeWords, isPlainHeaderText } from './encoded-word.ts';
import { requireHeaderText } from './header-field.ts';

export interface MailboxList {
  readonly mailboxes: readonly NamedAddress[];
  /** Members that are no address. */
  readonly broken: number;
}

/** One member of a list while it is read. */
interface Member {
  text: string;
  comment: string;
  angle: string | null;
  /** Stood in a group, or after a colon that made one of what came before. */
  grouped: boolean;
}

const emptyMember = (): Member => ({
  text: '',
  comment: '',
  angle: null,
  grouped: false,
});

/** Reads a quoted string, comment or angle part that begins at `at`; returns the index after it. */
function skipQuoted(source: string, at: number): number {
  let i = at + 1;
  while (i < source.length && source[i] !== '"') i += source[i] === '\\' ? 2 : 1;
  return Math.min(i + 1, source.length);
}

function skipComment(source: string, at: number): number {
  let depth = 0;
  let i = at;
  while (i < source.length) {
    const char = source[i];
    if (char === '\\') i += 1;
    else if (char === '(') depth += 1;
    else if (char === ')') {
      depth -= 1;
      if (depth === 0) return i + 1;
    }
    i += 1;
  }
  return source.length;
}

function skipAngle(source: string, at: number): number {
  let i = at + 1;
  while (i < source.length && source[i] !== '>') {
    if (source[i] === '"') i = skipQuoted(source, i);
    else if (source[i] === '(') i = skipComment(source, i);
    else i += 1;
  }
  return Math.min(i + 1, source.length);
}

/** Splits an address list at its commas, with comments, quoted strings, groups and angle parts respected. */
function members(source: string): Member[] {
  const found: Member[] = [];
  let member = emptyMember();
  const finish = (): void => {
    if (member.text.trim() !== '' || member.angle !== null) found.push(member);
    member = emptyMember();
  };
  for (let i = 0; i < source.length; ) {
    const char = source[i] ?? '';
    if (char === '"') {
      const end = skipQuoted(source, i);
      member.text += source.slice(i, end);
      i = end;
    } else if (char === '(') {
      const end = skipComment(source, i);
      member.comment += source.slice(i + 1, end - 1);
      member.text += ' ';
      i = end;
    } else if (char === '<') {
      const end = skipAngle(source, i);
      // A second angle part in one member is how a forged sender hides behind an allowed one.
      member.angle = member.angle === null ? source.slice(i + 1, end - 1) : '';
      i = end;
    } else {
      if (char === ',' || char === ';') finish();
      else if (char === ':' && member.angle === null)
        member = { ...emptyMember(), grouped: true }; // after the name of a group (RFC 5322 §3.4)
      else member.text += char;
      i += 1;
    }
  }
  finish();
  return found;
}

/** White space is allowed around the dots and the at sign of an addr-spec in a header (RFC 5322 §4.4). */
function specOf(text: string): Address | null {
  const bare = text.trim().replace(/^@[^:"]*:/, ''); // obsolete source route
  return parseAddress(bare.includes('"') ? bare : bare.replace(/[ \t]*([.@])[ \t]*/g, '$1'));
}

function displayName(text: string): string | null {
  const plain = text
    .trim()
    .replace(/"((?:[^"\\]|\\.)*)"/g, (_, inner: string) => inner.replace(/\\(.)/g, '$1'));
  const name = decodeWords(plain)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  return name === '' ? null : name;
}

function readMember(member: Member): NamedAddress | null {
  if (member.angle !== null) {
    const address = specOf(member.angle);
    return address === null ? null : { ...address, name: displayName(member.text) };
  }
  const address = specOf(member.text);
  return address === null ? null : { ...address, name: displayName(member.comment) };
}

/** Parses the value of an address field (RFC 5322 §3.4, obsolete syntax too). Groups are flattened. Linear in time. */
export function parseMailboxes(value: string): MailboxList {
  const found = members(value);
  const mailboxes = found.map(readMember).filter((one) => one !== null);
  return { mailboxes, broken: found.length - mailboxes.length };
}

/**
 * A parsed single mailbox with an optional name, such as `Ann Lee <ann@example.org>`; null for anything else: also for
 * a group or control characters, so that a line that looks like another header field never decides who is meant.
 */
export function parseMailbox(text: string): NamedAddress | null {
  if (/[^\P{Cc}\t]/u.test(text) || members(text).some((member) => member.grouped)) return null;
  const { mailboxes, broken } = parseMailboxes(text);
  const [only] = mailboxes;
  return only !== undefined && mailboxes.length === 1 && broken === 0 ? only : null;
}

/**
 * `Name <local@domain>` for a header field: the name plain, quoted or as encoded words. Throws Refusal
 * `invalid-header` for a name with control characters.
 */
export function formatMailbox(address: Address | NamedAddress): string {
  const spec = requireHeaderText('address', addressText(address));
  const name =
    'name' in address && address.name !== null ? requireHeaderText('name', address.name).trim() : '';
  if (name === '') return spec;
  if (!isPlainHeaderText(name)) return `${encodeWords(name)} <${spec}>`;
  const phrase = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$/.test(name)
    ? name
    : `"${name.replace(/["\\]/g, '\\$&')}"`;
  return `${phrase} <${spec}>`;
}
