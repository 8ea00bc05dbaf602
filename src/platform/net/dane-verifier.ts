import { createHash, type X509Certificate } from 'node:crypto';
import type { TlsaRecord } from '#core/network';
import { readCertificate } from './certificate-der.ts';
import { DANE_EE, DANE_TA, namesCertificate } from './tlsa.ts';
import { namedInCertificate, type PeerEvidence, type PeerVerdict, type PeerVerifier } from './verify-peer.ts';

export interface DaneReference {
  /** Usable records only; at least one. */
  readonly records: readonly TlsaRecord[];
  /** The name that the records stand at: SNI, and the first name to look for (RFC 7672 §3.2). */
  readonly base: string;
  /** Further names that the certificate may carry: MX host and recipient's domain, both by secure answers. */
  readonly alsoNames: readonly string[];
}

/**
 * Judges a peer by TLSA records (RFC 7672 §3). DANE-EE: the certificate or key is the named one; names, dates and who
 * signed it do not matter (§3.1.1). DANE-TA: the presented chain leads to the named authority, is valid now, and carries
 * one of the names (§3.1.2). Neither looks at the system's roots.
 */
export function daneVerifier({ records, base, alsoNames }: DaneReference): PeerVerifier {
  const names = [...new Set([base, ...alsoNames])];
  const hash = createHash('sha256').update(names.join(' '));
  // Connections are shared only where the very same records would have let them through.
  for (const text of records.map(recordText).sort()) hash.update(`\n${text}`);
  return {
    key: `dane ${hash.digest('base64url')}`,
    serverName: base,
    verify(evidence) {
      const ee = records.filter(({ usage }) => usage === DANE_EE);
      if (ee.some((record) => namesCertificate(record, evidence.certificate))) {
        return { kind: 'verified', by: 'dane' };
      }
      return byAuthority(
        records.filter(({ usage }) => usage === DANE_TA),
        names,
        evidence,
      );
    },
  };
}

function recordText({ usage, selector, matching, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matching} ${data.toString('hex')}`;
}

function byAuthority(
  records: readonly TlsaRecord[],
  names: readonly string[],
  { certificate, chain, at }: PeerEvidence,
): PeerVerdict {
  // The authority is never the server's own certificate: that would be usage 3.
  const place = chain.findIndex(
    (one, index) => index > 0 && records.some((record) => namesCertificate(record, one)),
  );
  if (place === -1) return { kind: 'failed', code: 'dane-mismatch' };
  const path = chain.slice(0, place + 1);
  if (!path.every((one) => at >= new Date(one.validFrom) && at <= new Date(one.validTo))) {
    return { kind: 'failed', code: 'certificate-expired' };
  }
  if (!path.every((one, index) => mayStand(one, index, path[index + 1]))) {
    return { kind: 'failed', code: 'certificate-untrusted' };
  }
  if (!names.some((name) => namedInCertificate(certificate, name))) {
    return { kind: 'failed', code: 'certificate-wrong-name' };
  }
  return { kind: 'verified', by: 'dane' };
}

const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const ANY_EXTENDED_USAGE = '2.5.29.37.0';

/**
 * Whether a certificate may stand at this place of a path (0 is the server's) and is signed by the next one. Stricter than
 * RFC 5280 §6 where that costs little code: what constrains names or is critical and unknown ends the path.
 */
function mayStand(one: X509Certificate, index: number, issuer: X509Certificate | undefined): boolean {
  const facts = readCertificate(one.raw);
  if (facts === null || facts.constrained) return false;
  if (index > 0 && (!one.ca || (facts.pathLength !== null && facts.pathLength < index - 1))) return false;
  const usages = one.keyUsage; // Node's name for the extended key usages
  if (
    usages !== undefined &&
    !usages.some((use) => use === SERVER_AUTHENTICATION || use === ANY_EXTENDED_USAGE)
  )
    return false;
  if (issuer === undefined) return true;
  // checkIssued looks at names, key identifiers and the issuer's right to sign certificates; verify at the signature.
  return !WEAK.test(one.signatureAlgorithm ?? '') && one.checkIssued(issuer) && one.verify(issuer.publicKey);
}

/** Digests that somebody can forge a signature under. */
const WEAK = /md[245]|sha-?1(?!\d)/i;
