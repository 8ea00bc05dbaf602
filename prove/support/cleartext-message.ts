import type { CanarySet } from './canary-set.ts';

/** A message whose every part holds a canary: subject, text, attachment, its name, the sender's name. */
export interface CanaryMessage {
  readonly content: Buffer;
  /** What follows the header, octet for octet. */
  readonly body: Buffer;
}

/** `attachmentOctets` above 64 KiB takes the way of large messages (blobs, streams). */
export function canaryMessage(canaries: CanarySet, number: number, attachmentOctets: number): CanaryMessage {
  const word = (part: string): string => canaries.word(`message ${number} ${part}`);
  const inside = word('attachment');
  const attachment = Buffer.from(`${inside} `.repeat(Math.ceil(attachmentOctets / (inside.length + 1))));
  const header = [
    `From: ${word('sender name')} <staff@clinic.test>`,
    'To: undisclosed-recipients:;',
    `Subject: Result ${word('subject')}`,
    `Message-ID: <cleartext.${number}@clinic.test>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="between"',
    '',
    '',
  ].join('\r\n');
  const body = Buffer.from(
    [
      '--between',
      'Content-Type: text/plain; charset=utf-8',
      '',
      `Dear patient, ${word('text')}`,
      '.a line that begins with a dot',
      '--between',
      'Content-Type: application/octet-stream',
      'Content-Transfer-Encoding: base64',
      `Content-Disposition: attachment; filename="${word('file name')}.txt"`,
      '',
      ...(attachment.toString('base64').match(/.{1,76}/g) ?? []),
      '--between--',
      '',
    ].join('\r\n'),
  );
  return { content: Buffer.concat([Buffer.from(header), body]), body };
}
