import { type Address, addressText } from '#core/address';
import type { Content } from '#core/message';
import type { SmtpReply, TransportFacts } from '#core/transport';
import { stuffStream, stuffWhole } from './dot-stuffing.ts';
import type { Capabilities } from './smtp-capabilities.ts';
import type { SmtpTimeouts } from './smtp-open.ts';
import type { LostCode, SmtpWire } from './smtp-wire.ts';

/** One recipient's copy: one mail transaction (RFC 5321 §3.3). */
export interface MailTransaction {
  /** Null is the empty reverse-path of notices. */
  readonly from: Address | null;
  readonly to: Address;
  readonly content: Content;
  /** Content or addresses need SMTPUTF8 (RFC 6531). */
  readonly smtpUtf8: boolean;
  readonly eightBit: boolean;
  /** Says REQUIRETLS (RFC 8689). The caller has seen that the peer is verified and offers it. */
  readonly requireTls?: boolean;
}

export type TransactionEnd =
  | { readonly kind: 'accepted'; readonly reply: SmtpReply }
  | {
      readonly kind: 'refused';
      readonly at: 'mail' | 'recipient' | 'data' | 'content';
      readonly reply: SmtpReply;
    }
  /** The peer cannot take it; nothing was said. */
  | { readonly kind: 'unfit'; readonly code: 'smtputf8-not-supported' }
  /** RFC 1870: the peer said beforehand how many octets it takes at most. */
  | { readonly kind: 'unfit'; readonly code: 'message-too-large'; readonly mostOctets: number }
  | {
      readonly kind: 'lost';
      readonly code: LostCode;
      /** `envelope`: no octet of content was sent. `after-end`: the peer may have taken the message. */
      readonly stage: 'envelope' | 'content' | 'after-end';
    };

/**
 * A greeted and secured connection that carries one transaction after another. Where the peer offers PIPELINING
 * (RFC 2920), MAIL, RCPT and DATA go out together: two round trips a message.
 *
 * 8-bit content goes out as it is even where 8BITMIME is not offered, as most MTAs do today: recoding would break
 * signatures made before.
 */
export class SmtpSession {
  readonly capabilities: Capabilities;
  /** What was seen when the connection was made; holds for all transactions on it. */
  readonly transport: TransportFacts;
  readonly #wire: SmtpWire;
  readonly #timeouts: SmtpTimeouts;
  #count = 0;
  #needsReset = false;
  #leaving = false;

  constructor(wire: SmtpWire, capabilities: Capabilities, transport: TransportFacts, timeouts: SmtpTimeouts) {
    this.#wire = wire;
    this.capabilities = capabilities;
    this.transport = transport;
    this.#timeouts = timeouts;
  }

  /** False once the connection has ended, or the peer has said 421. */
  get usable(): boolean {
    return this.#wire.alive && !this.#leaving;
  }

  /** Transactions begun so far. */
  get count(): number {
    return this.#count;
  }

  /** Runs one transaction. Never two at a time. Rejects only when reading `content` fails: the session is then gone. */
  async send(transaction: MailTransaction): Promise<TransactionEnd> {
    const unfit = this.#unfit(transaction);
    if (unfit !== null) return unfit;
    this.#count += 1;
    const refused = await this.#envelope(transaction);
    if (refused !== null) return refused;
    return this.#content(transaction.content);
  }

  /** Says QUIT and leaves without waiting long for the answer. */
  async quit(): Promise<void> {
    if (this.#wire.alive) {
      this.#wire.write('QUIT\r\n');
      await this.#wire.hear(1, Math.min(this.#timeouts.command, 2_000));
    }
    this.#wire.destroy();
  }

  destroy(): void {
    this.#wire.destroy();
  }

