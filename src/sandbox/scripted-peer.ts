import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Mailboxes } from './mailboxes.ts';
import type { PeerRecord } from './peer-record.ts';
import type { Temperament } from './temperament.ts';

/** What a scripted server shares between its connections. */
export interface PeerState {
  readonly host: string;
  readonly record: PeerRecord;
  readonly mailboxes: Mailboxes;
  readonly now: () => Date;
  readonly temperament: () => Temperament;
  /** RCPT tries by address. */
  readonly tries: Map<string, number>;
}

/** A small SMTP server that can be made to misbehave. Loopback only. */
export function createScriptedServer(state: PeerState): {
  readonly server: Server;
  readonly end: () => void;
} {
  const open = new Set<PeerConnection>();
  const server = createServer((socket) => {
    state.record.connections += 1;
    const connection = new PeerConnection(socket, state);
    open.add(connection);
    socket.on('close', () => open.delete(connection));
  });
  return {
    server,
    end: () => {
      for (const connection of open) connection.drop();
    },
  };
}

const END_OF_DATA = Buffer.from('\r\n.\r\n');

/** One connection: reads commands and content, answers as the temperament says. */
class PeerConnection {
  readonly #state: PeerState;
  readonly #temperament: Temperament;
  #socket: Socket;
  #secure = false;
  #input: Buffer = Buffer.alloc(0);
  #output = '';
  #from: string | null = null;
  #mailed = false;
  #recipients: string[] = [];
  /** Content so far while DATA runs, else null. The first CRLF stands for the end of the DATA line. */
  #content: { chunks: Buffer[]; size: number; tail: Buffer } | null = null;
  #auth: 'user' | 'password' | null = null;
  #authUser = '';
  #count = 0;
  #busy = false;

  constructor(socket: Socket, state: PeerState) {
    this.#state = state;
    this.#socket = socket;
    const temperament = state.temperament();
    const { turns } = temperament;
    this.#temperament =
      turns !== null && state.record.connections > turns.after
        ? { ...temperament, ...turns.change }
        : temperament;
    this.#listen(socket);
    void this.#greet();
  }

  drop(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // clients break connections in many ways here, on purpose
    socket.on('data', (chunk: Buffer) => {
      if (this.#temperament.records) this.#state.record.received(chunk, this.#secure);
      this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
      void this.#pump();
    });
  }

  async #greet(): Promise<void> {
    await this.#pause();
    this.#reply(this.#temperament.greeting);
    this.#flush();
    if (!this.#temperament.greeting.startsWith('220')) this.#socket.end();
  }

  async #pause(): Promise<void> {
    const { delayMs } = this.#temperament;
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  }

