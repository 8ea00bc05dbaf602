import { findField, type HeaderField, MAX_HEADER_LINE, parseHeader } from './header-field.ts';

/** A message cut for end-to-end encryption with header protection (RFC 9788). */
export interface HeaderProtected {
  /** What is encrypted: the whole message, its fields included, marked `hp="cipher"`. */
  readonly payload: Buffer;
  /** Fields that stay outside, each with CRLF, without those of MIME: whoever builds the outer message adds its own. */
  readonly outer: Buffer;
}

/**
 * Fields that stay readable outside, because transport, threading and the recipient's filters need them. All others
 * (Subject, Comments, Keywords, and copies of the subject such as Thread-Topic) exist only inside: this is the header
 * confidentiality policy of RFC 9788 §3, stricter than `hcp_baseline`, since any unknown field may hold PHI.
 */
const OUTSIDE: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'auto-submitted',
  'precedence',
  'feedback-id',
]);

/** Written by the transport: they stay outside and say nothing about the message, so they are not protected. */
const TRACE: ReadonlySet<string> = new Set(['received', 'x-received']);

/** Signatures over octets that are about to change, and what only receivers write. */
const DROPPED: ReadonlySet<string> = new Set([
  'dkim-signature',
  'domainkey-signature',
  'return-path',
  'authentication-results',
  'arc-seal',
  'arc-message-signature',
  'arc-authentication-results',
  'hp-outer',
]);

const OUTER_SUBJECT = 'Subject: [...]\r\n';
const HP_PARAMETER = /;\s*hp\s*=\s*(?:"[^"]*"|[^;\s]*)/gi;

function isStructural(key: string): boolean {
  return key === 'mime-version' || key.startsWith('content-');
}

function isOutside(key: string): boolean {
  return OUTSIDE.has(key) || key.startsWith('list-');
}

/** Splits a message (CRLF line ends) behind its header section. */
export function splitMessage(message: Buffer): { readonly header: Buffer; readonly body: Buffer } {
  if (message[0] === 0x0d && message[1] === 0x0a)
    return { header: message.subarray(0, 0), body: message.subarray(2) };
  const end = message.indexOf('\r\n\r\n');
  return end === -1
    ? { header: message, body: message.subarray(message.length) }
    : { header: message.subarray(0, end + 2), body: message.subarray(end + 4) };
}

/**
 * Composes the protected payload and the outer fields of a message (RFC 9788 §5.2.1, without the legacy display of §2.1.2, so that
 * the body stays as it was sent, octet by octet). Every field that stands outside is repeated inside in HP-Outer, so
 * that the recipient's program can tell what was readable on the way.
 */
export function protectHeaders(message: Buffer): HeaderProtected {
  const { header, body } = splitMessage(message);
  const { fields } = parseHeader(header);
  const inside: Buffer[] = [];
  const outside: Buffer[] = [];
  const outerCopies: Buffer[] = [];
  for (const field of fields) {
    if (DROPPED.has(field.key)) continue;
    const octets = octetsOf(header, field);
    if (TRACE.has(field.key)) {
      outside.push(octets);
      continue;
    }
    inside.push(field.key === 'content-type' ? markCipher(octets) : octets);
    if (isStructural(field.key)) continue;
    const outer = isOutside(field.key) ? octets : field.key === 'subject' ? Buffer.from(OUTER_SUBJECT) : null;
    if (outer === null) continue;
    outside.push(outer);
    outerCopies.push(hpOuter(outer));
  }
  if (findField(fields, 'content-type') === undefined)
    inside.push(Buffer.from('Content-Type: text/plain; hp="cipher"\r\n'));
  return {
    payload: Buffer.concat([...inside, ...outerCopies, Buffer.from('\r\n'), body]),
    outer: Buffer.concat(outside),
  };
}

/** A field's octets; the last one of a header section may lack its CRLF. */
function octetsOf(header: Buffer, field: HeaderField): Buffer {
  const octets = header.subarray(field.start, field.end);
  return octets.at(-1) === 0x0a ? octets : Buffer.concat([octets, Buffer.from('\r\n')]);
}

/** Content-Type with `hp="cipher"`; a mark of the sender's own must not stand beside it. */
function markCipher(octets: Buffer): Buffer {
  const value = octets.toString('latin1').replace(HP_PARAMETER, '').trimEnd().replace(/;$/, '');
  return Buffer.from(`${value};\r\n hp="cipher"\r\n`, 'latin1');
}

/** `HP-Outer: Name: value` (RFC 9788 §2.2), folded as the field itself is. */
function hpOuter(octets: Buffer): Buffer {
  const first = octets.indexOf('\r\n');
  const gap = first + 'HP-Outer: '.length > MAX_HEADER_LINE ? 'HP-Outer:\r\n ' : 'HP-Outer: ';
  return Buffer.concat([Buffer.from(gap), octets]);
}
