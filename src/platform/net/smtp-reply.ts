import type { SmtpReply } from '#core/transport';

// RFC 5321 §4.5.3.1.5 allows 512 octets a line; real servers write more. Beyond these bounds it is not SMTP.
const LINE_LIMIT = 4_096;
const LINES_LIMIT = 200;

/** The peer broke the protocol: a reply line that is none, or too long, or too many of them. */
export class ReplyMalformed extends Error {
  override readonly name = 'ReplyMalformed';
}

/** Puts octets together to replies (RFC 5321 §4.2). Feed it chunks as they arrive, in order. */
export class ReplyParser {
  #partial: Buffer | null = null;
  #code = 0;
  #lines: string[] = [];

  /** True when octets of an unfinished reply are held. */
  get isMidway(): boolean {
    return this.#partial !== null || this.#lines.length > 0;
  }

  /** The replies that this chunk completed. Throws ReplyMalformed. */
  feed(chunk: Buffer): SmtpReply[] {
    const bytes = this.#partial === null ? chunk : Buffer.concat([this.#partial, chunk]);
    const replies: SmtpReply[] = [];
    let from = 0;
    for (let end = bytes.indexOf(10, from); end !== -1; end = bytes.indexOf(10, from)) {
      const reply = this.#line(
        bytes.toString('utf8', from, bytes[end - 1] === 13 && end > from ? end - 1 : end),
      );
      if (reply !== null) replies.push(reply);
      from = end + 1;
    }
    const rest = bytes.length - from;
    if (rest > LINE_LIMIT) throw new ReplyMalformed('line too long');
    this.#partial = rest === 0 ? null : Buffer.from(bytes.subarray(from));
    return replies;
  }

  #line(line: string): SmtpReply | null {
    const match = /^([2-5]\d\d)([ -]|$)/.exec(line);
    if (match === null || line.length > LINE_LIMIT) throw new ReplyMalformed('not a reply line');
    const code = Number(match[1]);
    if (this.#lines.length === 0) this.#code = code;
    else if (code !== this.#code) throw new ReplyMalformed('codes differ within a reply');
    this.#lines.push(line.slice(4));
    if (match[2] === '-') {
      if (this.#lines.length >= LINES_LIMIT) throw new ReplyMalformed('too many lines');
      return null;
    }
    const lines = this.#lines;
    this.#lines = [];
    return { code, enhanced: enhancedStatus(code, lines[0] ?? ''), text: lines.join('\n') };
  }
}

/** RFC 2034: the status stands first in the text, and its class agrees with the reply code. */
function enhancedStatus(code: number, text: string): string | null {
  const match = /^([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)/.exec(text);
  return match !== null && Number(match[1]) === Math.floor(code / 100) ? match[0] : null;
}
