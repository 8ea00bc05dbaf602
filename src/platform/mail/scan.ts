import type { NamedAddress } from '#core/address';
import type { RefusalCode } from '#core/errors';
import { decodeWords } from './encoded-word.ts';
import { type HeaderField, MAX_HEADER_LINE } from './header-field.ts';
import { MimeStructure, type StructureProblem } from './mime-structure.ts';
import { readTopHeader, type TopHeader } from './top-header.ts';

export interface ScanLimits {
  /** Octets of the whole message. */
  readonly maxSize: number;
  /** Octets of the header block, and of each part's (default 256 KiB). */
  readonly maxHeader: number;
  /** Octets of a body line without CRLF that are still taken; RFC 5321 says 998, senders in the field say more. */
  readonly maxLine: number;
  /** Nesting of multiparts and embedded messages. */
  readonly maxDepth: number;
  readonly maxParts: number;
}

export const SCAN_LIMITS: ScanLimits = {
  maxSize: 50 * 1024 * 1024,
  maxHeader: 256 * 1024,
  maxLine: 64 * 1024,
  maxDepth: 20,
  maxParts: 1000,
};

/** Why a message is not taken: the refusal's code, and a reason of ours (never text of the message). */
export interface ScanProblem {
  readonly code: Extract<
    RefusalCode,
    'bare-line-ending' | 'invalid-header' | 'mime-too-deep' | 'mime-unreadable' | 'too-large'
  >;
  readonly reason: string;
}

/** What one pass over a message has learned. */
export interface ScannedMessage {
  readonly size: number;
  /** Header block with CRLFs, without the blank line. */
  readonly header: Buffer;
  readonly fields: readonly HeaderField[];
  /** Offset of the first octet of the body. */
  readonly bodyStart: number;
  readonly from: readonly NamedAddress[];
  readonly sender: NamedAddress | null;
  readonly to: readonly NamedAddress[];
  readonly cc: readonly NamedAddress[];
  /** Decoded; empty when there is none. */
  readonly subject: string;
  /** With angle brackets, or null when missing or not of that form. */
  readonly messageId: string | null;
  readonly date: Date | null;
  /** Octets above 127 in the header need SMTPUTF8 (RFC 6531), in the body 8BITMIME (RFC 6152). */
  readonly eightBitHeader: boolean;
  readonly eightBitBody: boolean;
  /** Some body line is longer than 998 octets. */
  readonly longLines: boolean;
  readonly parts: number;
  readonly depth: number;
  readonly embeddedMessages: number;
  readonly endsWithLineEnd: boolean;
}

export type ScanResult =
  | { readonly ok: true; readonly message: ScannedMessage }
  | { readonly ok: false; readonly problem: ScanProblem };

const LF = 10;
const CR = 13;
const HYPHEN = 0x2d;

const STRUCTURE_PROBLEMS: Readonly<Record<StructureProblem, ScanProblem>> = {
  'too-deep': { code: 'mime-too-deep', reason: 'depth' },
  'too-many-parts': { code: 'mime-too-deep', reason: 'parts' },
  'no-boundary': { code: 'mime-unreadable', reason: 'boundary' },
};

/**
 * One pass over the octets of a message as they arrive. It refuses what could be read in two ways (bare CR or LF, NUL,
 * doubled single fields, unreadable From: RFC 5321 §2.3.8, RFC 5322 §3.6) and bounds what costs to read later.
 * Complete lines only are looked at; what is left over waits for the next chunk.
 */
export class MessageScanner {
  readonly #limits: ScanLimits;
  readonly #structure: MimeStructure;
  #problem: ScanProblem | null = null;
  #result: ScanResult | null = null;
  #size = 0;
  #waiting: Buffer[] = [];
  #waitingSize = 0;
  #inHeader = true;
  #headerChunks: Buffer[] = [];
  #headerSize = 0;
  #top: TopHeader | null = null;
  #bodyStart = 0;
  #consumed = 0;
  #eightBitHeader = false;
  #eightBitBody = false;
  #longLines = false;
  #endsWithLineEnd = true;

