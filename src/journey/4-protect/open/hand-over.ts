import type { Address } from '#core/address';
import type { Reason } from '#core/decision';
import type { OrganisationId } from '#core/ids';
import type { Content, Message } from '#core/message';
import { findField, type HeaderField, parseHeader, splitMessage } from '#platform/mail';
import { contentOf } from '#platform/net';
import { createRoom } from '../pgp/room.ts';
import type { Signer } from '../smime/verify.ts';
import { authorOf, type Found, type OpenedInbound, openInbound, sealedBy } from './open-inbound.ts';
import type { PgpOpening } from './open-pgp.ts';
import type { SmimeOpening } from './open-smime.ts';
import { resultFields, traceOf, withoutOurs, withoutTrace } from './result-fields.ts';
import { findSealedPart } from './sealed-parts.ts';

/** What was learned of a message's author while it was opened, for whoever keeps keys. */
export interface Learned {
  readonly author: Address;
  /** A good S/MIME signature of this author's. */
  readonly signer: Signer | null;
  /** Values of its Autocrypt fields; none of reports and automatic answers (Autocrypt 1.1, Updating Peer State). */
  readonly autocrypt: readonly string[];
  readonly date: Date | null;
  /** The author's domain answers for the message (DMARC). */
  readonly authenticated: boolean;
}

export interface HandOverPorts {
  pgp(organisation: OrganisationId): PgpOpening;
  smime(organisation: OrganisationId): SmimeOpening;
  /** What it cannot do now is its own affair: it never holds up the message. */
  learn(organisation: OrganisationId, learned: Learned): Promise<void>;
  /** Our name in the fields that tell what was found. */
  readonly hostName: string;
}

export interface HandOver {
  /** A message from outside as it goes to the recipient's own mail server, and what was found as reasons of its record. */
  prepare(
    message: Message,
    content: Content,
    recipient: Address,
  ): Promise<{ readonly content: Content; readonly reasons: readonly Reason[] }>;
}

/** Larger ones are handed on as they came: an opened message stands in memory several times over. */
const LARGEST = 25 * 1024 * 1024;
/** Octets of messages that are being opened at once. */
const ROOM_OCTETS = 64 * 1024 * 1024;
const BLANK = '\r\n\r\n';
const CRLF = Buffer.from('\r\n');

/** Opens what came in, and writes on top of it what was found. */
export function createHandOver(ports: HandOverPorts): HandOver {
  const room = createRoom(ROOM_OCTETS);

  const open = async (message: Message, content: Content, recipient: Address): Promise<Handed> => {
    const header = await headerOf(content);
    const { fields } = parseHeader(header);
    const sealed = sealedBy(findField(fields, 'content-type')?.value ?? '');
    if (sealed === null) {
      const by = await findSealedPart(content.open());
      const found: Found = by === null ? { kind: 'plain' } : { kind: 'left-sealed', by, why: 'nested' };
      return {
        found,
        signer: null,
        content: restyled(content, header, found, message, ports.hostName),
        fields,
      };
    }
    if (content.size > LARGEST) {
      const found: Found = { kind: 'left-sealed', by: sealed.by, why: 'too-large' };
      return {
        found,
        signer: null,
        content: restyled(content, header, found, message, ports.hostName),
        fields,
      };
    }
    const opened = await openInbound(await wholeOf(content), recipient, {
      pgp: ports.pgp(message.organisation),
      smime: ports.smime(message.organisation),
    });
    const { found, signer } = opened;
    return { found, signer, content: contentOf(assembled(opened, header, message, ports.hostName)), fields };
  };

  return {
    async prepare(message, content, recipient) {
      const {
        found,
        signer,
        content: handed,
        fields,
      } = await room.with(content.bytes === null ? content.size : 0, () => open(message, content, recipient));
      const author = authorOf(fields);
      if (author !== null)
        await ports.learn(message.organisation, learnedFrom(author, signer, fields, message));
      return { content: handed, reasons: reasonsOf(found, message) };
    },
  };
}

