import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { addressText } from '#core/address';
import type { Reason } from '#core/decision';
import { Refusal } from '#core/errors';
import type { Content } from '#core/message';
import { type Further, ProtectionUnavailable, type Protector, type SealedMail } from '#core/protection';
import { type ReadMessage, readMessage } from '#platform/mail';
import { outerMail } from './outer-mail.ts';
import type { PdfCopy, PdfSending, PdfSendings } from './pdf-sending.ts';
import { type PartsPlan, planParts } from './plan-parts.ts';

/** Octets of a message that is taken apart in memory at all; larger ones are for another method. */
const MOST_OCTETS = 50 * 1024 * 1024;
/** From here on one message at a time: in memory it stands several times over. */
const LARGE_OCTETS = 5 * 1024 * 1024;
/** Characters of text that are laid out: about forty pages. */
const MOST_TEXT = 120_000;
/** Octets of a document without attachments: subsets of three fonts, and what a character of text takes at most. */
const PAGES = { fonts: 120_000, perCharacter: 6 } as const;

/** What is added to a mail on its way: signatures (DKIM) and trace fields. */
const LATER_OCTETS = 8_192;

const compress = promisify(deflate);

export interface PdfProtectorPorts {
  readonly sendings: PdfSendings;
  /** Our name in a generated Message-ID. */
  readonly hostName: string;
}

/**
 * Protected PDF: text and attachments in AES-256 documents, opened by a password that reaches the recipient on another
 * way than the mail, under mails that tell nothing; in several where one would be too large (MR-2). ProtectionUnavailable:
 * `no-password-channel`, `message-too-large` (where dividing does not help), `content-unreadable` where the message is no
 * readable MIME.
 */
export function protectWithPdf(ports: PdfProtectorPorts): Protector {
  const alone = oneAtATime();
  return {
    method: 'pdf',
    async protect({ message, content, delivery, recipient }) {
      if (content.size > MOST_OCTETS) throw tooLarge(MOST_OCTETS);
      const copy = { message, delivery, recipient };
      const sending = await ports.sendings.begin(copy);
      if (sending === null) throw new ProtectionUnavailable('pdf', 'no-password-channel');
      const gate = content.size > LARGE_OCTETS ? alone : <T>(work: () => Promise<T>) => work();
      return new Sealing(ports, copy, content, sending, gate).within(sending.mostOctets);
    },
  };
}

type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** One copy on its way into one document or several. The message is read anew for each: between mails nothing of it is held. */
class Sealing {
  readonly #ports: PdfProtectorPorts;
  readonly #copy: PdfCopy;
  readonly #content: Content;
  readonly #sending: PdfSending;
  readonly #gate: Gate;

  constructor(ports: PdfProtectorPorts, copy: PdfCopy, content: Content, sending: PdfSending, gate: Gate) {
    this.#ports = ports;
    this.#copy = copy;
    this.#content = content;
    this.#sending = sending;
    this.#gate = gate;
  }

  async within(mostOctets: number): Promise<SealedMail> {
    const most = mostOctets - LATER_OCTETS;
    const { done, plan: kept } = this.#sending;
    // What has begun is ended as it began: another division would repeat or lose files.
    if (kept !== null && done.length > 0) return this.#inParts(kept, most);
    const { plan, only } = await this.#gate(async () => {
      const read = await readAll(this.#content);
      if (read.text.length > MOST_TEXT) throw tooLarge(MOST_OCTETS);
      const planned = await planFor(read, most);
      if (planned === null) throw tooLarge(most);
      return { plan: planned, only: planned.length === 1 ? await this.#mail(read, planned, 1, most) : null };
    });
    if (only !== null) {
      return { kind: 'self-protected', content: only, seal: this.#seal, further: this.#further };
    }
    await this.#ports.sendings.divide(this.#copy, this.#sending, plan);
    return this.#inParts(plan, most);
  }

  #inParts(plan: PartsPlan, most: number): SealedMail {
    const { message, delivery } = this.#copy;
    const mail = (part: number): Promise<Content> =>
      this.#gate(async () => this.#mail(await readAll(this.#content), plan, part, most));
    return {
      kind: 'in-parts',
      parts: {
        of: plan.length,
        done: this.#sending.done,
        mail,
        accepted: (part) => this.#ports.sendings.accepted(message.organisation, delivery, part),
      },
      seal: this.#seal,
      further: this.#further,
    };
  }

  async #mail(read: ReadMessage, plan: PartsPlan, part: number, most: number): Promise<Content> {
    const { message, delivery, recipient } = this.#copy;
    const { password, channel } = this.#sending;
    // The PDF library takes a third of a second to load: only those wait for it who use it.
    const { messagePdf } = await import('./message-pdf.ts');
    const place = plan.length === 1 ? null : { part, of: plan.length, files: plan[part - 1] ?? [] };
    const to = addressText(recipient);
    const document = await messagePdf(read, { to, sentAt: message.acceptedAt, password, place });
    const { hostName } = this.#ports;
    const mail = await outerMail(read, document, { message, delivery, recipient, hostName, channel, place });
    // The plan reckons with upper bounds; should one ever be too low, another method takes the copy.
    if (mail.length > most && this.#sending.done.length === 0) throw tooLarge(most);
    return inMemory(mail);
  }

  get #seal() {
    return { key: this.#sending.passwordId, algorithm: 'PDF, AES-256 (revision 6)' };
  }

  get #further(): Further {
    const { channel, settle, otherwise } = this.#sending;
    const by: Reason = { code: 'password-by', parameters: { channel } };
    return { reasons: [by], settle, otherwise, within: (most) => this.within(most) };
  }
}

/** By the attachments' own sizes, and where that asks for several mails, by what is left of them compressed. */
async function planFor(read: ReadMessage, most: number): Promise<PartsPlan | null> {
  const pages = PAGES.fonts + PAGES.perCharacter * read.text.length;
  const plan = planParts(
    read.attachments.map((one) => one.size),
    pages,
    most,
  );
  if (plan !== null && plan.length === 1) return plan;
  const packed: number[] = [];
  for (const one of read.attachments) packed.push((await compress(one.open())).length);
  return planParts(packed, pages, most);
}

const tooLarge = (most: number) => new ProtectionUnavailable('pdf', 'message-too-large', { most });

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

function oneAtATime(): Gate {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    // Who comes after waits for the end, good or bad; the failure itself is its own caller's.
    last = next.then(
      () => undefined,
      () => undefined,
    );
    return next;
  };
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
