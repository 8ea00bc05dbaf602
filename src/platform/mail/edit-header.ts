import { encodeWords, isPlainHeaderText } from './encoded-word.ts';
import { findField, formatField, type HeaderField } from './header-field.ts';
import { formatMailDate } from './mail-date.ts';

/** Header octets without the dropped fields; fields keep their order and writing. */
export function stripHeaders(
  header: Buffer,
  fields: readonly HeaderField[],
  drop: (key: string) => boolean,
): Buffer {
  if (!fields.some((field) => drop(field.key))) return header;
  return Buffer.concat(
    fields.filter((field) => !drop(field.key)).map((field) => header.subarray(field.start, field.end)),
  );
}

/** Fields that must not leave: blind recipients (RFC 5322 §3.6.3) and our own controls. */
export function isPrivateField(key: string): boolean {
  return key === 'bcc' || key === 'resent-bcc' || key.startsWith('x-sealpost-');
}

export interface Additions {
  /** With angle brackets. */
  readonly messageId: string;
  readonly date: Date;
  /** Value of a Received field to put first, or null. */
  readonly received: string | null;
}

/**
 * Adds what a submission service adds: Received on top, Date and Message-ID where they are missing (RFC 6409 §8). A
 * last line without CRLF gets one.
 */
export function addHeaders(header: Buffer, fields: readonly HeaderField[], add: Additions): Buffer {
  const before = add.received === null ? '' : formatField('Received', add.received);
  let after = header.length > 0 && header[header.length - 1] !== 10 ? '\r\n' : '';
  if (findField(fields, 'date') === undefined) after += formatField('Date', formatMailDate(add.date));
  if (findField(fields, 'message-id') === undefined) after += formatField('Message-ID', add.messageId);
  if (before === '' && after === '') return header;
  return Buffer.concat([Buffer.from(before), header, Buffer.from(after)]);
}

/** The header with another subject in the place of its own, encoded where it must be (RFC 2047); none is added. */
export function replaceSubject(header: Buffer, fields: readonly HeaderField[], subject: string): Buffer {
  const field = findField(fields, 'subject');
  if (field === undefined) return header;
  const value = isPlainHeaderText(subject) ? subject : encodeWords(subject);
  const line = Buffer.from(formatField('Subject', value));
  return Buffer.concat([header.subarray(0, field.start), line, header.subarray(field.end)]);
}
