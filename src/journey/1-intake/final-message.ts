import { createHash } from 'node:crypto';
import { Refusal } from '#core/errors';
import type { NewMessage } from '#core/ports';
import type { Binding } from '#core/seal';
import {
  addHeaders,
  formatMailDate,
  isPrivateField,
  MessageScanner,
  parseHeader,
  replaceSubject,
  type ScanLimits,
  type ScannedMessage,
  type ScanProblem,
  stripHeaders,
  type TopHeader,
} from '#platform/mail';
import type { ObjectKey } from '#platform/vault';
import type { IntakePorts } from './ports.ts';

/** Content that fits beside its row; anything longer goes to a blob. */
const INLINE_LIMIT = 64 * 1024;

const CRLF = Buffer.from('\r\n');

export function refuse(problem: ScanProblem): never {
  throw new Refusal(problem.code, { reason: problem.reason });
}

/**
 * The beginning of a message: all of it when it is short, else enough to know its header. `rest` is what has not
 * been read.
 */
export interface Opened {
  readonly scanner: MessageScanner;
  readonly chunks: readonly Buffer[];
  readonly rest: AsyncIterator<Buffer> | null;
}

/** Reads until the message has ended, or is over the inline limit with its header complete. */
export async function openMessage(
  content: Buffer | AsyncIterable<Buffer>,
  limits: ScanLimits,
): Promise<Opened> {
  const scanner = new MessageScanner(limits);
  if (Buffer.isBuffer(content)) {
    const problem = scanner.push(content);
    return problem === null ? { scanner, chunks: [content], rest: null } : refuse(problem);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const iterator = content[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return { scanner, chunks, rest: null };
      const problem = scanner.push(next.value);
      if (problem !== null) refuse(problem);
      chunks.push(next.value);
      size += next.value.length;
      if (size > INLINE_LIMIT && scanner.top !== null) return { scanner, chunks, rest: iterator };
    }
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
}

export interface Stamp {
  readonly id: string;
  readonly messageId: string;
  readonly hostName: string;
  readonly protocol: 'ESMTPSA' | 'HTTPS';
  readonly now: Date;
  /** The subject without its trigger words, where it had any. */
  readonly subject: string | null;
}

/**
 * The header as it is stored and sent: private fields out, missing ones in, a Received on top. It names us only:
 * where in the organisation a message was written is nobody's business outside (RFC 5321 §7.6).
 */
export function finalHeader(top: TopHeader, stamp: Stamp): Buffer {
  const whole = stamp.subject === null ? top.header : replaceSubject(top.header, top.fields, stamp.subject);
  const written = whole === top.header ? top.fields : parseHeader(whole).fields;
  const kept = stripHeaders(whole, written, isPrivateField);
  const fields = kept === whole ? written : parseHeader(kept).fields;
  // A Message-ID that is none would be no use for threads, and none to find a report by.
  const usable = top.messageId === null ? fields.filter((field) => field.key === 'message-id') : [];
  const header = usable.length === 0 ? kept : stripHeaders(kept, fields, (key) => key === 'message-id');
  const received = `by ${stamp.hostName} with ${stamp.protocol} id ${stamp.id}; ${formatMailDate(stamp.now)}`;
  return addHeaders(header, usable.length === 0 ? fields : parseHeader(header).fields, {
    messageId: stamp.messageId,
    date: stamp.now,
    received,
  });
}

/** The final message in one piece, for content that has been read to its end. */
function finalBuffer(header: Buffer, opened: Opened, message: ScannedMessage): Buffer {
  const [only] = opened.chunks;
  const raw = opened.chunks.length === 1 && only !== undefined ? only : Buffer.concat(opened.chunks);
  const body = raw.subarray(message.bodyStart);
  return Buffer.concat(
    message.endsWithLineEnd || body.length === 0 ? [header, CRLF, body] : [header, CRLF, body, CRLF],
  );
}

/** Hash and size of a final message that streams by; complete after its stream has ended. */
interface Measured {
  size: number;
  hash: Buffer | null;
}

/**
 * The final message as a stream, scanned on its way: a problem found late throws into whoever consumes it, so that
 * nothing of it is kept. Constant memory.
 */
async function* finalStream(header: Buffer, opened: Opened, measured: Measured): AsyncGenerator<Buffer> {
  const { scanner, rest } = opened;
  const hash = createHash('sha256');
  const note = (piece: Buffer): Buffer => {
    hash.update(piece);
    measured.size += piece.length;
    return piece;
  };
  yield note(header);
  yield note(CRLF);
  let at = 0;
  for (const chunk of opened.chunks) {
    const from = Math.max(0, scanner.bodyStart - at);
    if (from < chunk.length) yield note(chunk.subarray(from));
    at += chunk.length;
  }
  for (let next = await rest?.next(); next !== undefined && next.done !== true; next = await rest?.next()) {
    const problem = scanner.push(next.value);
    if (problem !== null) refuse(problem);
    yield note(next.value);
  }
  const ended = scanner.end();
  if (!ended.ok) return refuse(ended.problem);
  if (!ended.message.endsWithLineEnd && ended.message.size > ended.message.bodyStart) yield note(CRLF);
  measured.hash = hash.digest();
}

/** Content as it was put away. */
export interface Kept {
  readonly content: NewMessage['content'];
  /** SHA-256 of the final message. */
  readonly hash: Buffer;
  readonly size: number;
}

/** Seals the final message where it belongs: up to 64 KiB for the row beside it, more as a stream into a blob. */
export async function keepContent<Tx>(
  ports: Pick<IntakePorts<Tx>, 'vault' | 'blobs'>,
  opened: Opened,
  header: Buffer,
  key: ObjectKey,
  binding: Binding,
): Promise<Kept> {
  if (opened.rest === null) {
    const ended = opened.scanner.end();
    if (!ended.ok) return refuse(ended.problem);
    if (header.length + ended.message.size - ended.message.bodyStart + 4 <= INLINE_LIMIT) {
      const message = finalBuffer(header, opened, ended.message);
      const hash = createHash('sha256').update(message).digest();
      return {
        content: { kind: 'inline', sealed: ports.vault.seal(key, binding, message) },
        hash,
        size: message.length,
      };
    }
  }
  const measured: Measured = { size: 0, hash: null };
  const blob = await ports.blobs.write(
    ports.vault.sealStream(key, binding, finalStream(header, opened, measured)),
  );
  if (measured.hash === null) throw new Error('the content was not read to its end');
  return {
    content: { kind: 'blob', blob: blob.id, size: blob.size },
    hash: measured.hash,
    size: measured.size,
  };
}
