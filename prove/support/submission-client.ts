import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A refusal by the server; the message was not accepted. */
export class SubmissionRefused extends Error {
  override readonly name = 'SubmissionRefused';
}

/**
 * A small submission client: STARTTLS, AUTH PLAIN, one message after another. Every method rejects when the
 * connection breaks; whether the message was accepted is then unknown.
 */
export class SubmissionClient {
  readonly #socket: Socket;
  #text = '';
  #lines: string[] = [];
  #wake: (() => void) | null = null;
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const wake = (): void => {
      const waiting = this.#wake;
      this.#wake = null;
      waiting?.();
    };
    socket.on('data', (chunk: Buffer) => {
      const parts = (this.#text + chunk.toString('utf8')).split('\r\n');
      this.#text = parts.pop() ?? '';
      this.#lines.push(...parts);
      wake();
    });
    const end = (): void => {
      this.#ended = true;
      wake();
    };
    socket.on('error', end);
    socket.on('close', end);
  }

  static async open(port: number, user: string, password: string): Promise<SubmissionClient> {
    const plain = connect({ host: '127.0.0.1', port });
    const clear = new SubmissionClient(plain);
    try {
      await clear.#expect(220);
      await clear.#say('EHLO prove.test', 250);
      await clear.#say('STARTTLS', 220);
      plain.removeAllListeners('data');
      const socket = connectTls({ socket: plain, rejectUnauthorized: false });
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', () => resolve());
        socket.once('error', reject);
        socket.once('close', () => reject(new Error('closed')));
      });
      const client = new SubmissionClient(socket);
      await client.#say('EHLO prove.test', 250);
      await client.#say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}`, 235);
      return client;
    } catch (error) {
      plain.destroy();
      throw error;
    }
  }

  /** Sends one message; resolves to its id when the server has said 250. */
  async send(from: string, to: readonly string[], content: string): Promise<string> {
    await this.#say(`MAIL FROM:<${from}>`, 250);
    for (const recipient of to) await this.#say(`RCPT TO:<${recipient}>`, 250);
    await this.#say('DATA', 354);
    const stuffed = content.replaceAll(/^\./gm, '..');
    const reply = await this.#say(`${stuffed}${stuffed.endsWith('\r\n') ? '' : '\r\n'}.`, 250);
    const id = /Accepted as ([0-9a-f-]{36})/.exec(reply)?.[1];
    if (id === undefined) throw new Error('the reply names no message');
    return id;
  }

  close(): void {
    this.#socket.end('QUIT\r\n');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #say(line: string, code: number): Promise<string> {
    this.#socket.write(`${line}\r\n`);
    return this.#expect(code);
  }

  async #expect(code: number): Promise<string> {
    for (;;) {
      const line = this.#lines.shift();
      if (line === undefined) {
        if (this.#ended) throw new Error('connection lost');
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      if (line[3] === '-') continue;
      if (Number(line.slice(0, 3)) === code) return line;
      throw new SubmissionRefused(line);
    }
  }
}
