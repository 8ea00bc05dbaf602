import { createHash } from 'node:crypto';
import { OID } from '../der/oids.ts';
import {
  childrenOf,
  DerBroken,
  type DerNode,
  expectTag,
  readBits,
  readDer,
  readOctets,
  readOid,
  readTime,
} from '../der/read.ts';
import { algorithm, nothing, octetString, sequence } from '../der/write.ts';
import { type Certificate, readCertificate } from './read-certificate.ts';
import { digestOf, signatureFits } from './signature-digest.ts';

/** What an OCSP responder (RFC 6960) says of one certificate. */
export interface OcspAnswer {
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
}

/** A request for one certificate. SHA-1 only names it here (RFC 5019 §2.1.1): other hashes are not answered in the field. */
export function ocspRequest(certificate: Certificate, issuer: Certificate): Buffer {
  const sha1 = (octets: Buffer) => octetString(createHash('sha1').update(octets).digest());
  const id = sequence(
    algorithm(OID.sha1, nothing),
    sha1(issuer.subjectName),
    sha1(issuer.keyOctets),
    certificate.serial,
  );
  return sequence(sequence(sequence(sequence(id))));
}

/**
 * Reads an answer about `certificate`: signed by its issuer, or by a responder that the issuer has certified for it
 * (§4.2.2.2). Throws DerBroken for anything else.
 */
export function readOcspAnswer(
  octets: Buffer,
  certificate: Certificate,
  issuer: Certificate,
  at: Date,
): OcspAnswer {
  const [status, wrapped] = childrenOf(readDer(octets));
  if (expectTag(status, 0x0a).contents[0] !== 0) throw new DerBroken('the responder did not answer');
  const [kind, body] = childrenOf(expectTag(childrenOf(expectTag(wrapped, 0xa0))[0], 0x30));
  if (readOid(kind) !== OID.ocspBasic) throw new DerBroken('an answer of another kind');
  const [data, signatureAlgorithm, signature, certificates] = childrenOf(readDer(readOctets(body)));
  const signed = expectTag(data, 0x30).raw;
  const genuine = responders(certificates, issuer, at).some((one) =>
    signatureFits(signatureAlgorithm, signed, one.publicKey, readBits(signature)),
  );
  if (!genuine) throw new DerBroken('an answer that is not genuine');
  const fields = childrenOf(expectTag(data, 0x30));
  const list = fields.find(({ tag }) => tag === 0x30);
  for (const one of childrenOf(expectTag(list, 0x30))) {
    const found = readSingle(one, certificate, issuer);
    if (found !== null) return found;
  }
  throw new DerBroken('an answer about other certificates');
}

function responders(wrapped: DerNode | undefined, issuer: Certificate, at: Date): Certificate[] {
  const given = wrapped === undefined ? [] : childrenOf(expectTag(childrenOf(wrapped)[0], 0x30));
  const delegated = given
    .slice(0, 5)
    .map(({ raw }) => readCertificate(raw))
    .filter(
      (one) =>
        one.purposes?.includes(OID.ocspSigning) === true &&
        one.issuerName.equals(issuer.subjectName) &&
        one.signatureDigest !== null &&
        one.signatureDigest !== 'sha1' &&
        at >= one.notBefore &&
        at <= one.notAfter &&
        one.x509.verify(issuer.publicKey),
    );
  return [issuer, ...delegated];
}

/** A SingleResponse when it speaks of this certificate. */
function readSingle(node: DerNode, certificate: Certificate, issuer: Certificate): OcspAnswer | null {
  const [id, status, thisUpdate, ...rest] = childrenOf(node);
  const [hashAlgorithm, nameHash, keyHash, serial] = childrenOf(expectTag(id, 0x30));
  const hash = digestOf(readOid(childrenOf(expectTag(hashAlgorithm, 0x30))[0]));
  if (hash === null) return null;
  const digest = (octets: Buffer): Buffer => createHash(hash).update(octets).digest();
  const same =
    expectTag(serial, 0x02).raw.equals(certificate.serial) &&
    readOctets(nameHash).equals(digest(issuer.subjectName)) &&
    readOctets(keyHash).equals(digest(issuer.keyOctets));
  if (!same) return null;
  const next = rest.find(({ tag }) => tag === 0xa0);
  return {
    status: statusOf(status),
    thisUpdate: readTime(thisUpdate),
    nextUpdate: next === undefined ? null : readTime(childrenOf(next)[0]),
  };
}

function statusOf(node: DerNode | undefined): OcspAnswer['status'] {
  switch (node?.tag) {
    case 0x80:
      return 'good';
    case 0xa1:
      return 'revoked';
    default:
      return 'unknown';
  }
}
