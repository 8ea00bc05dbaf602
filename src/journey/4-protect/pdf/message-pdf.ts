import { addressText, type NamedAddress } from '#core/address';
import type { ReadMessage } from '#platform/mail';
import { showable, startPdf } from '#platform/pdf';

/** The message as a document: who, when, subject, text, and every attachment inside. */
export async function messagePdf(
  read: ReadMessage,
  about: { readonly to: string; readonly sentAt: Date; readonly password: string },
): Promise<Buffer> {
  const date = read.date ?? about.sentAt;
  const subject = read.subject === '' ? 'Message' : read.subject;
  const sheet = await startPdf({ title: subject, date });
  sheet.title(subject);
  sheet.facts([
    ['From', read.from === null ? null : mailbox(read.from)],
    ['To', about.to],
    ['Copies to', read.cc.length === 0 ? null : read.cc.map(mailbox).join(', ')],
    ['Date', `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['Attached files', read.attachments.length === 0 ? null : names(read)],
  ]);
  sheet.rule();
  const shown = showable(read.text);
  const lacks = lackOf(read);
  if (lacks !== null) sheet.paragraph(lacks, { size: 8.5, soft: true });
  sheet.paragraph(shown.text.trimEnd(), { size: 10.5 });
  for (const attachment of read.attachments) {
    await sheet.attach({ name: attachment.name, content: attachment.open() });
  }
  if (lacks !== null)
    await sheet.attach({
      name: 'message.txt',
      content: Buffer.from(`${read.subject}\n\n${read.text}`, 'utf8'),
    });
  return sheet.finish({
    footer: 'Confidential. For the person named above only.',
    password: about.password,
  });
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

function names(read: ReadMessage): string {
  return read.attachments.map((one) => `${one.name} (${sizeWords(one.size)})`).join('\n');
}

function sizeWords(octets: number): string {
  if (octets < 1024) return `${octets} B`;
  const kilo = octets / 1024;
  return kilo < 1024 ? `${Math.round(kilo)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

function mailbox({ name, ...address }: NamedAddress): string {
  return name === null || name === '' ? addressText(address) : `${name} <${addressText(address)}>`;
}
