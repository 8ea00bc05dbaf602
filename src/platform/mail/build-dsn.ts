import type { Address } from '#core/address';
import { addressText } from '#core/address';
import type { DsnRecipient, NoticeBody } from '#core/notice';
import { needsSmtpUtf8 } from './address.ts';
import { multipart, type Part, textPart } from './build-message.ts';
import type { Phrase } from './build-notice.ts';
import { formatField } from './header-field.ts';
import { formatMailDate } from './mail-date.ts';

type Dsn = Extract<NoticeBody, { readonly kind: 'dsn' }>;

const STATUS = /^[245]\.\d{1,3}\.\d{1,3}$/;
const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;
const MESSAGE_ID = /^<[!-;=?-~]{1,900}>$/;

export interface DsnSurroundings {
  readonly neutral: boolean;
  readonly hostName: string;
}

/** Where the path is not verified, who was written to must not be read from it: `***@domain`. */
function shown(address: Address, neutral: boolean): Address {
  return neutral ? { local: '***', domain: address.domain } : address;
}

/** Address type and address (RFC 3464 §2.3.2; RFC 6533 §3: utf-8-addr-xtext where the local part is not ASCII). */
function finalRecipient(address: Address): string {
  if (!needsSmtpUtf8(address)) return `rfc822; ${addressText(address)}`;
  const escaped = Array.from(addressText(address), (char) =>
    /[!-*,-<>-[\]-~]/.test(char)
      ? char
      : `\\x{${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}}`,
  );
  return `utf-8; ${escaped.join('')}`;
}

/** RFC 3463 status; what is none becomes the general one of its class. */
function statusOf(recipient: DsnRecipient): string {
  if (STATUS.test(recipient.status)) return recipient.status;
  return recipient.action === 'delayed' || recipient.action === 'waiting' ? '4.0.0' : '5.0.0';
}

/** One recipient's group of fields (RFC 3464 §2.3). The diagnostic is the peer's code only: its text may quote PHI. */
function recipientFields(recipient: DsnRecipient, neutral: boolean): string {
  const action = recipient.action === 'delayed' || recipient.action === 'waiting' ? 'delayed' : 'failed';
  let fields = formatField('Final-Recipient', finalRecipient(shown(recipient.address, neutral)));
  fields += formatField('Action', action);
  fields += formatField('Status', statusOf(recipient));
  if (recipient.remoteHost !== null && HOST.test(recipient.remoteHost))
    fields += formatField('Remote-MTA', `dns; ${recipient.remoteHost}`);
  if (recipient.diagnosticCode !== null)
    fields += formatField('Diagnostic-Code', `smtp; ${recipient.diagnosticCode}`);
  return fields;
}

/** What the report as a whole is about: a mixed one is about failure. */
export function dsnSort(dsn: Dsn): 'failed' | 'delayed' | 'unread' | 'waiting' {
  for (const sort of ['delayed', 'unread', 'waiting'] as const)
    if (dsn.recipients.every((recipient) => recipient.action === sort)) return sort;
  return 'failed';
}

/** Lines for people, one a recipient. */
export function dsnText(dsn: Dsn, surroundings: DsnSurroundings, phrase: Phrase, date: string): string[] {
  const lines = dsn.recipients.map((recipient) => {
    const address = addressText(shown(recipient.address, surroundings.neutral));
    return phrase(`notice.dsn.${recipient.action}`, { address, status: statusOf(recipient) });
  });
  const intro = phrase(`notice.dsn.intro-${dsnSort(dsn)}`, { date });
  const messageId = MESSAGE_ID.test(dsn.messageId) ? dsn.messageId : '-';
  return [intro, lines.join('\n'), phrase('notice.dsn.care', { messageId })];
}

/**
 * A delivery report (RFC 3464, RFC 6522): text, machine-readable status, and of the original only its Message-ID, so
 * that the sender's mail program can find it. No subject, no content.
 */
export function dsnPart(dsn: Dsn, surroundings: DsnSurroundings, text: string): Part {
  let status = formatField('Reporting-MTA', `dns; ${surroundings.hostName}`);
  status += formatField('Arrival-Date', formatMailDate(dsn.acceptedAt));
  for (const recipient of dsn.recipients) status += `\r\n${recipientFields(recipient, surroundings.neutral)}`;
  const parts: Part[] = [
    textPart('plain', text),
    { fields: [formatField('Content-Type', 'message/delivery-status')], body: `${status}\r\n` },
  ];
  if (MESSAGE_ID.test(dsn.messageId)) {
    parts.push({
      fields: [formatField('Content-Type', 'text/rfc822-headers')],
      body: `${formatField('Message-ID', dsn.messageId)}\r\n`,
    });
  }
  return multipart('report', parts, ['report-type=delivery-status']);
}

/** The original's Message-ID where it can stand in a header. */
export function dsnReference(dsn: Dsn): string | null {
  return MESSAGE_ID.test(dsn.messageId) ? dsn.messageId : null;
}
