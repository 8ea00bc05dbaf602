import type { X509Certificate } from 'node:crypto';
import type { FailureCode } from '#core/decision';
import type { PeerAuthentication } from '#core/transport';

/** What is known of a peer after the handshake and before anything but EHLO was said to it. */
export interface PeerEvidence {
  /** The name that was asked for: MX or smart host, lower-case A-labels. */
  readonly host: string;
  readonly certificate: X509Certificate;
  /** The certificate and those that the peer sent to vouch for it, each followed by its issuer. */
  readonly chain: readonly X509Certificate[];
  /** Why the chain does not lead to a trusted root (OpenSSL's name for it); null when it does. */
  readonly chainError: string | null;
  /** When it was presented. */
  readonly at: Date;
}

export type PeerVerdict =
  | { readonly kind: 'verified'; readonly by: Exclude<PeerAuthentication, 'none'> }
  | { readonly kind: 'failed'; readonly code: FailureCode };

/**
 * Judges whether a peer is who it should be (SL-3). Every way of verifying is one of these: certificate chain and
 * name here; DANE and MTA-STS look at the same evidence with what they learned from DNS and the web.
 */
export interface PeerVerifier {
  /** Connections are shared only between sends whose verifier has the same key. */
  readonly key: string;
  /** The name to ask for in the handshake (SNI), where it is not the host's. */
  readonly serverName?: string;
  verify(evidence: PeerEvidence): PeerVerdict;
}

/**
 * A certificate from a trusted root, valid now, that carries the host's name as a DNS subject alternative name
 * (RFC 5280, RFC 9525: the common name does not count; a wildcard stands for one whole label).
 */
export const pkixVerifier: PeerVerifier = {
  key: 'pkix',
  verify: (evidence) => byPublicAuthority(evidence, 'pkix'),
};

/**
 * The same where the domain's enforced MTA-STS policy lists the host, which the caller has seen to (RFC 8461 §4.2): then
 * the domain itself has said that the host takes its mail, and not only DNS.
 */
export const mtaStsVerifier: PeerVerifier = {
  key: 'mta-sts',
  verify: (evidence) => byPublicAuthority(evidence, 'mta-sts'),
};

function byPublicAuthority(
  { host, certificate, chainError }: PeerEvidence,
  by: 'pkix' | 'mta-sts',
): PeerVerdict {
  if (chainError !== null) return { kind: 'failed', code: chainFailure(chainError) };
  if (!namedInCertificate(certificate, host)) return { kind: 'failed', code: 'certificate-wrong-name' };
  return { kind: 'verified', by };
}

/** Whether the certificate carries that DNS name. */
export function namedInCertificate(certificate: X509Certificate, name: string): boolean {
  const named = certificate.checkHost(name, { subject: 'never', wildcards: true, partialWildcards: false });
  return named !== undefined;
}

function chainFailure(chainError: string): FailureCode {
  switch (chainError) {
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'certificate-expired';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return 'certificate-self-signed';
    default:
      return 'certificate-untrusted';
  }
}
