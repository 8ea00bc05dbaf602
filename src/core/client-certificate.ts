/** A certificate whose private key the peer has proved to hold: in our own TLS, or to a proxy that we were told to believe. */
export interface ClientCertificate {
  /** SHA-256 of the SubjectPublicKeyInfo, base64url. It outlives a renewal with the same key. */
  readonly spki: string;
  /** SHA-256 of the whole certificate, base64url: `x5t#S256` of RFC 8705. */
  readonly fingerprint: string;
  /** Distinguished names, one attribute a line, as Node writes them. */
  readonly issuer: string;
  readonly subject: string;
  /** Mail addresses and user principal names among its alternative names, lower case. */
  readonly names: readonly string[];
  /** Until when it is good by its own word. */
  readonly notAfter: Date;
  /** It stands under an authority that the operator named for client certificates, and is in its time. */
  readonly trusted: boolean;
}

/**
 * What a key asks of the connection: a certificate by its public key, or one of a trusted authority by its names; and what a
 * token asks for that was bound to the very certificate it was fetched with (RFC 8705).
 */
export type CertificateDemand =
  | { readonly spki: string }
  | { readonly fingerprint: string }
  | { readonly issuer: string; readonly subject: string };

/** Whether the connection's certificate is the one demanded. */
export function meetsDemand(certificate: ClientCertificate | null, demand: CertificateDemand): boolean {
  if (certificate === null) return false;
  if ('spki' in demand) return certificate.spki === demand.spki;
  if ('fingerprint' in demand) return certificate.fingerprint === demand.fingerprint;
  // Names say something only under an authority that was named: anybody writes any name into their own.
  return (
    certificate.trusted && certificate.issuer === demand.issuer && certificate.subject === demand.subject
  );
}
