import type { NamedAddress } from '#core/address';
import { findField, type HeaderField, parseHeader } from './header-field.ts';
import { parseMailboxes } from './mailbox.ts';

/** The message's own header, checked and read. */
export interface TopHeader {
  readonly header: Buffer;
  readonly fields: readonly HeaderField[];
  readonly from: readonly NamedAddress[];
  readonly sender: NamedAddress | null;
  readonly to: readonly NamedAddress[];
  readonly cc: readonly NamedAddress[];
  readonly rawSubject: string;
  readonly messageId: string | null;
  readonly date: Date | null;
}

/** Fields that may stand once only: RFC 5322 §3.6, and those of MIME where two readers could choose differently. */
const SINGLE: readonly string[] = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
];

/** More than this many hops is a loop (RFC 5321 §6.3). */
const MAX_RECEIVED = 50;
const MESSAGE_ID = /^<[^\s<>]{1,900}>$/;

/** A header that is not taken; the reason is a code of ours. */
export interface HeaderProblem {
  readonly reason: string;
}

function problemOf(fields: readonly HeaderField[], bad: number): string | null {
  if (bad > 0) return 'field-syntax';
  const seen = new Set<string>();
  let received = 0;
  for (const { key, value } of fields) {
    if (key === 'received') received += 1;
    if (SINGLE.includes(key)) {
      if (seen.has(key)) return 'duplicate-field';
      seen.add(key);
    }
    // CR, LF and NUL are refused before; other controls in a header serve only to deceive readers and terminals.
    if (/[^\P{Cc}\t\u0080-\u009f]/u.test(value)) return 'control-character';
  }
  return received > MAX_RECEIVED ? 'mail-loop' : null;
}

function readDate(value: string | undefined): Date | null {
  if (value === undefined || value.length > 100) return null;
  const moment = new Date(value.replace(/\([^)]*\)/g, ' ').trim());
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/** Checks and reads a header block (CRLF line ends, no blank line). */
export function readTopHeader(header: Buffer): TopHeader | HeaderProblem {
  const { fields, bad } = parseHeader(header);
  const reason = problemOf(fields, bad);
  if (reason !== null) return { reason };
  const fromField = findField(fields, 'from');
  if (fromField === undefined) return { reason: 'from-missing' };
  const from = parseMailboxes(fromField.value);
  if (from.mailboxes.length === 0 || from.broken > 0) return { reason: 'from-unreadable' };
  const senderField = findField(fields, 'sender');
  const sender = senderField === undefined ? null : parseMailboxes(senderField.value);
  const [onlySender = null] = sender?.mailboxes ?? [];
  if (sender !== null && (onlySender === null || sender.mailboxes.length !== 1 || sender.broken > 0))
    return { reason: 'sender-unreadable' };
  const messageId = findField(fields, 'message-id')?.value ?? null;
  return {
    header,
    fields,
    from: from.mailboxes,
    sender: onlySender,
    to: parseMailboxes(findField(fields, 'to')?.value ?? '').mailboxes,
    cc: parseMailboxes(findField(fields, 'cc')?.value ?? '').mailboxes,
    rawSubject: findField(fields, 'subject')?.value ?? '',
    messageId: messageId !== null && MESSAGE_ID.test(messageId) ? messageId : null,
    date: readDate(findField(fields, 'date')?.value),
  };
}