  constructor(limits: ScanLimits = SCAN_LIMITS) {
    this.#limits = limits;
    this.#structure = new MimeStructure(limits);
  }

  /** The parsed header block, once its blank line has been seen. */
  get top(): TopHeader | null {
    return this.#top;
  }

  get bodyStart(): number {
    return this.#bodyStart;
  }

  /** Takes the next octets. Returns the first problem found, now or earlier. */
  push(chunk: Buffer): ScanProblem | null {
    if (this.#problem !== null) return this.#problem;
    this.#size += chunk.length;
    if (this.#size > this.#limits.maxSize) return this.#fail('too-large', 'size');
    const lastLf = chunk.lastIndexOf(LF);
    if (lastLf === -1) {
      this.#waiting.push(chunk);
      this.#waitingSize += chunk.length;
      return this.#waitingSize > this.#limits.maxLine + 2
        ? this.#fail('mime-unreadable', 'line-length')
        : null;
    }
    if (this.#waitingSize === 0) this.#lines(chunk, lastLf + 1);
    else {
      // Only the line that was left open is copied, never the whole chunk.
      const firstLf = chunk.indexOf(LF);
      const joined = Buffer.concat([...this.#waiting, chunk.subarray(0, firstLf + 1)]);
      this.#waiting = [];
      this.#waitingSize = 0;
      this.#lines(joined, joined.length);
      if (this.#problem === null) this.#lines(chunk.subarray(firstLf + 1), lastLf - firstLf);
    }
    if (this.#problem === null && lastLf + 1 < chunk.length) {
      this.#waiting = [chunk.subarray(lastLf + 1)];
      this.#waitingSize = chunk.length - lastLf - 1;
    }
    return this.#problem;
  }

  /** The end of the message. Called again, it says the same again. */
  end(): ScanResult {
    this.#result ??= this.#finish();
    return this.#result;
  }

  #finish(): ScanResult {
    if (this.#problem === null && this.#waitingSize > 0) {
      this.#endsWithLineEnd = false;
      const rest = Buffer.concat([...this.#waiting, Buffer.from('\r\n')]);
      if (rest[rest.length - 3] === CR) this.#fail('bare-line-ending', 'cr');
      else this.#lines(rest, rest.length);
    }
    // A message may end within its header: the body is optional (RFC 5322 §3.5).
    if (this.#problem === null && this.#top === null) this.#endHeader(this.#size);
    if (this.#problem !== null) return { ok: false, problem: this.#problem };
    const top = this.#top;
    if (top === null) return { ok: false, problem: { code: 'invalid-header', reason: 'no-header' } };
    return {
      ok: true,
      message: {
        ...top,
        subject: decodeWords(top.rawSubject),
        size: this.#size,
        bodyStart: this.#bodyStart,
        eightBitHeader: this.#eightBitHeader,
        eightBitBody: this.#eightBitBody,
        longLines: this.#longLines,
        parts: this.#structure.parts,
        depth: this.#structure.deepest,
        embeddedMessages: this.#structure.embeddedMessages,
        endsWithLineEnd: this.#endsWithLineEnd,
      },
    };
  }

  #fail(code: ScanProblem['code'], reason: string): ScanProblem {
    this.#problem ??= { code, reason };
    this.#waiting = [];
    return this.#problem;
  }

  /** Looks at `length` octets that are whole lines: the last of them is LF. */
  #lines(buffer: Buffer, length: number): void {
    let lineStart = 0;
    let headerFrom = 0;
    let high = false;
    let i = 0;
    while (i < length) {
      const octet = buffer[i] ?? 0;
      // The hot path: everything printable, and tabs' neighbours that no rule speaks of.
      if (octet > CR && octet < 0x80) {
        i += 1;
        continue;
      }
      if (octet !== CR) {
        if (octet === LF) return void this.#fail('bare-line-ending', 'lf');
        if (octet === 0) return void this.#fail('mime-unreadable', 'nul');
        if (octet >= 0x80) high = true;
        i += 1;
        continue;
      }
      if (buffer[i + 1] !== LF) return void this.#fail('bare-line-ending', 'cr');
      const inTop = this.#top === null;
      if (high) {
        if (inTop) this.#eightBitHeader = true;
        else this.#eightBitBody = true;
        high = false;
      }
      if (!this.#lineLength(i - lineStart)) return;
      const delimited =
        this.#structure.open && buffer[lineStart] === HYPHEN && buffer[lineStart + 1] === HYPHEN;
      if (delimited || this.#inHeader) {
        headerFrom = this.#markedLine(buffer, lineStart, i, headerFrom, delimited);
        if (this.#problem !== null) return;
      }
      i += 2;
      lineStart = i;
    }
    if (this.#inHeader) this.#keepHeader(buffer.subarray(headerFrom, length));
    this.#consumed += length;
  }

  #lineLength(length: number): boolean {
    if (length <= MAX_HEADER_LINE) return true;
    if (this.#top === null) this.#fail('invalid-header', 'line-length');
    else if (length > this.#limits.maxLine) this.#fail('mime-unreadable', 'line-length');
    else this.#longLines = true;
    return this.#problem === null;
  }

  /** A line in a header, or one that may be a delimiter. Returns where header octets not yet kept begin. */
  #markedLine(buffer: Buffer, start: number, end: number, headerFrom: number, delimited: boolean): number {
    if (delimited) {
      const follows = this.#structure.delimiter(buffer.toString('latin1', start, end));
      if (follows !== null) {
        this.#headerChunks = [];
        this.#headerSize = 0;
        this.#inHeader = follows === 'header';
        return end + 2;
      }
    }
    if (!this.#inHeader || end !== start) return headerFrom;
    this.#keepHeader(buffer.subarray(headerFrom, start));
    if (this.#problem === null) this.#endHeader(this.#consumed + end + 2);
    return end + 2;
  }

  #keepHeader(octets: Buffer): void {
    if (octets.length === 0) return;
    this.#headerChunks.push(octets);
    this.#headerSize += octets.length;
    if (this.#headerSize > this.#limits.maxHeader) this.#fail('invalid-header', 'header-size');
  }

  #endHeader(bodyStart: number): void {
    const [only] = this.#headerChunks;
    const block =
      this.#headerChunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#headerChunks);
    this.#headerChunks = [];
    this.#headerSize = 0;
    const top = this.#top === null;
    if (top) {
      const read = readTopHeader(block);
      if ('reason' in read) return void this.#fail('invalid-header', read.reason);
      this.#top = read;
      this.#bodyStart = bodyStart;
    }
    const follows = this.#structure.headerEnded(block, top);
    if (follows === 'header' || follows === 'body') this.#inHeader = follows === 'header';
    else {
      const problem = STRUCTURE_PROBLEMS[follows];
      this.#fail(problem.code, problem.reason);
    }
  }
}

/** Scans a whole message in memory: the fast way for small ones. */
export function scanBuffer(message: Buffer, limits: ScanLimits = SCAN_LIMITS): ScanResult {
  const scanner = new MessageScanner(limits);
  scanner.push(message);
  return scanner.end();
}

/** Scans a message as it streams by. Stops reading at the first problem. */
export async function scanMessage(
  source: AsyncIterable<Buffer>,
  limits: ScanLimits = SCAN_LIMITS,
): Promise<ScanResult> {
  const scanner = new MessageScanner(limits);
  for await (const chunk of source) {
    const problem = scanner.push(chunk);
    if (problem !== null) return { ok: false, problem };
  }
  return scanner.end();
}
