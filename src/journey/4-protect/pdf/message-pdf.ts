import { addressText, type NamedAddress } from '#core/address';
import type { ReadMessage } from '#platform/mail';
import { showable, startPdf } from '#platform/pdf';

const FOOTER = 'Confidential. For the person named above only.';

/** One of several mails: which, of how many, and the places of the attachments in it. */
export interface PartPlace {
  readonly part: number;
  readonly of: number;
  readonly files: readonly number[];
}

/**
 * The message as a document: who, when, subject, text, and every attachment inside. Of several, the first holds the
 * text, each its own attachments, and all say what is where.
 */
export async function messagePdf(
  read: ReadMessage,
  about: {
    readonly to: string;
    readonly sentAt: Date;
    readonly password: string;
    readonly place?: PartPlace | null;
  },
): Promise<Buffer> {
  const date = read.date ?? about.sentAt;
  const subject = read.subject === '' ? 'Message' : read.subject;
  const place = about.place ?? null;
  const here = read.attachments.filter((_, index) => place === null || place.files.includes(index));
  const elsewhere = read.attachments.filter((one) => !here.includes(one));
  const sheet = await startPdf({ title: subject, date });
  sheet.title(subject);
  sheet.facts([
    ['From', read.from === null ? null : mailbox(read.from)],
    ['To', about.to],
    ['Copies to', read.cc.length === 0 ? null : read.cc.map(mailbox).join(', ')],
    ['Date', `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['Mail', place === null ? null : `${place.part} of ${place.of}`],
    ['Attached files', here.length === 0 ? null : names(here)],
    ['Files in the other mails', elsewhere.length === 0 ? null : names(elsewhere)],
  ]);
  sheet.rule();
  if (place !== null && place.part > 1) {
    sheet.paragraph(`The text of the message is in mail 1 of ${place.of}.`, { size: 10.5 });
    for (const one of here) await sheet.attach({ name: one.name, content: one.open() });
    return sheet.finish({ footer: FOOTER, password: about.password });
  }
  const shown = showable(read.text);
  const lacks = lackOf(read);
  if (lacks !== null) sheet.paragraph(lacks, { size: 8.5, soft: true });
  sheet.paragraph(shown.text.trimEnd(), { size: 10.5 });
  for (const attachment of here) {
    await sheet.attach({ name: attachment.name, content: attachment.open() });
  }
  if (lacks !== null)
    await sheet.attach({
      name: 'message.txt',
      content: Buffer.from(`${read.subject}\n\n${read.text}`, 'utf8'),
    });
  return sheet.finish({ footer: FOOTER, password: about.password });
}

/** What the page cannot show as it was written; the exact text is then attached. Null where it shows all. */
function lackOf(read: ReadMessage): string | null {
  const body = showable(read.text);
  const head = showable([read.subject, ...read.attachments.map((one) => one.name)].join('\n'));
  const parts = [
    body.replaced + head.replaced > 0
      ? 'Characters that the font of this page lacks are shown by their Unicode number, such as [U+1F600].'
      : null,
    body.rightToLeft
      ? 'Text in a script that runs from right to left may stand here in the wrong order.'
      : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return `${parts.join(' ')} Subject and text are in the attached file message.txt exactly as they were written.`;
}

function names(files: ReadMessage['attachments']): string {
  return files.map((one) => `${one.name} (${sizeWords(one.size)})`).join('\n');
}

function sizeWords(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  const kilo = octets / 1024;
  return kilo < 1024 ? `${Math.round(kilo)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

function mailbox({ name, ...address }: NamedAddress): string {
  return name === null || name === '' ? addressText(address) : `${name} <${addressText(address)}>`;
}
