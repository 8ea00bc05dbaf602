import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import type { FailureCode } from '#core/decision';
import type { TransportFacts } from '#core/transport';
import { VERIFIED_PEER_CIPHERS } from '#platform/runtime';
import type { PeerVerdict, PeerVerifier } from './verify-peer.ts';

export type TlsMinimum = '1.2' | '1.3';

export interface TlsUpgrade {
  readonly host: string;
  readonly minimum: TlsMinimum;
  /** Nothing above it is offered: to find out what a peer takes. Absent: the newest. */
  readonly maximum?: TlsMinimum | undefined;
  readonly roots: readonly string[];
  readonly timeoutMs: number;
  /** False where the other choice is no TLS at all. */
  readonly forwardSecret: boolean;
  /** Null: encryption alone is asked for. */
  readonly verifier: PeerVerifier | null;
}

export type TlsUpgraded =
  | {
      readonly kind: 'secured';
      readonly socket: TLSSocket;
      /** What the verifier said; null when none was asked. */
      readonly verdict: PeerVerdict | null;
      readonly facts: TlsFacts;
    }
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly reason: string };

/** The TLS part of the transport facts. */
type TlsFacts = Pick<
  TransportFacts,
  | 'tlsVersion'
  | 'cipher'
  | 'certificateFingerprint'
  | 'certificateSubject'
  | 'certificateIssuer'
  | 'certificateNotAfter'
>;

/**
 * Does the TLS handshake on a connected socket and judges the peer. The handshake itself is let through whatever
 * the certificate, so that facts about a bad one can be shown; the verdict is what a caller must act on before it
 * says anything that matters.
 */
export function upgradeToTls(plain: Socket, upgrade: TlsUpgrade): Promise<TlsUpgraded> {
  return new Promise((resolve) => {
    plain.on('error', () => undefined); // from here on the TLS socket reports
    const socket = connect({
      socket: plain,
      secureContext: secureContext(upgrade),
      ...(isIP(upgrade.host) === 0 ? { servername: upgrade.verifier?.serverName ?? upgrade.host } : {}),
      rejectUnauthorized: false,
      // The name is judged by the verifier: authorizationError then speaks of the chain alone.
      checkServerIdentity: () => undefined,
    });
    const fail = (code: FailureCode, reason: string): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => undefined); // what a destroyed socket still reports is of no interest
      socket.destroy();
      plain.destroy();
      resolve({ kind: 'failed', code, reason });
    };
    const timer = setTimeout(() => fail('tls-handshake-failed', 'timeout'), upgrade.timeoutMs);
    socket.once('error', (error: NodeJS.ErrnoException) =>
      fail(handshakeFailure(error.code), reasonOf(error)),
    );
    socket.once('close', () => fail('tls-handshake-failed', 'closed'));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      socket.removeAllListeners('close');
      const certificate = socket.getPeerX509Certificate();
      if (certificate === undefined) return fail('certificate-untrusted', 'none');
      const chainError = socket.authorized ? null : errorName(socket.authorizationError);
      const evidence = {
        host: upgrade.host,
        certificate,
        chain: chainOf(certificate),
        chainError,
        at: new Date(),
      };
      const verdict = upgrade.verifier?.verify(evidence) ?? null;
      resolve({ kind: 'secured', socket, verdict, facts: tlsFacts(socket, certificate) });
    });
  });
}

/** More than anybody needs; a peer could send a long one to keep us busy. */
const LONGEST_CHAIN = 10;

/** The certificate and its issuers, as far as the peer sent them. */
function chainOf(certificate: X509Certificate): X509Certificate[] {
  const chain = [certificate];
  for (let next = certificate.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    const seen = chain.some((one) => one.fingerprint256 === next?.fingerprint256);
    if (seen || chain.length === LONGEST_CHAIN) break;
    chain.push(next);
  }
  return chain;
}

/** What was negotiated and presented. */
function tlsFacts(socket: TLSSocket, certificate: X509Certificate): TlsFacts {
  return {
    tlsVersion: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    certificateFingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    certificateSubject: oneLine(certificate.subject),
    certificateIssuer: oneLine(certificate.issuer),
    certificateNotAfter: new Date(certificate.validTo),
  };
}

/** Names from a certificate are the peer's free text: one line, bounded, no half of a surrogate pair, no control. */
function oneLine(name: string | undefined): string {
  return (name ?? '')
    .replaceAll('\n', ', ')
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, 300)
    .toWellFormed();
}

/** Node types this as Error and fills in a string. */
function errorName(error: unknown): string {
  if (typeof error === 'string') return error;
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}

function handshakeFailure(code: string | undefined): FailureCode {
  return /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|UNSUPPORTED_SSL/.test(code ?? '')
    ? 'tls-version-too-low'
    : 'tls-handshake-failed';
}

/** OpenSSL's or the system's name for the failure, without addresses. */
function reasonOf(error: NodeJS.ErrnoException): string {
  return (error.code ?? 'unknown').slice(0, 60);
}

// Reading the roots costs milliseconds, and profiles have few sets of them: contexts are kept by the set's identity.
const contexts = new WeakMap<readonly string[], Map<string, SecureContext>>();

function secureContext({ roots, minimum, maximum = '1.3', forwardSecret }: TlsUpgrade): SecureContext {
  const held = contexts.get(roots) ?? new Map<string, SecureContext>();
  contexts.set(roots, held);
  const name = `${minimum}-${maximum}-${forwardSecret}`;
  let context = held.get(name);
  if (context === undefined) {
    context = createSecureContext({
      minVersion: `TLSv${minimum}`,
      maxVersion: `TLSv${maximum}`,
      ...(forwardSecret ? { ciphers: VERIFIED_PEER_CIPHERS } : {}),
      ...(roots.length > 0 ? { ca: [...getCACertificates('default'), ...roots] } : {}),
    });
    held.set(name, context);
  }
  return context;
}
