import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '#core/client-certificate';
import { DerBroken } from '../der/read.ts';
import { type Certificate, readCertificate } from './read-certificate.ts';

/** What the rest of the program sees of a client's certificate. */
export function describeClient(certificate: Certificate, trusted: boolean): ClientCertificate {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return {
    spki: createHash('sha256').update(spki).digest('base64url'),
    fingerprint: Buffer.from(certificate.fingerprint, 'hex').toString('base64url'),
    issuer: certificate.x509.issuer,
    subject: certificate.x509.subject,
    names: [...certificate.emails, ...certificate.principals].map((name) => name.toLowerCase()),
    notAfter: certificate.notAfter,
    trusted,
  };
}

const bySocket = new WeakMap<TLSSocket, { readonly read: Certificate; readonly verified: boolean } | null>();

/**
 * The certificate of a TLS connection's client, whose key was proved in the handshake; null where none was shown. Its names are
 * believed only when TLS found its chain good, and for as long as it is in its time.
 */
export function clientOfSocket(socket: unknown, at: Date): ClientCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  let own = bySocket.get(socket);
  if (own === undefined) {
    const shown = socket.getPeerX509Certificate();
    const read = shown === undefined ? null : certificateOrNull(shown.raw);
    own = read === null ? null : { read, verified: socket.authorized };
    bySocket.set(socket, own);
  }
  if (own === null) return null;
  return describeClient(own.read, own.verified && at >= own.read.notBefore && at <= own.read.notAfter);
}

/** Reads what a stranger sent; null for what is no certificate. */
export function certificateOrNull(raw: Buffer): Certificate | null {
  try {
    return readCertificate(raw);
  } catch (error) {
    // OpenSSL's refusals are plain errors with a code.
    if (error instanceof DerBroken || (error instanceof Error && 'code' in error)) return null;
    throw error;
  }
}
