// The sending end of the relay benchmark, in a process of its own: kept connections with STARTTLS (and AUTH), each
// with one message after another; notes when the 250 of each message came.
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

export interface LoadSpec {
  readonly port: number;
  /** AUTH PLAIN, where the server wants it. */
  readonly credentials: { readonly user: string; readonly password: string } | null;
  readonly connections: number;
  readonly messages: number;
  /** Number of the first message, so that warm-up and run do not meet. */
  readonly first: number;
  /** Octets of a message, header included. */
  readonly size: number;
  readonly from: string;
  /** Recipient addresses, taken in turn. */
  readonly to: readonly string[];
  /** Messages a second over all connections; null: as fast as they are taken. */
  readonly perSecond: number | null;
}

/** When each message was accepted, ms since the epoch, in the order of their numbers from `first`. */
export interface LoadReport {
  readonly accepted: readonly number[];
  readonly startedAt: number;
  readonly endedAt: number;
  readonly refused: number;
}

const now = (): number => performance.timeOrigin + performance.now();

/** Reads whole replies (RFC 5321 §4.2.1), one after another. */
class Replies {
  #text = '';
  #waiting: ((code: number) => void) | null = null;
  #codes: number[] = [];

  attach(socket: Socket | TLSSocket): void {
    this.#text = '';
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      for (let end = this.#text.indexOf('\r\n'); end !== -1; end = this.#text.indexOf('\r\n')) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        if (line[3] !== '-') this.#give(Number(line.slice(0, 3)));
      }
    });
    socket.on('error', () => this.#give(0));
    socket.on('close', () => this.#give(0));
  }

  #give(code: number): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting(code);
    else this.#codes.push(code);
  }

  next(): Promise<number> {
    const code = this.#codes.shift();
    if (code !== undefined) return Promise.resolve(code);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}

async function open(spec: LoadSpec): Promise<{ socket: TLSSocket; replies: Replies }> {
  const plain = connect({ host: '127.0.0.1', port: spec.port });
  plain.setNoDelay(true);
  const greeting = new Replies();
  greeting.attach(plain);
  const expect = async (replies: Replies, code: number, step: string): Promise<void> => {
    const got = await replies.next();
    if (got !== code) throw new Error(`${step}: ${got}`);
  };
  await expect(greeting, 220, 'greeting');
  plain.write('EHLO load.test\r\n');
  await expect(greeting, 250, 'EHLO');
  plain.write('STARTTLS\r\n');
  await expect(greeting, 220, 'STARTTLS');
  plain.removeAllListeners('data');
  // The load does not judge the certificate: what is measured is the relay.
  const socket = connectTls({ socket: plain, rejectUnauthorized: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', () => resolve());
    socket.once('error', reject);
  });
  const replies = new Replies();
  replies.attach(socket);
  socket.write('EHLO load.test\r\n');
  await expect(replies, 250, 'EHLO');
  if (spec.credentials !== null) {
    const { user, password } = spec.credentials;
    socket.write(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString('base64')}\r\n`);
    await expect(replies, 235, 'AUTH');
  }
  return { socket, replies };
}

/** Text lines of 76 characters that differ from message to message. */
function content(spec: LoadSpec, number: number, to: string): Buffer {
  const head = [
    `From: Clinic <${spec.from}>`,
    `To: <${to}>`,
    `Subject: Message ${number} of the benchmark`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <bench.${number}@clinic.test>`,
    `X-Bench: ${number}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    '',
  ].join('\r\n');
  const line = `${number} ${'All of this text is written so that the message has the size it should. '.repeat(2)}`;
  const lines = `${line.slice(0, 76)}\r\n`;
  return Buffer.from(`${head}${lines.repeat(Math.ceil((spec.size - head.length) / lines.length))}.\r\n`);
}

async function run(spec: LoadSpec): Promise<LoadReport> {
  const accepted = new Array<number>(spec.messages).fill(0);
  const sessions = await Promise.all(Array.from({ length: spec.connections }, () => open(spec)));
  const startedAt = now();
  let next = 0;
  let refused = 0;
  await Promise.all(
    sessions.map(async ({ socket, replies }) => {
      for (;;) {
        const index = next;
        if (index >= spec.messages) break;
        next += 1;
        if (spec.perSecond !== null) {
          const early = startedAt + (index * 1000) / spec.perSecond - now();
          if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        }
        const to = spec.to[index % spec.to.length] ?? '';
        const body = content(spec, spec.first + index, to);
        socket.write(`MAIL FROM:<${spec.from}>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
        const codes = [await replies.next(), await replies.next(), await replies.next()];
        if (codes[2] !== 354) throw new Error(`envelope: ${codes.join(' ')}`);
        socket.write(body);
        const code = await replies.next();
        if (code === 250) accepted[index] = now();
        else refused += 1;
        if (code === 0) throw new Error('connection lost');
      }
    }),
  );
  const endedAt = now();
  for (const { socket } of sessions) socket.end('QUIT\r\n');
  return { accepted, startedAt, endedAt, refused };
}

process.on('disconnect', () => process.exit(0));
process.on('message', (spec: LoadSpec) => {
  run(spec).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
