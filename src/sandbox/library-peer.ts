import { createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import type { Credentials } from './certificates.ts';
import type { PeerState } from './scripted-peer.ts';
import { refuseNobody } from './temperament.ts';

export interface LibraryPeerOptions {
  readonly credentials: Credentials;
  readonly offersTls: boolean;
}

/** A peer by the smtp-server library: somebody else's reading of the standard, to be tested against. */
export function createLibraryServer(
  state: PeerState,
  { credentials, offersTls }: LibraryPeerOptions,
): { readonly server: Server; readonly end: () => void } {
  const { record, mailboxes, host, now } = state;
  const smtp = new SMTPServer({
    ...credentials,
    name: host,
    banner: 'sandbox',
    authOptional: true,
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: false,
    disabledCommands: offersTls ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    logger: false,
    size: 52_428_800,
    onSecure(socket, _session, callback) {
      record.handshakes += 1;
      if (socket instanceof TLSSocket) tap(socket, (chunk) => record.received(chunk, true));
      callback();
    },
    onMailFrom(address, session, callback) {
      record.line(`${session.secure ? 'CS' : 'C'}: MAIL FROM:<${address.address}>`);
      callback();
    },
    onRcptTo(address, session, callback) {
      record.line(`${session.secure ? 'CS' : 'C'}: RCPT TO:<${address.address}>`);
      const refusal = refuseNobody(address.address);
      if (refusal === null) return callback();
      callback(Object.assign(new Error('no such user here'), { responseCode: 550, enhancedCode: '5.1.1' }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        record.messages += 1;
        const { mailFrom, rcptTo } = session.envelope;
        const envelopeFrom = mailFrom === false || mailFrom.address === '' ? null : mailFrom.address;
        const bytes = Buffer.concat(chunks);
        const tlsVersion = session.secure ? protocolOf(session.tlsOptions) : null;
        for (const { address } of rcptTo) {
          mailboxes.put({ envelopeFrom, receivedAt: now(), host, tlsVersion, bytes }, address);
        }
        callback();
      });
    },
  });
  smtp.on('error', () => undefined); // a client that breaks off is part of the play
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    record.connections += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    tap(socket, (chunk) => record.received(chunk, false));
    smtp.server.emit('connection', socket);
  });
  return {
    server,
    end: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

/** Looks at what arrives without setting the stream in motion: the library does that when it is ready. */
function tap(socket: Socket, look: (chunk: Buffer) => void): void {
  socket.on('data', look);
  socket.pause();
}

function protocolOf(cipher: unknown): string {
  const version =
    typeof cipher === 'object' && cipher !== null && 'version' in cipher ? cipher.version : null;
  return typeof version === 'string' ? version : 'TLS';
}
