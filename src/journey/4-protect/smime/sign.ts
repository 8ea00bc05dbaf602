import { createHash, type KeyObject, sign as signOctets } from 'node:crypto';
import { promisify } from 'node:util';
import {
  algorithm,
  type Certificate,
  der,
  nothing,
  OID,
  objectId,
  octetString,
  sequence,
  setOf,
  smallInteger,
  timeValue,
} from '#platform/keyring';

/** The organisation's certificate, what stands between it and its root, and its key. */
export interface SigningKey {
  readonly certificate: Certificate;
  readonly others: readonly Certificate[];
  readonly privateKey: KeyObject;
}

interface SignatureKind {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly digest: string;
  readonly signature: Buffer;
  /** As multipart/signed names it (RFC 8551 §3.5.3.2). */
  readonly micalg: string;
}

const SHA256 = { hash: 'sha256', digest: OID.sha256, micalg: 'sha-256' } as const;
const SHA384 = { hash: 'sha384', digest: OID.sha384, micalg: 'sha-384' } as const;
const SHA512 = { hash: 'sha512', digest: OID.sha512, micalg: 'sha-512' } as const;

/** RSA with SHA-256 (PKCS#1 v1.5, which every client reads), or ECDSA with the hash of its curve's strength (RFC 5754). */
export function signatureKind({ key }: Certificate): SignatureKind {
  if (key.kind === 'rsa') return { ...SHA256, signature: algorithm(OID.rsa, nothing) };
  if (key.kind === 'ec' && key.curve === 'secp384r1')
    return { ...SHA384, signature: algorithm(OID.ecdsaSha384) };
  if (key.kind === 'ec' && key.curve === 'secp521r1')
    return { ...SHA512, signature: algorithm(OID.ecdsaSha512) };
  return { ...SHA256, signature: algorithm(OID.ecdsaSha256) };
}

/** What we read ourselves, best first (RFC 8551 §2.5.2): a recipient may answer with it. */
const CAPABILITIES = sequence(
  algorithm(OID.aes256Gcm),
  algorithm(OID.aes128Gcm),
  algorithm(OID.aes256Cbc),
  algorithm(OID.aes128Cbc),
  algorithm(OID.oaep),
);

/** In the thread pool: RSA would hold the event loop for most of a millisecond a message. */
const signAway = promisify<string, Buffer, KeyObject, Buffer>(signOctets);

/** DER of a ContentInfo with SignedData (RFC 5652 §5). `detached`: the content stands beside it. */
export async function signData(
  content: Buffer,
  key: SigningKey,
  detached: boolean,
  at: Date,
): Promise<Buffer> {
  const { certificate } = key;
  const kind = signatureKind(certificate);
  const attributes = [
    attribute(OID.contentType, objectId(OID.data)),
    attribute(OID.signingTime, timeValue(at)),
    attribute(OID.messageDigest, octetString(createHash(kind.hash).update(content).digest())),
    attribute(OID.capabilities, CAPABILITIES),
    attribute(OID.signingCertificateV2, signingCertificate(certificate)),
  ];
  // Signed as a SET OF, sent under an implicit tag (RFC 5652 §5.4).
  const signature = await signAway(kind.hash, setOf(attributes), key.privateKey);
  const signer = sequence(
    smallInteger(1),
    sequence(certificate.issuerName, certificate.serial),
    algorithm(kind.digest),
    setOf(attributes, 0xa0),
    kind.signature,
    octetString(signature),
  );
  const certificates = [certificate, ...key.others].map(({ raw }) => raw);
  return sequence(
    objectId(OID.signedData),
    der(
      0xa0,
      sequence(
        smallInteger(1),
        setOf([algorithm(kind.digest)]),
        detached
          ? sequence(objectId(OID.data))
          : sequence(objectId(OID.data), der(0xa0, octetString(content))),
        setOf(certificates, 0xa0),
        setOf([signer]),
      ),
    ),
  );
}

function attribute(oid: string, value: Buffer): Buffer {
  return sequence(objectId(oid), setOf([value]));
}

/** ESSCertIDv2 with the default hash SHA-256 (RFC 5035 §3): the certificate cannot be swapped for another of the same key. */
function signingCertificate(certificate: Certificate): Buffer {
  return sequence(sequence(sequence(octetString(createHash('sha256').update(certificate.raw).digest()))));
}
