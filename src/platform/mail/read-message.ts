import PostalMime, { type Attachment, type Email, type Address as ParsedAddress } from 'postal-mime';
import type { NamedAddress } from '#core/address';
import { Refusal } from '#core/errors';
import { parseAddress } from './address.ts';
import { safeFileName } from './file-name.ts';
import { plainTextOf } from './plain-text.ts';

export interface ReadAttachment {
  /** Place among the attachments, from 0: how the portal's and the API's paths name it. */
  readonly index: number;
  /** Safe to offer as a file name; unique only together with the index. */
  readonly name: string;
  /** Lower-case MIME type as the sender states it: not to be believed for display. */
  readonly type: string;
  readonly size: number;
  /** Without angle brackets; what `cid:` links in the HTML name. Null for ordinary attachments. */
  readonly contentId: string | null;
  readonly inline: boolean;
  /** The decoded octets. */
  open(): Buffer;
}

/** A message decoded for people. `html` is exactly as sent: whoever shows it sanitises it. */
export interface ReadMessage {
  readonly subject: string;
  readonly from: NamedAddress | null;
  readonly to: readonly NamedAddress[];
  readonly cc: readonly NamedAddress[];
  readonly replyTo: readonly NamedAddress[];
  readonly date: Date | null;
  readonly messageId: string | null;
  readonly inReplyTo: string | null;
  /** Plain text; made from the HTML where the sender sent none. */
  readonly text: string;
  readonly html: string | null;
  readonly attachments: readonly ReadAttachment[];
}

export interface ReadLimits {
  /** Octets of the message (default 64 MiB). */
  readonly maxSize: number;
  readonly maxAttachments: number;
}

export const READ_LIMITS: ReadLimits = { maxSize: 64 * 1024 * 1024, maxAttachments: 1000 };

function addressesOf(list: readonly ParsedAddress[] | undefined): NamedAddress[] {
  const found: NamedAddress[] = [];
  for (const entry of list ?? []) {
    for (const one of entry.group ?? [entry]) {
      const address = parseAddress(one.address ?? '');
      if (address !== null) found.push({ ...address, name: clean(one.name) || null });
    }
  }
  return found;
}

/** Text for one line: controls become spaces. */
function clean(text: string | undefined): string {
  return (text ?? '').replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

function octetsOf(attachment: Attachment): Buffer {
  const { content } = attachment;
  if (typeof content === 'string') return Buffer.from(content, 'utf8');
  return content instanceof ArrayBuffer
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

function attachmentOf(attachment: Attachment, index: number): ReadAttachment {
  const octets = octetsOf(attachment);
  const contentId = attachment.contentId?.replace(/^<|>$/g, '') ?? null;
  return {
    index,
    name: safeFileName(attachment.filename, attachment.mimeType, index),
    type: /^[\w.+-]+\/[\w.+-]+$/.test(attachment.mimeType) ? attachment.mimeType : 'application/octet-stream',
    size: octets.length,
    contentId,
    inline: attachment.related === true || (attachment.disposition === 'inline' && contentId !== null),
    open: () => octets,
  };
}

async function parse(message: Buffer): Promise<Email> {
  try {
    return await PostalMime.parse(message, {
      maxNestingDepth: 40,
      maxHeadersSize: 2 * 1024 * 1024,
      maxRfc822NestingDepth: 5,
      forceRfc822Attachments: true,
    });
  } catch {
    // The parser's text may quote the message: only our code goes on.
    throw new Refusal('mime-unreadable', { reason: 'parse' });
  }
}

/**
 * Decodes a message for display (RFC 5322, MIME). Embedded messages are attachments. Throws Refusal `too-large` or
 * `mime-unreadable`; a message that intake has accepted is read without either.
 */
export async function readMessage(message: Buffer, limits: ReadLimits = READ_LIMITS): Promise<ReadMessage> {
  if (message.length > limits.maxSize) throw new Refusal('too-large', { most: limits.maxSize });
  const email = await parse(message);
  if (email.attachments.length > limits.maxAttachments)
    throw new Refusal('mime-unreadable', { reason: 'attachments' });
  const date = email.date === undefined ? null : new Date(email.date);
  const html = email.html ?? null;
  return {
    subject: clean(email.subject),
    from: addressesOf(email.from === undefined ? [] : [email.from])[0] ?? null,
    to: addressesOf(email.to),
    cc: addressesOf(email.cc),
    replyTo: addressesOf(email.replyTo),
    date: date === null || Number.isNaN(date.getTime()) ? null : date,
    messageId: email.messageId ?? null,
    inReplyTo: email.inReplyTo ?? null,
    text: email.text ?? (html === null ? '' : plainTextOf(html)),
    html,
    attachments: email.attachments.map(attachmentOf),
  };
}
