import { OID } from '../der/oids.ts';
import { childrenOf, DerBroken, expectTag, readBits, readDer, readTime } from '../der/read.ts';
import type { Certificate } from './read-certificate.ts';
import { readExtensions } from './read-certificate.ts';
import { signatureFits } from './signature-digest.ts';

/** A whole, genuine list of one issuer (RFC 5280 §5). */
export interface RevocationList {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
  /** Serial numbers as hex of their INTEGER contents. */
  readonly revoked: ReadonlySet<string>;
}

const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.crlNumber,
  OID.authorityKeyId,
  OID.issuingDistributionPoint,
]);

/**
 * Reads a list (DER or PEM) that `issuer` must have signed. Throws DerBroken for one that is not its, is a delta, is
 * indirect or covers only some reasons or kinds of certificates.
 */
export function readRevocationList(octets: Buffer, issuer: Certificate): RevocationList {
  const [tbs, signatureAlgorithm, signature] = childrenOf(readDer(fromPem(octets)));
  const fields = childrenOf(expectTag(tbs, 0x30));
  const versioned = fields[0]?.tag === 0x02 ? 1 : 0;
  const [, name, thisUpdate, ...rest] = fields.slice(versioned);
  if (!expectTag(name, 0x30).raw.equals(issuer.subjectName)) throw new DerBroken('a list of another issuer');
  if (issuer.usage !== null && !issuer.usage.has('cRLSign')) throw new DerBroken('not an issuer of lists');
  if (!signatureFits(signatureAlgorithm, expectTag(tbs, 0x30).raw, issuer.publicKey, readBits(signature))) {
    throw new DerBroken('a list that is not genuine');
  }
  const extensions = readExtensions(rest.find(({ tag }) => tag === 0xa0));
  refuseOtherKinds(extensions);
  const next = rest[0]?.tag === 0x17 || rest[0]?.tag === 0x18 ? readTime(rest[0]) : null;
  const entries = rest.find(({ tag }) => tag === 0x30);
  const revoked = new Set<string>();
  for (const entry of entries === undefined ? [] : childrenOf(entries)) {
    revoked.add(expectTag(childrenOf(entry)[0], 0x02).contents.toString('hex'));
  }
  return { thisUpdate: readTime(thisUpdate), nextUpdate: next, revoked };
}

function refuseOtherKinds(extensions: ReturnType<typeof readExtensions>): void {
  for (const [oid, { critical }] of extensions) {
    if (critical && !UNDERSTOOD.has(oid)) throw new DerBroken('a list of a kind that is not known');
  }
  const point = extensions.get(OID.issuingDistributionPoint)?.value;
  if (point === undefined) return;
  // [0] names the point; [1] user certificates only is what these are. Anything else leaves certificates out.
  if (childrenOf(point).some(({ tag }) => tag !== 0xa0 && tag !== 0x81)) {
    throw new DerBroken('a list that is not whole');
  }
}

function fromPem(octets: Buffer): Buffer {
  if (!octets.subarray(0, 11).equals(Buffer.from('-----BEGIN '))) return octets;
  const body = /-----BEGIN X509 CRL-----([\s\S]+?)-----END/.exec(octets.toString('latin1'))?.[1] ?? '';
  return Buffer.from(body, 'base64');
}
