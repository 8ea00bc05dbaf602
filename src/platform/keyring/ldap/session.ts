import { isIP, type Socket } from 'node:net';
import { getCACertificates, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { NetworkProfile } from '#core/network';
import { type ConnectFailure, safeConnect } from '#platform/net';
import { DerBroken } from '../der/read.ts';
import { AnswerTooLarge, Framing } from './framing.ts';
import { type Answer, readAnswer, startTlsRequest, unbindRequest } from './messages.ts';

/** Where an LDAP server is, and how its connection is protected. There is no unprotected one. */
export interface LdapServer {
  /** Name or address, without brackets. Its certificate must be made out to it. */
  readonly host: string;
  readonly port: number;
  readonly security: 'ldaps' | 'starttls';
  /** PEM of authorities trusted for this server beside the system's. */
  readonly authorities: readonly string[];
  /** PEM of a certificate of ours and its key, for servers that ask for one. */
  readonly identity?: { readonly certificate: string; readonly key: string } | null;
}

/** Why a server was not asked or has not answered. Codes only: what it says in words may name people. */
export type LdapFailure =
  | ConnectFailure
  | 'tls-not-offered'
  | 'tls-failed'
  | 'certificate-untrusted'
  | 'certificate-expired'
  | 'certificate-wrong-name'
  | 'credentials-refused'
  | 'base-not-found'
  | 'access-refused'
  | 'refused'
  | 'answer-unreadable'
  | 'answer-too-large'
  | 'closed';

/** RFC 4511 appendix A.1; null for what has no word of its own here. */
export function failureOfResult(code: number): LdapFailure | null {
  return RESULT_FAILURES[code] ?? null;
}

const RESULT_FAILURES: Readonly<Record<number, LdapFailure>> = {
  3: 'timeout', // timeLimitExceeded
  13: 'tls-not-offered', // confidentialityRequired
  32: 'base-not-found', // noSuchObject
  34: 'base-not-found', // invalidDNSyntax
  48: 'credentials-refused', // inappropriateAuthentication
  49: 'credentials-refused', // invalidCredentials
  50: 'access-refused', // insufficientAccessRights
};

export class LdapFailed extends Error {
  override readonly name = 'LdapFailed';
  readonly code: LdapFailure;
  constructor(code: LdapFailure) {
    super(code);
    this.code = code;
  }
}

/** One connection, protected and verified; requests go one after the other. */
export interface LdapSession {
  /** Sends a request and gives each answer to `take` until that returns true. Throws LdapFailed. */
  exchange(make: (id: number) => Buffer, take: (answer: Answer) => boolean): Promise<void>;
  /** Says good-bye where it can, and ends the connection. */
  close(): void;
}

/**
 * Connects (RFC 4511 §5, RFC 4513 §3), by STARTTLS or by TLS from the beginning, TLS 1.2 at least, and verifies the server's
 * certificate and name. Throws LdapFailed; when `deadline` aborts, whatever waits ends as `timeout`.
 */
export async function openLdap(
  server: LdapServer,
  network: Pick<NetworkProfile, 'resolver' | 'mayConnect' | 'extraRoots'>,
  deadline: AbortSignal,
  largestAnswer?: number,
): Promise<LdapSession> {
  const connected = await safeConnect(server.host, server.port, network, deadline);
  if (connected.kind === 'failed') throw new LdapFailed(connected.code);
  const { socket } = connected;
  try {
    if (server.security === 'starttls') await startTls(socket, deadline);
    const roots = [...network.extraRoots, ...server.authorities];
    const secure = await protect(socket, server.host, { roots, identity: server.identity ?? null }, deadline);
    return createSession(secure, deadline, 2, largestAnswer);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function startTls(socket: Socket, deadline: AbortSignal): Promise<void> {
  const framing = new Framing();
  let code: number | null = null;
  await converse(socket, framing, deadline, startTlsRequest(1), (answer) => {
    if (answer.kind !== 'result' || answer.of !== 'extended' || answer.id !== 1) throw new DerBroken('order');
    code = answer.code;
    return true;
  });
  if (code !== 0) throw new LdapFailed('tls-not-offered');
  // Octets behind the answer came in clear: nothing of them may count as said under TLS.
  if (framing.held > 0) throw new LdapFailed('answer-unreadable');
}

function protect(
  socket: Socket,
  host: string,
  {
    roots,
    identity,
  }: { readonly roots: readonly string[]; readonly identity: NonNullable<LdapServer['identity']> | null },
  deadline: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      minVersion: 'TLSv1.2',
      ...(identity === null ? {} : { cert: identity.certificate, key: identity.key }),
      ...(roots.length > 0 ? { ca: [...getCACertificates('default'), ...roots] } : {}),
    });
    const fail = (code: LdapFailure): void => {
      deadline.removeEventListener('abort', late);
      secure.destroy();
      reject(new LdapFailed(code));
    };
    const late = (): void => fail('timeout');
    const broken = (error: NodeJS.ErrnoException): void => fail(tlsFailure(error.code ?? ''));
    deadline.addEventListener('abort', late, { once: true });
    secure.once('error', broken);
    secure.once('secureConnect', () => {
      deadline.removeEventListener('abort', late);
      secure.removeListener('error', broken);
      resolve(secure);
    });
    if (deadline.aborted) late();
  });
}

