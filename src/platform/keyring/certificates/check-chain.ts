import { OID } from '../der/oids.ts';
import { namesAllowed } from './general-names.ts';
import type { Certificate } from './read-certificate.ts';

/** Why a certificate does not protect this recipient now. `reason` is a code of ours. */
export interface ChainRefusal {
  readonly code: 'key-expired' | 'key-unusable' | 'key-untrusted';
  readonly reason: UnusableReason | null;
}

type UnusableReason =
  | 'not-yet-valid'
  | 'wrong-usage'
  | 'weak-signature'
  | 'weak-key'
  | 'other-address'
  | 'unknown-extension'
  | 'unknown-algorithm';

export type Checked =
  | {
      readonly kind: 'trusted';
      /** The certificate, what stands between, and the anchor at its end (the certificate alone when it is one). */
      readonly chain: readonly Certificate[];
    }
  | ({ readonly kind: 'refused' } & ChainRefusal);

export interface CheckRequest {
  readonly certificate: Certificate;
  /** What the sender or the administrator gave beside it. */
  readonly others: readonly Certificate[];
  /** Roots that the organisation trusts. */
  readonly anchors: readonly Certificate[];
  /** `local@domain` that must stand in the certificate; null where no address is asked for. */
  readonly address: string | null;
  /** `authenticate`: as the client of a TLS connection. */
  readonly purpose: 'encrypt' | 'sign' | 'authenticate';
  readonly at: Date;
}

const LONGEST = 6;
/** Signatures looked at in one search: a tangle of cross-certificates must not hold up a message. */
const MOST_STEPS = 100;
const LEAST_RSA_BITS = 2048;
const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/**
 * Everything about a certificate that needs no network: validity, use, strength, address, and a chain to an anchor
 * (RFC 5280 §6.1, RFC 8550 §4). Pure.
 */
export function checkCertificate(request: CheckRequest): Checked {
  const { certificate, address, purpose, at } = request;
  if (at > certificate.notAfter) return refused('key-expired', null);
  if (at < certificate.notBefore) return refused('key-unusable', 'not-yet-valid');
  const reason = unusable(certificate, purpose, address);
  if (reason !== null) return refused('key-unusable', reason);
  // An anchor is trusted because it was named, whoever signed it: so a certificate may be trusted by itself.
  const isAnchor = anchored(request.anchors, certificate);
  if (!isAnchor && certificate.signatureDigest === 'sha1') return refused('key-unusable', 'weak-signature');
  if (isAnchor) return { kind: 'trusted', chain: [certificate] };
  const chain = findChain(request, [certificate], { left: MOST_STEPS });
  return chain === null ? refused('key-untrusted', null) : { kind: 'trusted', chain };
}

function refused(code: ChainRefusal['code'], reason: UnusableReason | null): Checked {
  return { kind: 'refused', code, reason };
}

function anchored(anchors: readonly Certificate[], one: Certificate): boolean {
  return anchors.some((anchor) => anchor.fingerprint === one.fingerprint);
}

function unusable(
  certificate: Certificate,
  purpose: CheckRequest['purpose'],
  address: string | null,
): UnusableReason | null {
  if (certificate.unknownCritical) return 'unknown-extension';
  if (address !== null && !certificate.emails.some((email) => sameMailbox(email, address))) {
    return 'other-address';
  }
  const { purposes, key, usage } = certificate;
  // RFC 8550 §4.4.4: without the extension any purpose is meant.
  if (purposes !== null && !purposes.includes(oidOf(purpose)) && !purposes.includes(OID.anyUsage)) {
    return 'wrong-usage';
  }
  if (usage !== null && !usageFits(usage, key.kind, purpose)) return 'wrong-usage';
  return weakness(certificate);
}

const oidOf = (purpose: CheckRequest['purpose']): string =>
  purpose === 'authenticate' ? OID.clientAuthentication : OID.emailProtection;

function usageFits(
  usage: NonNullable<Certificate['usage']>,
  kind: Certificate['key']['kind'],
  purpose: CheckRequest['purpose'],
): boolean {
  if (purpose === 'sign') return usage.has('digitalSignature') || usage.has('nonRepudiation');
  if (purpose === 'authenticate') return usage.has('digitalSignature');
  return usage.has(kind === 'rsa' ? 'keyEncipherment' : 'keyAgreement');
}

/** RFC 8550 §4.3, and what no hospital should rely on any more. */
function weakness({ key, signatureDigest }: Certificate): UnusableReason | null {
  if (key.kind === 'rsa' && key.bits < LEAST_RSA_BITS) return 'weak-key';
  if (key.kind === 'other' || (key.kind === 'ec' && !CURVES.has(key.curve))) return 'unknown-algorithm';
  return signatureDigest === null ? 'unknown-algorithm' : null;
}

/** RFC 8550 §3: the domain without regard to case; the local part likewise, as nearly all mail systems have it. */
function sameMailbox(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Depth first from the end of the path towards an anchor; null when none is reached. */
function findChain(
  request: CheckRequest,
  path: readonly Certificate[],
  steps: { left: number },
): readonly Certificate[] | null {
  const last = path.at(-1);
  if (last === undefined || path.length >= LONGEST) return null;
  for (const candidate of [...request.anchors, ...request.others]) {
    if (path.some(({ fingerprint }) => fingerprint === candidate.fingerprint)) continue;
    if (!candidate.subjectName.equals(last.issuerName)) continue;
    const trusted = anchored(request.anchors, candidate);
    if (!mayIssue(candidate, path, trusted, request)) continue;
    steps.left -= 1;
    if (steps.left < 0) return null;
    if (!issued(last, candidate)) continue;
    const longer = [...path, candidate];
    if (trusted) return longer;
    const found = findChain(request, longer, steps);
    if (found !== null) return found;
  }
  return null;
}

/** Whether the candidate's key has signed it; one of another kind cannot have, and makes OpenSSL throw. */
function issued(certificate: Certificate, candidate: Certificate): boolean {
  try {
    return certificate.x509.verify(candidate.publicKey);
  } catch {
    return false;
  }
}

function mayIssue(
  issuer: Certificate,
  path: readonly Certificate[],
  trusted: boolean,
  { at, purpose }: Pick<CheckRequest, 'at' | 'purpose'>,
): boolean {
  const { authority, usage, purposes } = issuer;
  if (at < issuer.notBefore || at > issuer.notAfter || issuer.unknownCritical) return false;
  if (weakness(issuer) !== null) return false;
  // What an anchor's own signature is made with does not matter: nothing rests on it.
  if (!trusted && issuer.signatureDigest === 'sha1') return false;
  if (authority === null || (usage !== null && !usage.has('keyCertSign'))) return false;
  // Authorities below this one that are not self-issued count (RFC 5280 §4.2.1.9); the first of the path is none.
  const below = path.slice(1).filter((one) => !one.subjectName.equals(one.issuerName)).length;
  if (authority.depth !== null && below > authority.depth) return false;
  // RFC 8550 §4.4.4: an authority with purposes issues for these only.
  if (purposes !== null && !purposes.includes(oidOf(purpose)) && !purposes.includes(OID.anyUsage))
    return false;
  return path.every((one) => namesAllowed(one.emails, issuer.permitted, issuer.excluded));
}
