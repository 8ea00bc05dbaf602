import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '#core/client-certificate';
import { DerBroken } from '../der/read.ts';
import { checkCertificate } from './check-chain.ts';
import { type Certificate, readCertificate } from './read-certificate.ts';

const chains = new WeakMap<ClientCertificate, readonly Certificate[]>();

/** The way from a described certificate to the authority that was named; null where it is not known. */
export function chainOf(client: ClientCertificate): readonly Certificate[] | null {
  return chains.get(client) ?? null;
}

/** What the rest of the program sees of a client's certificate. `chain`: from it to the authority that makes it trusted. */
export function describeClient(
  certificate: Certificate,
  trusted: boolean,
  chain: readonly Certificate[] | null = null,
): ClientCertificate {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const described: ClientCertificate = {
    spki: createHash('sha256').update(spki).digest('base64url'),
    fingerprint: Buffer.from(certificate.fingerprint, 'hex').toString('base64url'),
    issuer: certificate.x509.issuer,
    subject: certificate.x509.subject,
    names: [...certificate.emails, ...certificate.principals].map((name) => name.toLowerCase()),
    notAfter: certificate.notAfter,
    trusted,
  };
  if (chain !== null) chains.set(described, chain);
  return described;
}

interface OfSocket {
  readonly read: Certificate;
  readonly verified: boolean;
  readonly chain: readonly Certificate[] | null;
}

const bySocket = new WeakMap<TLSSocket, OfSocket | null>();

/**
 * The certificate of a TLS connection's client, whose key was proved in the handshake; null where none was shown. Its names are
 * believed only when TLS found its chain to `authorities` good, and for as long as it is in its time.
 */
export function clientOfSocket(
  socket: unknown,
  at: Date,
  authorities: readonly Certificate[],
): ClientCertificate | null {
  if (!(socket instanceof TLSSocket)) return null;
  let own = bySocket.get(socket);
  if (own === undefined) {
    const shown = socket.getPeerX509Certificate();
    const read = shown === undefined ? null : certificateOrNull(shown.raw);
    const verified = socket.authorized;
    own = read === null ? null : { read, verified, chain: verified ? chainFor(read, authorities, at) : null };
    bySocket.set(socket, own);
  }
  if (own === null) return null;
  const { read, verified, chain } = own;
  return describeClient(read, verified && at >= read.notBefore && at <= read.notAfter, chain);
}

/**
 * TLS has found the chain good, and does not tell a server what it was made of: it is found again where the issuer itself is among
 * the authorities that were named.
 */
function chainFor(
  certificate: Certificate,
  anchors: readonly Certificate[],
  at: Date,
): readonly Certificate[] | null {
  const asked = { certificate, others: [], anchors, address: null, at } as const;
  const checked = checkCertificate({ ...asked, purpose: 'authenticate' });
  return checked.kind === 'trusted' ? checked.chain : null;
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
