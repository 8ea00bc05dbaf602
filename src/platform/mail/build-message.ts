import { randomBytes } from 'node:crypto';
import type { NamedAddress } from '#core/address';
import { Refusal } from '#core/errors';
import { base64Stream, encodeText } from './body-encoding.ts';
import { encodeWords, isPlainHeaderText } from './encoded-word.ts';
import { formatField, isFieldName, requireHeaderText } from './header-field.ts';
import { formatMailDate } from './mail-date.ts';
import { formatMailbox } from './mailbox.ts';
import { formatParameter } from './parameters.ts';

/** Content of an attachment: octets, or something that opens a fresh stream of them. */
export type AttachmentContent = Buffer | { open(): AsyncIterable<Uint8Array> };

export interface DraftAttachment {
  /** Shown file name; any text without control characters. */
  readonly name: string;
  /** MIME type, such as `application/pdf`. */
  readonly type: string;
  readonly content: AttachmentContent;
  /** Without angle brackets: makes it an inline part of the HTML, named there by `cid:`. */
  readonly contentId?: string;
}

export interface Draft {
  readonly from: NamedAddress;
  readonly sender?: NamedAddress;
  readonly to: readonly NamedAddress[];
  readonly cc?: readonly NamedAddress[];
  readonly replyTo?: readonly NamedAddress[];
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly attachments?: readonly DraftAttachment[];
  readonly date: Date;
  /** Right side of a generated Message-ID. */
  readonly hostName: string;
  /** With angle brackets; generated when absent. */
  readonly messageId?: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** Further fields by name. Those this builder writes itself are refused. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BuiltMessage {
  readonly messageId: string;
  /** The message from its first octet, at each call; large attachments stream through. */
  open(): AsyncIterable<Buffer>;
  /** All of it in memory. */
  toBuffer(): Promise<Buffer>;
}

/** A body part ready to write: its MIME fields and what follows the blank line. */
export interface Part {
  readonly fields: readonly string[];
  readonly body:
    | string
    | { open(): AsyncIterable<Buffer> }
    | { readonly parts: readonly Part[]; readonly boundary: string };
}

const OWN_FIELDS = new Set([
  ...[
    'from',
    'sender',
    'to',
    'cc',
    'bcc',
    'reply-to',
    'subject',
    'date',
    'message-id',
    'in-reply-to',
    'references',
  ],
  ...['mime-version', 'received', 'return-path', 'dkim-signature'],
]);
const MIME_TYPE = /^[A-Za-z0-9!#$&^_.+-]{1,100}\/[A-Za-z0-9!#$&^_.+-]{1,100}$/;
const MESSAGE_ID = /^<[!-;=?-~]{1,900}>$/;

/** A Message-ID with 128 random bits (RFC 5322 §3.6.4). */
export function newMessageId(hostName: string): string {
  return `<${randomBytes(16).toString('hex')}@${hostName}>`;
}

// "=_" can stand in neither base64 nor quoted-printable, and 128 random bits in no other text.
const newBoundary = (): string => `=_${randomBytes(16).toString('hex')}`;

/** A text part in the encoding that suits it. */
export function textPart(subtype: 'plain' | 'html', text: string): Part {
  const { encoding, body } = encodeText(text);
  return {
    fields: [
      formatField('Content-Type', `text/${subtype}; charset=utf-8`),
      formatField('Content-Transfer-Encoding', encoding),
    ],
    body,
  };
}

/** Parts under a multipart type; `parameters` such as `report-type=delivery-status`. */
export function multipart(subtype: string, parts: readonly Part[], parameters: readonly string[] = []): Part {
  const boundary = newBoundary();
  const value = [`multipart/${subtype}`, ...parameters, `boundary="${boundary}"`].join('; ');
  return { fields: [formatField('Content-Type', value)], body: { parts, boundary } };
}

function attachmentPart(attachment: DraftAttachment): Part {
  if (!MIME_TYPE.test(attachment.type)) throw new Refusal('invalid-header', { field: 'content-type' });
  const name = requireHeaderText('filename', attachment.name);
  const disposition = attachment.contentId === undefined ? 'attachment' : 'inline';
  const fields = [
    formatField('Content-Type', attachment.type),
    formatField('Content-Transfer-Encoding', 'base64'),
    formatField('Content-Disposition', [disposition, ...formatParameter('filename', name)].join('; ')),
  ];
  if (attachment.contentId !== undefined) {
    if (!MESSAGE_ID.test(`<${attachment.contentId}>`))
      throw new Refusal('invalid-header', { field: 'content-id' });
    fields.push(formatField('Content-ID', `<${attachment.contentId}>`));
  }
  const { content } = attachment;
  const source = (): AsyncIterable<Uint8Array> => (Buffer.isBuffer(content) ? one(content) : content.open());
  return { fields, body: { open: () => base64Stream(source()) } };
}

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function bodyOf(draft: Draft): Part {
  const texts: Part[] = [];
  if (draft.text !== undefined || draft.html === undefined) texts.push(textPart('plain', draft.text ?? ''));
  if (draft.html !== undefined) texts.push(textPart('html', draft.html));
  const [first] = texts;
  let body = texts.length === 1 && first !== undefined ? first : multipart('alternative', texts);
  const inline = (draft.attachments ?? []).filter((one) => one.contentId !== undefined);
  if (inline.length > 0) body = multipart('related', [body, ...inline.map(attachmentPart)]);
  const attached = (draft.attachments ?? []).filter((one) => one.contentId === undefined);
  return attached.length > 0 ? multipart('mixed', [body, ...attached.map(attachmentPart)]) : body;
}

const list = (addresses: readonly NamedAddress[]): string => addresses.map(formatMailbox).join(', ');

function reference(field: string, id: string): string {
  if (!MESSAGE_ID.test(id)) throw new Refusal('invalid-header', { field });
  return id;
}

/** Text of an unstructured field: plain, or RFC 2047 words. Refuses control characters. */
export function unstructured(field: string, text: string): string {
  requireHeaderText(field, text);
  return isPlainHeaderText(text) ? text : encodeWords(text);
}

function headerOf(draft: Draft, messageId: string): string[] {
  const fields = [formatField('From', formatMailbox(draft.from))];
  if (draft.sender !== undefined) fields.push(formatField('Sender', formatMailbox(draft.sender)));
  if (draft.to.length > 0) fields.push(formatField('To', list(draft.to)));
  if (draft.cc !== undefined && draft.cc.length > 0) fields.push(formatField('Cc', list(draft.cc)));
  if (draft.replyTo !== undefined && draft.replyTo.length > 0)
    fields.push(formatField('Reply-To', list(draft.replyTo)));
  fields.push(formatField('Subject', unstructured('subject', draft.subject)));
  fields.push(formatField('Date', formatMailDate(draft.date)));
  fields.push(formatField('Message-ID', reference('message-id', messageId)));
  if (draft.inReplyTo !== undefined)
    fields.push(formatField('In-Reply-To', reference('in-reply-to', draft.inReplyTo)));
  if (draft.references !== undefined && draft.references.length > 0) {
    const ids = draft.references.map((id) => reference('references', id));
    fields.push(formatField('References', ids.join(' ')));
  }
  for (const [name, value] of Object.entries(draft.headers ?? {})) {
    const key = name.toLowerCase();
    if (!isFieldName(name) || OWN_FIELDS.has(key) || key.startsWith('content-'))
      throw new Refusal('invalid-header', { field: 'headers' });
    fields.push(formatField(name, unstructured(key, value)));
  }
  fields.push(formatField('MIME-Version', '1.0'));
  return fields;
}

/**
 * Writes a part: its fields, a blank line, its body. Every body ends with CRLF, which belongs to the delimiter that
 * follows (RFC 2046 §5.1.1).
 */
async function* writePart(part: Part): AsyncGenerator<Buffer> {
  yield Buffer.from(`${part.fields.join('')}\r\n`);
  if (typeof part.body === 'string') yield Buffer.from(part.body);
  else if ('open' in part.body) yield* part.body.open();
  else {
    for (const inner of part.body.parts) {
      yield Buffer.from(`--${part.body.boundary}\r\n`);
      yield* writePart(inner);
    }
    yield Buffer.from(`--${part.body.boundary}--\r\n`);
  }
}

/** A message from header lines and a root part. */
export function assemble(messageId: string, header: readonly string[], root: Part): BuiltMessage {
  const whole: Part = { fields: [...header, ...root.fields], body: root.body };
  return {
    messageId,
    open: () => writePart(whole),
    toBuffer: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of writePart(whole)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

/**
 * Builds an RFC 5322 message with MIME parts: CRLF line ends, folded ASCII header (RFC 2047, RFC 2231), bodies as
 * 7bit, quoted-printable or base64. Bcc is never written. Throws Refusal `invalid-header` for text that would break a
 * header, naming the field only.
 */
export function buildMessage(draft: Draft): BuiltMessage {
  const messageId = draft.messageId ?? newMessageId(draft.hostName);
  return assemble(messageId, headerOf(draft, messageId), bodyOf(draft));
}

/** A message whose parts are all text, at once. A part that streams is a fault of the caller. */
export function assembleText(header: readonly string[], root: Part): Buffer {
  const write = (part: Part): string => {
    const head = `${part.fields.join('')}\r\n`;
    if (typeof part.body === 'string') return head + part.body;
    if ('open' in part.body) throw new TypeError('a text message cannot hold a stream');
    const { parts, boundary } = part.body;
    return `${head}${parts.map((inner) => `--${boundary}\r\n${write(inner)}`).join('')}--${boundary}--\r\n`;
  };
  return Buffer.from(write({ fields: [...header, ...root.fields], body: root.body }));
}
