import type { Socket } from 'node:net';
import type { SmtpReply } from '#core/transport';
import { ReplyParser } from './smtp-reply.ts';

export type LostCode = 'timeout' | 'connection-lost';

/** The replies that came, and why no more did. `lost` is null when all that were asked for are there. */
export interface Heard {
  readonly replies: readonly SmtpReply[];
  readonly lost: LostCode | null;
}

interface Listener {
  readonly wanted: number;
  readonly replies: SmtpReply[];
  readonly timeoutMs: number;
  readonly settle: (heard: Heard) => void;
  timer: NodeJS.Timeout;
}

/**
 * One socket seen as commands out and replies in. Nothing here throws: a connection that breaks shows as `lost`.
 * One caller listens at a time. A reply nobody waits for (421 before closing, or garbage) ends the connection.
 */
export class SmtpWire {
  #socket: Socket;
  #parser = new ReplyParser();
  #listener: Listener | null = null;
  #alive = true;
  #early: SmtpReply[] = [];
  #expectsEarly = false;
  #unasked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#attach();
  }

  get alive(): boolean {
    return this.#alive;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Waits for `count` replies, each within the time given since the one before. */
  hear(count: number, timeoutMs: number): Promise<Heard> {
    return new Promise((settle) => {
      const replies = this.#early.splice(0, count);
      if (replies.length === count) return settle({ replies, lost: null });
      // A reply that began before its command was sent does not answer it.
      if (this.#parser.isMidway && !this.#expectsEarly) this.#lose('connection-lost');
      if (!this.#alive) return settle({ replies, lost: 'connection-lost' });
      const timer = setTimeout(() => this.#lose('timeout'), timeoutMs);
      this.#listener = { wanted: count, replies, timeoutMs, settle, timer };
    });
  }

  /** Writes commands or data; false when the caller should wait for room. */
  write(data: string | Buffer): boolean {
    return this.#alive && this.#socket.write(data);
  }

  /** Writes parts as one. */
  writeParts(parts: readonly Buffer[]): void {
    if (!this.#alive) return;
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Resolves when there is room to write again; false when the connection ended or nothing moved in that time. */
  room(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      if (!this.#alive) return resolve(false);
      if (!this.#socket.writableNeedDrain) return resolve(true);
      const end = (ok: boolean): void => {
        clearTimeout(timer);
        this.#socket.off('drain', drained);
        this.#socket.off('close', closed);
        resolve(ok && this.#alive);
      };
      const drained = (): void => end(true);
      const closed = (): void => end(false);
      const timer = setTimeout(() => {
        this.#lose('timeout');
        end(false);
      }, timeoutMs);
      this.#socket.on('drain', drained);
      this.#socket.on('close', closed);
    });
  }

  /** While content is sent, a reply may come before the end mark; it is kept for the next `hear`. */
  allowEarlyReply(allowed: boolean): void {
    this.#expectsEarly = allowed;
  }

  get hasEarlyReply(): boolean {
    return this.#early.length > 0;
  }

  /**
   * Hands the bare socket over for a TLS handshake. `injected` when anything was received beyond the reply to
   * STARTTLS: such octets came before encryption began, and must not be taken for the peer's (RFC 3207 §4.2).
   */
  detach(): 'clean' | 'injected' | 'closed' {
    if (this.#unasked || this.#parser.isMidway || this.#socket.readableLength > 0) return 'injected';
    if (!this.#alive) return 'closed';
    for (const event of ['data', 'error', 'close', 'end']) this.#socket.removeAllListeners(event);
    return 'clean';
  }

  /** Goes on over another socket (after the handshake). Nothing heard before is kept. */
  reattach(socket: Socket): void {
    this.#socket = socket;
    this.#parser = new ReplyParser();
    this.#early = [];
    this.#attach();
  }

  destroy(): void {
    this.#lose('connection-lost');
  }

  #attach(): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => this.#lose('connection-lost'));
    socket.on('end', () => this.#lose('connection-lost'));
    socket.on('close', () => this.#lose('connection-lost'));
  }

  #receive(chunk: Buffer): void {
    let replies: SmtpReply[];
    try {
      replies = this.#parser.feed(chunk);
    } catch {
      this.#lose('connection-lost'); // not SMTP: ReplyMalformed is all that feed throws
      return;
    }
    for (const reply of replies) {
      const listener = this.#listener;
      if (listener === null) {
        this.#early.push(reply);
        continue;
      }
      listener.replies.push(reply);
      if (listener.replies.length === listener.wanted) {
        clearTimeout(listener.timer);
        this.#listener = null;
        listener.settle({ replies: listener.replies, lost: null });
      } else {
        listener.timer.refresh();
      }
    }
    // Replies that nobody asked for: the peer is leaving, or its replies no longer belong to our commands.
    if (this.#early.length > 0 && !this.#expectsEarly) {
      this.#unasked = true;
      this.#early = [];
      this.#lose('connection-lost');
    }
  }

  #lose(code: LostCode): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#socket.destroy();
    const listener = this.#listener;
    this.#listener = null;
    if (listener !== null) {
      clearTimeout(listener.timer);
      listener.settle({ replies: listener.replies, lost: code });
    }
  }
}
