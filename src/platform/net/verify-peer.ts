import type { X509Certificate } from 'node:crypto';
import type { FailureCode } from '#core/decision';
import type { PeerAuthentication } from '#core/transport';

/** What is known of a peer after the handshake and before anything but EHLO was said to it. */
interface PeerEvidence {
  /** The name that was asked for: MX or smart host, lower-case A-labels. */
  readonly host: string;
  readonly certificate: X509Certificate;
  /** Why the chain does not lead to a trusted root (OpenSSL's name for it); null when it does. */
  readonly chainError: string | null;
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
  verify(evidence: PeerEvidence): PeerVerdict;
}

/**
 * A certificate from a trusted root, valid now, that carries the host's name as a DNS subject alternative name
 * (RFC 5280, RFC 9525: the common name does not count; a wildcard stands for one whole label).
 */
export const pkixVerifier: PeerVerifier = {
  key: 'pkix',
  verify({ host, certificate, chainError }) {
    if (chainError !== null) return { kind: 'failed', code: chainFailure(chainError) };
    const named = certificate.checkHost(host, { subject: 'never', wildcards: true, partialWildcards: false });
    if (named === undefined) return { kind: 'failed', code: 'certificate-wrong-name' };
    return { kind: 'verified', by: 'pkix' };
  },
};

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