  /** Works through what has arrived, one command after another; replies to pipelined commands go out together. */
  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#input.length > 0 && !this.#socket.destroyed) {
      if (this.#content !== null) {
        if (!this.#takeContent()) break;
        if (this.#temperament.delayMs > 0) await this.#pause();
        continue;
      }
      const end = this.#input.indexOf('\r\n');
      if (end === -1) break;
      const line = this.#input.toString('utf8', 0, end);
      this.#input = this.#input.subarray(end + 2);
      if (this.#temperament.records) this.#state.record.line(`${this.#secure ? 'CS' : 'C'}: ${line}`);
      if (this.#temperament.delayMs > 0) await this.#pause();
      const answer = this.#command(line);
      if (answer !== null) this.#reply(answer);
    }
    this.#busy = false;
    this.#flush();
  }

  /** The reply, or null when it was given already. */
  #command(line: string): string | null {
    if (this.#auth !== null) return this.#authStep(line);
    const verb = (line.split(/[ :]/, 1)[0] ?? '').toUpperCase();
    switch (verb) {
      case 'EHLO':
        return this.#hello();
      case 'HELO':
        return `250 ${this.#state.host}`;
      case 'STARTTLS':
        return this.#startTls();
      case 'AUTH':
        return this.#authenticate(line);
      case 'MAIL':
        return this.#mail(line);
      case 'RCPT':
        return this.#recipient(line);
      case 'DATA':
        return this.#data();
      case 'RSET':
        this.#reset();
        return '250 2.0.0 reset';
      case 'NOOP':
        return '250 2.0.0 ok';
      case 'QUIT':
        this.#reply('221 2.0.0 bye');
        this.#flush();
        this.#socket.end();
        return null;
      default:
        return '500 5.5.1 unknown command';
    }
  }

  #hello(): string | null {
    const { capabilities, startTls, size, auth } = this.#temperament;
    const lines = [
      this.#state.host,
      ...capabilities,
      ...(size === null ? [] : [`SIZE ${size}`]),
      ...(startTls === 'hidden' || this.#secure ? [] : ['STARTTLS']),
      ...(auth === null || !this.#secure ? [] : [`AUTH ${auth.mechanisms}`]),
    ];
    this.#reset();
    lines.forEach((text, index) => {
      this.#reply(`250${index === lines.length - 1 ? ' ' : '-'}${text}`);
    });
    return null;
  }

  #startTls(): string | null {
    const { startTls, credentials, tlsMaximum } = this.#temperament;
    if (startTls === 'hidden' || this.#secure) return '502 5.5.1 not here';
    if (startTls === 'refused') return '454 4.7.0 TLS not available';
    this.#reply('220 2.0.0 go ahead');
    if (startTls === 'injected') this.#reply('250 2.0.0 injected');
    this.#flush();
    const plain = this.#socket;
    plain.removeAllListeners('data');
    this.#input = Buffer.alloc(0);
    const old = tlsMaximum === 'TLSv1';
    const socket = new TLSSocket(plain, {
      isServer: true,
      secureContext: createSecureContext({
        ...credentials,
        maxVersion: tlsMaximum,
        // OpenSSL speaks TLS 1.0 only when its security level is lowered.
        ...(old ? { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
      }),
    });
    socket.on('secure', () => {
      this.#state.record.handshakes += 1;
    });
    this.#socket = socket;
    this.#secure = true;
    this.#listen(socket);
    return null;
  }

  #authenticate(line: string): string | null {
    const { auth } = this.#temperament;
    const [, mechanism = '', initial] = line.split(' ');
    if (auth === null || !this.#secure) return '502 5.5.1 not here';
    if (mechanism.toUpperCase() === 'LOGIN') {
      this.#auth = 'user';
      return '334 VXNlcm5hbWU6';
    }
    const [, user, password] = Buffer.from(initial ?? '', 'base64')
      .toString('utf8')
      .split('\0');
    return this.#authResult(user === auth.user && password === auth.password);
  }

  #authStep(line: string): string | null {
    const text = Buffer.from(line, 'base64').toString('utf8');
    if (this.#auth === 'user') {
      this.#authUser = text;
      this.#auth = 'password';
      return '334 UGFzc3dvcmQ6';
    }
    this.#auth = null;
    const { auth } = this.#temperament;
    return this.#authResult(auth !== null && this.#authUser === auth.user && text === auth.password);
  }

  #authResult(right: boolean): string | null {
    return right ? '235 2.7.0 welcome' : '535 5.7.8 wrong user or password';
  }

  #mail(line: string): string | null {
    const path = /^MAIL FROM:<([^>]*)>/i.exec(line);
    if (path === null) return '501 5.5.4 syntax';
    if (this.#mailed) return '503 5.5.1 one transaction at a time';
    const size = Number(/ SIZE=(\d+)/i.exec(line)?.[1] ?? 0);
    if (this.#temperament.size !== null && size > this.#temperament.size) return '552 5.3.4 too large';
    this.#mailed = true;
    this.#from = path[1] === '' ? null : (path[1] ?? null);
    return '250 2.1.0 ok';
  }

  #recipient(line: string): string | null {
    const path = /^RCPT TO:<("[^"]*"@[^>]+|[^>]+)>/i.exec(line)?.[1];
    if (path === undefined) return '501 5.5.4 syntax';
    if (!this.#mailed) return '503 5.5.1 MAIL first';
    const { tries } = this.#state;
    if (this.#temperament.records) tries.set(path, (tries.get(path) ?? 0) + 1);
    const refusal = this.#temperament.recipient(path, tries.get(path) ?? 1);
    if (refusal !== null) return refusal;
    this.#recipients.push(path);
    return '250 2.1.5 ok';
  }

  #data(): string | null {
    if (this.#recipients.length === 0) return '503 5.5.1 RCPT first';
    if (this.#temperament.content === 'refused') return '451 4.3.0 not now';
    this.#content = { chunks: [], size: 0, tail: Buffer.from('\r\n') };
    return '354 go on';
  }

  /** Reads content from the input; false when more has to arrive. */
  #takeContent(): boolean {
    const content = this.#content;
    if (content === null) return false;
    if (this.#temperament.content === 'dropped-midway') {
      this.#socket.destroy();
      return false;
    }
    // The end mark may begin in what came before.
    const joined = Buffer.concat([content.tail, this.#input]);
    const end = joined.indexOf(END_OF_DATA);
    const taken = end === -1 ? this.#input : this.#input.subarray(0, end + 5 - content.tail.length);
    if (this.#temperament.keepsMail) content.chunks.push(taken);
    content.size += taken.length;
    this.#input = this.#input.subarray(taken.length);
    if (end === -1) {
      content.tail = joined.subarray(Math.max(0, joined.length - 4));
      return false;
    }
    this.#content = null;
    this.#finish(Buffer.concat(content.chunks), content.size);
    return true;
  }

  #finish(stuffed: Buffer, size: number): void {
    const { content, keepsMail, endsAfter, size: limit } = this.#temperament;
    const { record, mailboxes, now, host } = this.#state;
    if (limit !== null && size > limit) {
      this.#reset();
      this.#reply('552 5.3.4 too large');
      return;
    }
    record.messages += 1;
    if (keepsMail) {
      const bytes = unstuff(stuffed);
      const tlsVersion = this.#socket instanceof TLSSocket ? this.#socket.getProtocol() : null;
      for (const recipient of this.#recipients) {
        mailboxes.put({ envelopeFrom: this.#from, receivedAt: now(), host, tlsVersion, bytes }, recipient);
      }
    }
    this.#reset();
    if (content === 'dropped-after-end') {
      this.drop();
      return;
    }
    this.#count += 1;
    this.#reply('250 2.6.0 taken');
    if (endsAfter === null || this.#count < endsAfter.messages) return;
    if (!endsAfter.silently) this.#reply('421 4.7.0 enough for one connection');
    this.#flush();
    this.#socket.end();
  }

  #reset(): void {
    this.#mailed = false;
    this.#from = null;
    this.#recipients = [];
  }

  #reply(text: string): void {
    if (this.#temperament.records) this.#state.record.line(`S: ${text}`);
    this.#output += `${text}\r\n`;
    if (this.#temperament.delayMs > 0) this.#flush();
  }

  #flush(): void {
    if (this.#output === '' || this.#socket.destroyed || this.#socket.writableEnded) return;
    const output = this.#output;
    this.#output = '';
    this.#socket.write(output);
  }
}

/** Takes the end mark and the doubled dots away (RFC 5321 §4.5.2). */
function unstuff(content: Buffer): Buffer {
  const text = content.subarray(0, content.length - 3).toString('latin1');
  return Buffer.from(text.replace(/(^|\r\n)\./g, '$1'), 'latin1');
}
