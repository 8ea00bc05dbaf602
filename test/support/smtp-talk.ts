import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A reply with all its lines. */
export interface SmtpReply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** A client that says what it is told, for what proper clients never do. */
export class SmtpTalk {
  #socket: Socket;
  #text = '';
  #closed = false;
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen();
  }

  /** Connects and reads the greeting. */
  static async open(port: number, security: 'plain' | 'tls'): Promise<SmtpTalk> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const made =
        security === 'tls'
          ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => resolve(made))
          : connectPlain({ port, host: '127.0.0.1' }, () => resolve(made));
      made.once('error', reject);
    });
    const talk = new SmtpTalk(socket);
    const greeting = await talk.reply();
    if (greeting.code !== 220) throw new Error(`the greeting is ${greeting.lines.join(' | ')}`);
    return talk;
  }

  #listen(): void {
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => {
      this.#text += text;
      this.#wake();
    });
    this.#socket.on('error', () => this.#wake());
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  #wake(): void {
    for (const waiting of this.#waiting.splice(0)) waiting();
  }

  /** The next reply; a closed connection or half a minute of silence is an error. */
  async reply(): Promise<SmtpReply> {
    const until = Date.now() + 30_000;
    for (;;) {
      const whole = /^(?:\d{3}-.*\r\n)*(\d{3})(?: .*)?\r\n/.exec(this.#text);
      if (whole !== null) {
        this.#text = this.#text.slice(whole[0].length);
        return {
          code: Number(whole[1]),
          lines: whole[0]
            .trimEnd()
            .split('\r\n')
            .map((line) => line.slice(4)),
        };
      }
      if (this.#closed) throw new Error('the connection was closed');
      if (Date.now() > until) throw new Error('no reply');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async say(line: string): Promise<SmtpReply> {
    this.#socket.write(`${line}\r\n`);
    return this.reply();
  }

  write(octets: string | Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(octets, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** STARTTLS and the handshake. */
  async secure(): Promise<void> {
    const answer = await this.say('STARTTLS');
    if (answer.code !== 220) throw new Error(`STARTTLS was answered ${answer.code}`);
    const plain = this.#socket;
    plain.removeAllListeners();
    this.#socket = await new Promise<Socket>((resolve, reject) => {
      const made = connectTls({ socket: plain, rejectUnauthorized: false }, () => resolve(made));
      made.once('error', reject);
    });
    this.#text = '';
    this.#listen();
  }

  async signIn(user: string, password: string): Promise<SmtpReply> {
    return this.say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`);
  }

  end(): void {
    this.#socket.destroy();
  }
}