  #unfit({
    content,
    smtpUtf8,
    from,
    to,
  }: MailTransaction): (TransactionEnd & { readonly kind: 'unfit' }) | null {
    const { size, smtpUtf8: offered } = this.capabilities;
    if (size !== null && content.size > size)
      return { kind: 'unfit', code: 'message-too-large', mostOctets: size };
    const needed = smtpUtf8 || !isAscii(to.local) || (from !== null && !isAscii(from.local));
    return needed && !offered ? { kind: 'unfit', code: 'smtputf8-not-supported' } : null;
  }

  /** MAIL, RCPT, DATA; null when the peer waits for content. */
  async #envelope(transaction: MailTransaction): Promise<TransactionEnd | null> {
    const commands = [this.#mail(transaction), `RCPT TO:<${path(transaction.to)}>\r\n`, 'DATA\r\n'];
    const replies: SmtpReply[] = [];
    let lost: LostCode | null = null;
    // A refused RCPT leaves a transaction open; the next MAIL needs RSET before it.
    const offset = this.#needsReset ? 1 : 0;
    if (this.#needsReset) commands.unshift('RSET\r\n');
    this.#needsReset = false;
    if (this.capabilities.pipelining) {
      this.#wire.write(commands.join(''));
      const heard = await this.#wire.hear(commands.length, this.#timeouts.command);
      replies.push(...heard.replies);
      lost = heard.lost;
    } else {
      for (const command of commands) {
        this.#wire.write(command);
        const heard = await this.#wire.hear(1, this.#timeouts.command);
        replies.push(...heard.replies);
        lost = heard.lost;
        if (lost !== null || (heard.replies[0]?.code ?? 500) >= 400) break;
      }
    }
    return this.#judgeEnvelope(replies.slice(offset), lost);
  }

  async #judgeEnvelope(replies: readonly SmtpReply[], lost: LostCode | null): Promise<TransactionEnd | null> {
    const [mail, recipient, data] = replies;
    if (replies.some((reply) => reply.code === 421)) this.#leaving = true;
    const at =
      mail !== undefined && !isPositive(mail)
        ? 'mail'
        : recipient !== undefined && !isPositive(recipient)
          ? 'recipient'
          : data !== undefined && data.code !== 354
            ? 'data'
            : null;
    if (at === null) {
      return data === undefined ? { kind: 'lost', code: lost ?? 'connection-lost', stage: 'envelope' } : null;
    }
    this.#needsReset = true;
    if (data?.code === 354) await this.#endWithoutContent();
    const reply = at === 'mail' ? mail : at === 'recipient' ? recipient : data;
    if (reply === undefined) return { kind: 'lost', code: 'connection-lost', stage: 'envelope' };
    return { kind: 'refused', at, reply: asFailure(reply) };
  }

  /** A peer that says 354 though it refused the recipient gets an empty end (RFC 2920 §3.1). */
  async #endWithoutContent(): Promise<void> {
    this.#wire.write('.\r\n');
    await this.#wire.hear(1, this.#timeouts.dataStart);
  }

  async #content(content: Content): Promise<TransactionEnd> {
    if (content.bytes !== null) {
      this.#wire.writeParts(stuffWhole(content.bytes));
      return this.#verdict('after-end');
    }
    return this.#stream(content);
  }

  async #stream(content: Content): Promise<TransactionEnd> {
    this.#wire.allowEarlyReply(true);
    let finished = false;
    try {
      let held: Buffer | null = null; // one chunk behind, so that what carries the end mark is known
      for await (const chunk of stuffStream(content)) {
        if (held !== null && !this.#wire.write(held) && !(await this.#wire.room(this.#timeouts.dataBlock)))
          break;
        if (this.#wire.hasEarlyReply) break;
        held = chunk;
      }
      if (this.#wire.alive && !this.#wire.hasEarlyReply && held !== null) {
        finished = true;
        this.#wire.write(held);
      }
    } finally {
      // Content that cannot be read to its end must not be ended as if it were whole.
      if (!finished && !this.#wire.hasEarlyReply) this.#wire.destroy();
    }
    const end = await this.#verdict(finished ? 'after-end' : 'content');
    this.#wire.allowEarlyReply(false);
    if (finished) return end;
    this.#wire.destroy();
    return end.kind === 'accepted' ? { kind: 'lost', code: 'connection-lost', stage: 'content' } : end;
  }

  async #verdict(stage: 'content' | 'after-end'): Promise<TransactionEnd> {
    const { replies, lost } = await this.#wire.hear(1, this.#timeouts.dataEnd);
    const reply = replies[0];
    if (reply === undefined) return { kind: 'lost', code: lost ?? 'connection-lost', stage };
    if (reply.code === 421) this.#leaving = true;
    if (isPositive(reply)) return { kind: 'accepted', reply };
    return { kind: 'refused', at: 'content', reply: asFailure(reply) };
  }

  #mail({ from, to, content, smtpUtf8, eightBit, requireTls }: MailTransaction): string {
    const { sizeOffered, eightBitMime, smtpUtf8: utf8Offered } = this.capabilities;
    const utf8 = smtpUtf8 || !isAscii(to.local) || (from !== null && !isAscii(from.local));
    let command = `MAIL FROM:<${from === null ? '' : path(from)}>`;
    if (sizeOffered) command += ` SIZE=${content.size}`;
    if (eightBit && eightBitMime) command += ' BODY=8BITMIME';
    if (utf8 && utf8Offered) command += ' SMTPUTF8';
    if (requireTls === true) command += ' REQUIRETLS';
    return `${command}\r\n`;
  }
}

function isPositive(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

/** A reply that is no refusal where only success or refusal makes sense counts as a passing fault of the peer. */
function asFailure(reply: SmtpReply): SmtpReply {
  return reply.code >= 400 ? reply : { code: 451, enhanced: '4.5.0', text: reply.text };
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the point
  return /^[\x00-\x7f]*$/.test(text);
}

/** The address for an SMTP command. Throws RangeError for what could end the command early. */
function path(address: Address): string {
  const text = addressText(address);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the point
  if (/[\x00-\x1f\x7f]/.test(text) || (/[<>\s]/.test(text) && !text.startsWith('"'))) {
    throw new RangeError('address cannot stand in an SMTP command');
  }
  return text;
}