function tlsFailure(code: string): LdapFailure {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'certificate-wrong-name';
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'certificate-expired';
  if (/ISSUER|SELF_SIGNED|CERT_UNTRUSTED|LEAF_SIGNATURE|INVALID_CA|CERT_/.test(code)) {
    return 'certificate-untrusted';
  }
  return 'tls-failed';
}

function createSession(
  socket: TLSSocket,
  deadline: AbortSignal,
  firstId: number,
  largestAnswer?: number,
): LdapSession {
  const framing = new Framing(largestAnswer);
  let id = firstId;
  return {
    async exchange(make, take) {
      const mine = id;
      id += 1;
      await converse(socket, framing, deadline, make(mine), (answer) => {
        // Id 0 is the server's own word: that it is about to go (RFC 4511 §4.4.1).
        if (answer.id === 0) throw new LdapFailed('closed');
        if (answer.id !== mine) throw new DerBroken('an answer to nothing');
        return take(answer);
      });
    },
    close() {
      socket.on('error', () => socket.destroy());
      socket.end(unbindRequest(id));
      socket.destroySoon();
    },
  };
}

/** Writes and reads until `take` has what it wants. Whatever a server does ends in LdapFailed. */
function converse(
  socket: Socket,
  framing: Framing,
  deadline: AbortSignal,
  request: Buffer,
  take: (answer: Answer) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (failure: unknown): void => {
      deadline.removeEventListener('abort', late);
      socket.off('data', read).off('error', broken).off('close', broken);
      if (failure === undefined) resolve();
      else {
        socket.on('error', () => socket.destroy()).destroy();
        reject(failure);
      }
    };
    const late = (): void => end(new LdapFailed('timeout'));
    const broken = (): void => end(new LdapFailed('closed'));
    const read = (chunk: Buffer): void => {
      try {
        let done = false;
        for (const octets of framing.push(chunk)) {
          if (done) throw new DerBroken('more than was asked for');
          done = take(readAnswer(octets));
        }
        if (done) end(undefined);
      } catch (error) {
        end(failureOf(error));
      }
    };
    deadline.addEventListener('abort', late, { once: true });
    socket.on('data', read).once('error', broken).once('close', broken);
    if (deadline.aborted) late();
    else socket.write(request);
  });
}

function failureOf(error: unknown): unknown {
  if (error instanceof DerBroken) return new LdapFailed('answer-unreadable');
  if (error instanceof AnswerTooLarge) return new LdapFailed('answer-too-large');
  return error;
}
