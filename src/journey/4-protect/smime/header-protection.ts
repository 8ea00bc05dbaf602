import type { HeaderField } from '#platform/mail';
import { type Entity, fieldOctets, isStructural, readEntity } from './entity.ts';

/** What takes the subject's place outside (RFC 9788 §3.2.1, hcp_baseline). */
const OBSCURED_SUBJECT = 'Subject: [...]\r\n';

/**
 * What stays readable outside: what mail servers and threads need. Stricter than hcp_baseline, which lets every other
 * field through: a clinic's own fields may hold what nobody on the way should read.
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
]);

/** Added on the way, so no part of what the sender wrote. Signatures over the clear message end with it. */
const TRACE = /^(received|return-path|dkim-signature|arc-.*|authentication-results)$/;

/** A message divided for protection (RFC 9788 §5.2): what is signed and encrypted, and the header that travels outside. */
export interface ProtectedParts {
  readonly payload: Buffer;
  /** Fields without structural ones, each with its CRLF. */
  readonly outside: Buffer;
}

export function protectHeaders(message: Buffer): ProtectedParts {
  const entity = readEntity(message);
  const known = entity.fields.filter(({ key }) => !TRACE.test(key) && key !== 'hp-outer');
  const inside = known.filter(({ key }) => !isStructural(key));
  const shown = inside.filter(({ key }) => OUTSIDE.has(key)).map((field) => fieldOctets(entity, field));
  if (inside.some(({ key }) => key === 'subject')) shown.push(Buffer.from(OBSCURED_SUBJECT));
  const received = entity.fields.filter(({ key }) => key === 'received');
  return {
    outside: Buffer.concat([...received.map((field) => fieldOctets(entity, field)), ...shown]),
    payload: Buffer.concat([
      ...inside.map((field) => fieldOctets(entity, field)),
      // RFC 9788 §2.2: what of it stood outside, so that the reader can tell what was kept secret.
      ...shown.map((octets) => Buffer.concat([Buffer.from('HP-Outer: '), octets])),
      ...structural(entity, known),
      Buffer.from('\r\n'),
      entity.body,
    ]),
  };
}

/** The fields of the content, its type marked as the root of a protected and encrypted message (§2.1.1). */
function structural(entity: Entity, known: readonly HeaderField[]): Buffer[] {
  const fields = known.filter(({ key }) => isStructural(key));
  const typed = fields.some(({ key }) => key === 'content-type');
  const octets = fields.map((field) =>
    field.key === 'content-type' ? marked(fieldOctets(entity, field)) : fieldOctets(entity, field),
  );
  return typed
    ? octets
    : [...octets, Buffer.from('Content-Type: text/plain; charset=us-ascii; hp="cipher"\r\n')];
}

function marked(field: Buffer): Buffer {
  const text = field.toString('latin1').replace(/;\s*hp\s*=\s*("[^"]*"|[^\s;"]*)/gi, '');
  return Buffer.from(`${text.replace(/[\s;]+$/, '')};\r\n hp="cipher"\r\n`, 'latin1');
}

/**
 * The message that was protected: its own fields where they were protected with it, else those that came outside.
 * Structural fields always come from inside.
 */
export function restoreHeaders(
  outer: Entity,
  payload: Buffer,
): { message: Buffer; protectedHeaders: boolean } {
  const inner = readEntity(payload);
  const mark = inner.type.parameters.get('hp');
  const isProtected = mark === 'cipher' || mark === 'clear';
  const from = isProtected
    ? inner.fields
        .filter(({ key }) => !isStructural(key) && key !== 'hp-outer')
        .map((field) => fieldOctets(inner, field))
    : outer.fields.filter(({ key }) => !isStructural(key)).map((field) => fieldOctets(outer, field));
  const content = inner.fields
    .filter(({ key }) => isStructural(key))
    .map((field) => fieldOctets(inner, field));
  const version = inner.fields.some(({ key }) => key === 'mime-version')
    ? []
    : [Buffer.from('MIME-Version: 1.0\r\n')];
  return {
    protectedHeaders: isProtected,
    message: Buffer.concat([...from, ...version, ...content, Buffer.from('\r\n'), inner.body]),
  };
}
