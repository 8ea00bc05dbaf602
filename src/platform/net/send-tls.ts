import { isIP, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { NetworkProfile } from '#core/network';
import { type ConnectFailure, safeConnect } from './safe-connect.ts';

export interface TlsDestination {
  /** A name, or an address, that the server's certificate must be made out to. */
  readonly host: string;
  readonly port: number;
  /** PEM authorities that are trusted in place of the system's; null: the system's. */
  readonly authorities: string | null;
  /** PEM certificate and key that we show when asked; null: none. */
  readonly client: { readonly certificate: string; readonly key: string } | null;
}

export type SentByTls =
  /** The peer has taken everything: it answered our end of the TLS session with its own. */
  | { readonly kind: 'taken' }
  /** Some of it may have arrived. `detail` is a code of the TLS library. */
  | {
      readonly kind: 'failed';
      readonly code: ConnectFailure | 'tls-failed' | 'broken-off';
      readonly detail: string | null;
    };

/**
 * Opens a TLS session (1.2 or higher, the server verified), writes all chunks, ends the session and waits for the peer's
 * own closure alert. A protocol without answers, such as syslog, tells no other way whether what was written arrived:
 * a connection that merely ends, at whichever hand, counts as broken off. Never throws for what a peer does.
 */
export async function sendByTls(
  destination: TlsDestination,
  chunks: AsyncIterable<Uint8Array>,
  network: Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>,
  deadline: AbortSignal,
): Promise<SentByTls> {
  const connected = await safeConnect(destination.host, destination.port, network, deadline);
  if (connected.kind === 'failed') return { ...connected, detail: null };
  const { socket } = connected;
  const records = new RecordReader();
  try {
    return await writeAll(watched(socket, records), records, destination, chunks, network, deadline);
  } finally {
    socket.destroy();
  }
}

function writeAll(
  carrier: Duplex,
  records: RecordReader,
  { host, authorities, client }: TlsDestination,
  chunks: AsyncIterable<Uint8Array>,
  network: Pick<NetworkProfile, 'extraRoots'>,
  deadline: AbortSignal,
): Promise<SentByTls> {
  const failed = (code: 'tls-failed' | 'broken-off' | 'timeout', detail: string | null): SentByTls => ({
    ...{ kind: 'failed', code, detail },
  });
  return new Promise((resolve) => {
    const session = connectTls({
      socket: carrier,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      host,
      ca: authorities === null ? [...rootCertificates, ...network.extraRoots] : [authorities],
      ...(client === null ? {} : { cert: client.certificate, key: client.key }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
    });
    let secured = false;
    let written = false;
    const end = (outcome: SentByTls): void => {
      deadline.removeEventListener('abort', late);
      session.destroy();
      carrier.destroy();
      resolve(outcome);
    };
    const late = (): void => end(failed('timeout', null));
    deadline.addEventListener('abort', late, { once: true });
    if (deadline.aborted) late();
    session.on('error', (error: NodeJS.ErrnoException) =>
      end(failed(secured ? 'broken-off' : 'tls-failed', error.code ?? null)),
    );
    carrier.on('error', () => end(failed('broken-off', null)));
    session.on('close', () => end(failed('broken-off', null)));
    session.on('end', () =>
      end(written && records.saidGoodbye() ? { kind: 'taken' } : failed('broken-off', null)),
    );
    session.resume();
    session.once('secureConnect', () => {
      secured = true;
      pour(chunks, session, deadline).then(
        () => {
          written = true;
          session.end();
        },
        () => end(failed('broken-off', null)),
      );
    });
  });
}

/** Writes with the peer's pace. */
async function pour(chunks: AsyncIterable<Uint8Array>, into: Duplex, deadline: AbortSignal): Promise<void> {
  for await (const chunk of chunks) {
    if (into.destroyed || deadline.aborted) throw new Error('the connection is gone');
    if (into.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        into.off('drain', go);
        into.off('close', go);
        resolve();
      };
      into.on('drain', go);
      into.on('close', go);
    });
  }
}

/** A socket as a plain stream, with what comes in shown to the reader of records. */
function watched(socket: Socket, records: RecordReader): Duplex {
  const carrier = new Duplex({
    allowHalfOpen: true,
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => {
    records.take(chunk);
    if (!carrier.push(chunk)) socket.pause();
  });
  socket.on('end', () => carrier.push(null));
  socket.on('error', (error) => carrier.destroy(error));
  return carrier;
}

const ALERT = 21;
const APPLICATION_DATA = 23;
/** An alert of TLS 1.3 on the wire: two octets, the hidden type, and the tag of 16 (RFC 8446, 5.2). */
const SEALED_ALERT = 2 + 1 + 16;

/** Follows the peer's TLS records by their headers (five octets: type, version, length), whatever they hold. */
class RecordReader {
  readonly #header = Buffer.alloc(5);
  #have = 0;
  #left = 0;
  #last = { type: 0, length: 0 };

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        this.#left -= step;
        at += step;
        continue;
      }
      this.#header[this.#have] = chunk[at] ?? 0;
      this.#have += 1;
      at += 1;
      if (this.#have < 5) continue;
      this.#have = 0;
      this.#left = this.#header.readUInt16BE(3);
      this.#last = { type: this.#header[0] ?? 0, length: this.#left };
    }
  }

  /** Whether the last thing that came, whole, was an alert; one that is fatal is an error of the session besides. */
  saidGoodbye(): boolean {
    const { type, length } = this.#last;
    const alert = type === ALERT || (type === APPLICATION_DATA && length === SEALED_ALERT);
    return alert && this.#left === 0 && this.#have === 0;
  }
}