interface Handed {
  readonly found: Found;
  readonly signer: Signer | null;
  readonly content: Content;
  readonly fields: readonly HeaderField[];
}

function learnedFrom(
  author: Address,
  signer: Signer | null,
  fields: readonly HeaderField[],
  message: Message,
): Learned {
  const date = new Date(findField(fields, 'date')?.value ?? '');
  return {
    author,
    signer,
    autocrypt: isAutomatic(fields)
      ? []
      : fields.filter(({ key }) => key === 'autocrypt').map(({ value }) => value),
    date: Number.isNaN(date.getTime()) ? null : date,
    authenticated: message.inbound?.dmarc === 'pass',
  };
}

function isAutomatic(fields: readonly HeaderField[]): boolean {
  const submitted = findField(fields, 'auto-submitted')?.value.trim().toLowerCase() ?? 'no';
  const type = findField(fields, 'content-type')?.value.toLowerCase() ?? '';
  return !/^no\b/.test(submitted) || type.startsWith('multipart/report');
}

/** The opened message below our fields. A protected header knows nothing of the way: that comes from outside. */
function assembled(opened: OpenedInbound, outer: Buffer, message: Message, hostName: string): Buffer {
  const { header, body } = splitMessage(opened.message);
  const own = withoutOurs(header, hostName);
  const fields = opened.protectedHeaders ? [traceOf(outer), withoutTrace(own)] : [own];
  const results = resultFields(opened.found, message.inbound ?? null, hostName);
  return Buffer.concat([results, ...fields, CRLF, body]);
}

/** The same content under a header with our fields: only the header is touched, the rest streams by. */
function restyled(
  content: Content,
  header: Buffer,
  found: Found,
  message: Message,
  hostName: string,
): Content {
  const results = resultFields(found, message.inbound ?? null, hostName);
  const own = withoutOurs(header, hostName);
  const skipped = header.length;
  const front = Buffer.concat([results, own]);
  const size = content.size - skipped + front.length;
  if (content.bytes !== null) return contentOf(Buffer.concat([front, content.bytes.subarray(skipped)]));
  return {
    size,
    bytes: null,
    async *open() {
      yield front;
      let left = skipped;
      for await (const piece of content.open()) {
        if (left >= piece.length) left -= piece.length;
        else {
          yield left === 0 ? piece : piece.subarray(left);
          left = 0;
        }
      }
    },
  };
}

/** The header block with its last CRLF, without the empty line. Intake has bounded it. */
async function headerOf(content: Content): Promise<Buffer> {
  if (content.bytes !== null) return splitMessage(content.bytes).header;
  let read = Buffer.alloc(0);
  for await (const piece of content.open()) {
    const from = Math.max(0, read.length - BLANK.length);
    read = Buffer.concat([read, piece]);
    if (read.indexOf(BLANK, from) !== -1 || read.subarray(0, 2).equals(CRLF)) break;
  }
  return splitMessage(read).header;
}

async function wholeOf(content: Content): Promise<Buffer> {
  if (content.bytes !== null) return content.bytes;
  const parts: Buffer[] = [];
  for await (const part of content.open()) parts.push(part);
  return Buffer.concat(parts);
}

/** What was found, as it stands on record and in the proof: codes only. */
export function reasonsOf(found: Found, { inbound }: Pick<Message, 'inbound'>): Reason[] {
  const reasons: Reason[] = [];
  if (inbound) {
    const { spf, dkim, dmarc } = inbound;
    reasons.push({ code: 'inbound-sender', parameters: { spf, dkim, dmarc } });
  }
  switch (found.kind) {
    case 'plain':
      return reasons;
    case 'left-sealed':
      return [...reasons, { code: 'inbound-left-sealed', parameters: { by: found.by, why: found.why } }];
    case 'signed':
    case 'opened': {
      const { state, reason } = found.signature;
      const code = found.kind === 'opened' ? 'inbound-opened' : 'inbound-signed';
      const parameters = { by: found.by, signature: state, ...(reason === null ? {} : { reason }) };
      return [...reasons, { code, parameters }];
    }
  }
}
