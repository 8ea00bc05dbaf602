import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What a client shows of itself in TLS, in PEM. */
export interface ShownCertificate {
  readonly cert: string;
  readonly key: string;
}

/** A client that sends what it is told to, line by line or octet by octet, and reads whole replies. */
export class SmtpClient {
  #socket: Socket;
  #buffer = '';
  #ended = false;
  #waiting: (() => void) | null = null;

  readonly #shown: ShownCertificate | null;

  private constructor(socket: Socket, shown: ShownCertificate | null) {
    this.#socket = socket;
    this.#shown = shown;
    this.#listen();
  }

  /** Connects and reads the greeting. */
  static async open(
    port: number,
    secure: boolean,
    shown: ShownCertificate | null = null,
  ): Promise<{ readonly client: SmtpClient; readonly greeting: string }> {
    const socket = secure
      ? connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...shown })
      : connectPlain({ host: '127.0.0.1', port });
    await new Promise<void>((resolve, reject) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => resolve());
      socket.once('error', reject);
    });
    const client = new SmtpClient(socket, shown);
    return { client, greeting: await client.reply() };
  }

  /** A signed-in client on the port with implicit TLS. */
  static async signedIn(port: number, user: string, secret: string): Promise<SmtpClient> {
    const { client } = await SmtpClient.open(port, true);
    await client.say('EHLO client.test');
    const reply = await client.say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${secret}`).toString('base64')}`);
    if (!reply.startsWith('235')) throw new Error(`sign-in was answered ${reply.slice(0, 3)}`);
    return client;
  }

  get ended(): boolean {
    return this.#ended;
  }

  #listen(): void {
    this.#socket.on('data', (chunk) => {
      this.#buffer += chunk.toString('latin1');
      this.#waiting?.();
    });
    const end = (): void => {
      this.#ended = true;
      this.#waiting?.();
    };
    this.#socket.on('end', end);
    this.#socket.on('close', end);
    this.#socket.on('error', end);
  }

  /** Octets as they are. */
  send(octets: string | Buffer): void {
    this.#socket.write(octets);
  }

  /** The next whole reply, all its lines; '' when the connection ended or nothing came in time. */
  async reply(timeoutMs = 10_000): Promise<string> {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(this.#buffer);
      if (match) {
        this.#buffer = this.#buffer.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (this.#ended || Date.now() > until) return '';
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(1, until - Date.now()));
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#waiting = null;
    }
  }

  /** A line and its reply. */
  say(line: string): Promise<string> {
    this.send(`${line}\r\n`);
    return this.reply();
  }

  async startTls(): Promise<string> {
    const reply = await this.say('STARTTLS');
    if (!reply.startsWith('220')) return reply;
    this.#socket.removeAllListeners();
    const secured = connectTls({ socket: this.#socket, rejectUnauthorized: false, ...this.#shown });
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', () => resolve());
      secured.once('error', reject);
    });
    this.#socket = secured;
    this.#listen();
    return reply;
  }

  /** One message by the book. Resolves with the last reply. */
  async message(from: string, to: readonly string[], content: string): Promise<string> {
    for (const line of [`MAIL FROM:<${from}>`, ...to.map((one) => `RCPT TO:<${one}>`), 'DATA']) {
      const reply = await this.say(line);
      if (!/^[23]/.test(reply)) return reply;
    }
    this.send(`${content.replace(/^\./gm, '..')}\r\n.\r\n`);
    return this.reply();
  }

  close(): void {
    this.#socket.destroy();
  }
}
