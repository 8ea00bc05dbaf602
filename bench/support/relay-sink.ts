// The receiving end of the relay benchmark: a minimal SMTP server with STARTTLS in a process of its own. It takes
// everything, notes when it acknowledged each message (by the number in its X-Bench field) and keeps nothing else.
import { createServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';

export interface SinkSpec {
  readonly host: string;
  readonly cert: string;
  readonly key: string;
}

/** When each message was acknowledged, in milliseconds since the epoch by its number; 0: not yet. */
export interface SinkReport {
  readonly arrivals: readonly number[];
  /** Acknowledged again after the first time. */
  readonly repeated: number;
  /** Messages that came in clear. */
  readonly clear: number;
  readonly connections: number;
  /** Versions and ciphers seen, with how many connections. */
  readonly ciphers: Readonly<Record<string, number>>;
}

const END = Buffer.from('\r\n.\r\n');
const MARK = Buffer.from('X-Bench: ');

const report = {
  arrivals: [] as number[],
  repeated: 0,
  clear: 0,
  connections: 0,
  ciphers: {} as Record<string, number>,
};

const now = (): number => performance.timeOrigin + performance.now();

function note(number: number, secure: boolean): void {
  if (!secure) report.clear += 1;
  while (report.arrivals.length <= number) report.arrivals.push(0);
  if (report.arrivals[number] === 0) report.arrivals[number] = now();
  else report.repeated += 1;
}

class Connection {
  readonly #host: string;
  readonly #context: SecureContext;
  #socket: Socket;
  #secure = false;
  #input: Buffer = Buffer.alloc(0);
  #inData = false;
  /** Chunks of the message so far are not kept: only its number and the last octets, for an end mark cut in two. */
  #number = -1;

  constructor(socket: Socket, host: string, context: SecureContext) {
    this.#socket = socket;
    this.#host = host;
    this.#context = context;
    report.connections += 1;
    this.#listen(socket);
    socket.write(`220 ${host} ESMTP\r\n`);
  }

  #listen(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // a client that leaves
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  #take(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    let answer = '';
    for (;;) {
      const more = this.#inData ? this.#content() : this.#command();
      if (more === null) break;
      answer += more;
    }
    if (answer !== '') this.#socket.write(answer, 'latin1');
  }

  #content(): string | null {
    if (this.#number === -1) {
      const at = this.#input.indexOf(MARK);
      if (at !== -1 && this.#input.length > at + MARK.length + 12) {
        this.#number = Number.parseInt(
          this.#input.toString('latin1', at + MARK.length, at + MARK.length + 12),
          10,
        );
      }
    }
    const end = this.#input.indexOf(END);
    if (end === -1) {
      // Far into the body only the tail matters; before the number was seen everything does.
      if (this.#number !== -1 && this.#input.length > END.length)
        this.#input = this.#input.subarray(-END.length);
      return null;
    }
    this.#input = this.#input.subarray(end + END.length);
    this.#inData = false;
    if (this.#number >= 0) note(this.#number, this.#secure);
    this.#number = -1;
    return '250 2.0.0 ok\r\n';
  }

  #command(): string | null {
    const end = this.#input.indexOf('\r\n');
    if (end === -1) return null;
    const verb = this.#input.toString('latin1', 0, Math.min(end, 4)).toUpperCase();
    this.#input = this.#input.subarray(end + 2);
    switch (verb) {
      case 'EHLO':
        return `250-${this.#host}\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n${this.#secure ? '' : '250-STARTTLS\r\n'}250 ENHANCEDSTATUSCODES\r\n`;
      case 'STAR':
        this.#startTls();
        return null;
      case 'MAIL':
      case 'RCPT':
      case 'RSET':
      case 'NOOP':
        return '250 2.0.0 ok\r\n';
      case 'DATA':
        this.#inData = true;
        return '354 go\r\n';
      case 'QUIT':
        this.#socket.end('221 2.0.0 bye\r\n');
        return null;
      default:
        return '500 5.5.1 what\r\n';
    }
  }

  #startTls(): void {
    const plain = this.#socket;
    plain.write('220 2.0.0 go\r\n');
    plain.removeAllListeners('data');
    const socket = new TLSSocket(plain, { isServer: true, secureContext: this.#context });
    socket.on('secure', () => {
      const name = `${socket.getProtocol() ?? '?'} ${socket.getCipher().name}`;
      report.ciphers[name] = (report.ciphers[name] ?? 0) + 1;
    });
    this.#socket = socket;
    this.#secure = true;
    this.#input = Buffer.alloc(0);
    this.#listen(socket);
  }
}

process.on('disconnect', () => process.exit(0));
process.on('message', (message: SinkSpec | 'report' | 'reset') => {
  if (message === 'report') {
    process.send?.(report);
    return;
  }
  if (message === 'reset') {
    Object.assign(report, { arrivals: [], repeated: 0, clear: 0, connections: 0, ciphers: {} });
    process.send?.('done');
    return;
  }
  const context = createSecureContext({ cert: message.cert, key: message.key });
  const server = createServer((socket) => new Connection(socket, message.host, context));
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(typeof address === 'object' ? (address?.port ?? 0) : 0);
  });
});
