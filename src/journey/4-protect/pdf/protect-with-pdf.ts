import { type Address, addressText } from '#core/address';
import { Refusal } from '#core/errors';
import type { OrganisationId } from '#core/ids';
import type { Content } from '#core/message';
import { ProtectionUnavailable, type Protector } from '#core/protection';
import { type ReadMessage, readMessage } from '#platform/mail';
import { outerMail } from './outer-mail.ts';

/** Octets of a message that are made into one PDF in memory, in some tenths of a second; larger ones are for another method. */
const MOST_OCTETS = 5 * 1024 * 1024;
/** Characters of text that are laid out: about forty pages. */
const MOST_TEXT = 120_000;

export interface PdfProtectorPorts {
  /**
   * The password agreed with this recipient outside of mail, and the id under which it was agreed, new with each change;
   * null where there is none.
   */
  password(
    organisation: OrganisationId,
    address: Address,
  ): Promise<{ readonly id: string; readonly password: string } | null>;
  /** Our name in a generated Message-ID. */
  readonly hostName: string;
}

/**
 * Protected PDF: text and attachments in one AES-256 document, opened by a password that the organisation and the
 * recipient agreed on outside of mail, under a mail that tells nothing. ProtectionUnavailable: `no-key` where no
 * password was agreed, `message-too-large`, `content-unreadable` where the message is no readable MIME.
 */
export function protectWithPdf(ports: PdfProtectorPorts): Protector {
  return {
    method: 'pdf',
    async protect({ message, content, recipient }) {
      if (content.size > MOST_OCTETS) throw tooLarge();
      const agreed = await ports.password(message.organisation, recipient);
      if (agreed === null) throw new ProtectionUnavailable('pdf', 'no-key');
      const read = await readAll(content);
      if (read.text.length > MOST_TEXT) throw tooLarge();
      const to = addressText(recipient);
      // The PDF library takes a third of a second to load: only those wait for it who use it.
      const { messagePdf } = await import('./message-pdf.ts');
      const { id, password } = agreed;
      const document = await messagePdf(read, { to, sentAt: message.acceptedAt, password });
      const mail = await outerMail(read, document, { message, recipient, hostName: ports.hostName });
      const seal = { key: id, algorithm: 'PDF, AES-256 (revision 6)' };
      return { kind: 'self-protected', content: inMemory(mail), seal };
    },
  };
}

const tooLarge = () => new ProtectionUnavailable('pdf', 'message-too-large', { most: MOST_OCTETS });

async function readAll(content: Content): Promise<ReadMessage> {
  const chunks: Buffer[] = [];
  for await (const chunk of content.open()) chunks.push(chunk);
  try {
    return await readMessage(Buffer.concat(chunks));
  } catch (error) {
    if (error instanceof Refusal) throw new ProtectionUnavailable('pdf', 'content-unreadable');
    throw error;
  }
}

function inMemory(bytes: Buffer): Content {
  return {
    size: bytes.length,
    bytes,
    async *open() {
      yield bytes;
    },
  };
}
