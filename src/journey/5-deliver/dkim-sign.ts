import { createHash, sign as signBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { Content } from '#core/message';
import type { DkimKey } from '#platform/keyring';
import { contentOf } from '#platform/net';
import { RelaxedBodyHash, relaxedBodyHash, relaxedField } from './dkim-canonical.ts';

/** Named once more than they occur, so that nobody can add one (RFC 6376 §8.15). */
const OVERSIGNED = ['from', 'subject', 'to', 'date'];
/** Covered as often as they occur. RFC 8058 §4 asks for the two of List-Unsubscribe. */
const COVERED = [
  'sender',
  'reply-to',
  'cc',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-disposition',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'auto-submitted',
  'tls-report-domain',
  'tls-report-submitter',
];

/** Header sections beyond this are none of ours. */
const HEADER_LIMIT = 256 * 1024;
const END_OF_HEADER = Buffer.from('\r\n\r\n');
/** In the thread pool: RSA would hold the event loop for a quarter of a millisecond a message, Ed25519 for 30 µs. */
const signAway = promisify<string | null, Buffer, DkimKey['privateKey'], Buffer>(signBytes);

/** Content without an end of its header section within the bound cannot be signed. */
class HeaderUnreadable extends Error {
  override readonly name = 'HeaderUnreadable';
}

/**
 * Puts a DKIM-Signature field (RFC 6376, relaxed/relaxed; RFC 8463 for Ed25519) for each key in front of a message.
 * The body is hashed once for all. Content that is not in memory is read once for the hash and streamed when sent.
 */
export async function signContent(content: Content, keys: readonly DkimKey[], now: Date): Promise<Content> {
  if (keys.length === 0) return content;
  const { bytes } = content;
  const { header, bodyHash } = bytes === null ? await readStream(content) : readWhole(bytes);
  const fields = selectFields(header);
  const signatures = await Promise.all(keys.map((key) => signature(key, fields, bodyHash, now)));
  const front = Buffer.from(signatures.join(''), 'latin1');
  if (bytes !== null) return contentOf(Buffer.concat([front, bytes]));
  return {
    size: front.length + content.size,
    bytes: null,
    open: async function* () {
      yield front;
      yield* content.open();
    },
  };
}

interface Read {
  /** The header section with the CRLF of its last field. */
  readonly header: Buffer;
  readonly bodyHash: string;
}

function readWhole(bytes: Buffer): Read {
  const end = bytes.indexOf(END_OF_HEADER);
  if (end === -1 || end > HEADER_LIMIT) throw new HeaderUnreadable();
  return { header: bytes.subarray(0, end + 2), bodyHash: relaxedBodyHash(bytes.subarray(end + 4)) };
}

async function readStream(content: Content): Promise<Read> {
  const hash = new RelaxedBodyHash();
  let header: Buffer | null = null;
  let start = Buffer.alloc(0);
  for await (const chunk of content.open()) {
    if (header !== null) {
      hash.update(chunk);
      continue;
    }
    start = Buffer.concat([start, chunk]);
    const end = start.indexOf(END_OF_HEADER);
    if (end === -1 && start.length > HEADER_LIMIT) throw new HeaderUnreadable();
    if (end === -1) continue;
    header = start.subarray(0, end + 2);
    hash.update(start.subarray(end + 4));
  }
  if (header === null) throw new HeaderUnreadable();
  return { header, bodyHash: hash.digest() };
}

interface SignedFields {
  /** Value of h=. */
  readonly names: string;
  /** Relaxed fields in h= order, each with CRLF. */
  readonly text: string;
}

/** Fields are signed from the last one up (RFC 6376 §5.4.2). Latin-1 keeps every octet of an 8-bit field. */
function selectFields(header: Buffer): SignedFields {
  const byName = new Map<string, string[]>();
  for (const field of header.toString('latin1').split(/\r\n(?![ \t])/)) {
    const colon = field.indexOf(':');
    if (colon < 1) continue;
    const name = field.slice(0, colon).trimEnd().toLowerCase();
    const list = byName.get(name);
    if (list === undefined) byName.set(name, [field]);
    else list.push(field);
  }
  const names: string[] = [];
  const parts: string[] = [];
  for (const name of [...OVERSIGNED, ...COVERED]) {
    for (const field of (byName.get(name) ?? []).toReversed()) {
      names.push(name);
      parts.push(`${relaxedField(field)}\r\n`);
    }
    if (OVERSIGNED.includes(name)) names.push(name);
  }
  return { names: names.join(':'), text: parts.join('') };
}

async function signature(key: DkimKey, fields: SignedFields, bodyHash: string, now: Date): Promise<string> {
  const start = [
    `v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${key.domain}; s=${key.selector};`,
    `t=${Math.floor(now.getTime() / 1_000)};`,
    `h=${fold(fields.names.split(':'), ':')};`,
    `bh=${bodyHash};`,
    'b=',
  ].join('\r\n\t');
  const unsigned = `DKIM-Signature: ${start}`;
  const data = Buffer.from(fields.text + relaxedField(unsigned), 'latin1');
  const octets =
    key.algorithm === 'rsa-sha256'
      ? await signAway('sha256', data, key.privateKey)
      : await signAway(null, createHash('sha256').update(data).digest(), key.privateKey); // RFC 8463 §3: of the hash
  return `${unsigned}${fold(octets.toString('base64').match(/.{1,72}/g) ?? [], '')}\r\n`;
}

/** Joins pieces to lines of at most 76 characters where pieces allow. */
function fold(pieces: readonly string[], mark: string): string {
  let text = '';
  let line = 0;
  for (const [index, piece] of pieces.entries()) {
    const part = index === 0 ? piece : mark + piece;
    if (line > 0 && line + part.length > 74) {
      text += `${index === 0 ? '' : mark}\r\n\t${piece}`;
      line = piece.length;
    } else {
      text += part;
      line += part.length;
    }
  }
  return text;
}
