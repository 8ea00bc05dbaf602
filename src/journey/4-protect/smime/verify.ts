import { constants, createHash, verify as verifyOctets } from 'node:crypto';
import {
  type Certificate,
  childrenOf,
  DerBroken,
  type DerNode,
  digestOf,
  expectTag,
  OID,
  readAlgorithm,
  readCapabilities,
  readCertificate,
  readDer,
  readOctets,
  readOid,
  readTime,
} from '#platform/keyring';
import { SmimeRefused } from './refused.ts';

/** Who signed. Whether their certificate is to be trusted is another question: see the keyring. */
export interface Signer {
  readonly certificate: Certificate;
  /** The other certificates that came with the message. */
  readonly others: readonly Certificate[];
  readonly signedAt: Date | null;
  /** sMIMECapabilities, dotted text. */
  readonly capabilities: readonly string[];
}

export interface OpenedSignature {
  /** What was signed. */
  readonly content: Buffer;
  /** Null where a signature does not fit the content, its signer's certificate is not there, or nobody signed. */
  readonly signer: Signer | null;
}

const MOST_CERTIFICATES = 30;

/**
 * Reads SignedData (RFC 5652 §5) and checks every signature. `detached` is the content where it stands beside it.
 * Throws SmimeRefused for what cannot be read; a signature that does not fit is a value, because its content can be.
 */
export function openSignature(octets: Buffer, detached: Buffer | null): OpenedSignature {
  try {
    const [type, wrapped] = childrenOf(expectTag(readDer(octets, 'ber'), 0x30), 'ber');
    if (readOid(type) !== OID.signedData) throw new SmimeRefused('unsupported');
    const [body] = childrenOf(expectTag(wrapped, 0xa0), 'ber');
    const fields = childrenOf(expectTag(body, 0x30), 'ber');
    const inside = fields.find(({ tag }) => tag === 0x30);
    const [contentType, given] = childrenOf(expectTag(inside, 0x30), 'ber');
    const held = given === undefined ? null : readOctets(childrenOf(given, 'ber')[0]);
    const content = detached ?? held;
    // Both at once would let one be shown and the other be signed.
    if (content === null || (detached !== null && held !== null)) throw new SmimeRefused('broken');
    const certificates = readCertificates(fields.find(({ tag }) => tag === 0xa0));
    const signers = fields.filter(({ tag }) => tag === 0x31).at(-1);
    const found = childrenOf(expectTag(signers, 0x31), 'ber')
      .slice(0, 20)
      .map((one) => checkSigner(one, content, readOid(contentType), certificates));
    const [first = null] = found;
    return { content, signer: found.includes(null) ? null : first };
  } catch (error) {
    if (error instanceof DerBroken) throw new SmimeRefused('broken');
    throw error;
  }
}

function readCertificates(node: DerNode | undefined): Certificate[] {
  if (node === undefined) return [];
  // Other choices (attribute certificates) are not certificates of keys.
  return childrenOf(node, 'ber')
    .filter(({ tag }) => tag === 0x30)
    .slice(0, MOST_CERTIFICATES)
    .map(({ raw }) => readCertificate(raw));
}

function checkSigner(
  info: DerNode,
  content: Buffer,
  contentType: string,
  certificates: readonly Certificate[],
): Signer | null {
  const [, id, digestAlgorithm, ...rest] = childrenOf(info, 'ber');
  const hash = digestOf(readAlgorithm(digestAlgorithm).oid);
  const certificate = certificates.find((one) => isSigner(id, one));
  // SHA-1 can be made to collide: such a signature proves nothing (RFC 8551 §2.1).
  if (hash === null || hash === 'sha1' || certificate === undefined) return null;
  const attributes = rest[0]?.tag === 0xa0 ? rest[0] : null;
  const [signatureAlgorithm, signature] = attributes === null ? rest : rest.slice(1);
  const values = attributes === null ? new Map<string, DerNode>() : readAttributes(attributes);
  if (attributes !== null && !attributesFit(values, content, contentType, hash)) return null;
  // Without attributes only id-data may be signed (RFC 5652 §5.3).
  if (attributes === null && contentType !== OID.data) return null;
  const signed = attributes === null ? content : asSet(attributes);
  if (!genuine(readAlgorithm(signatureAlgorithm).oid, hash, signed, certificate, readOctets(signature)))
    return null;
  const time = values.get(OID.signingTime);
  return {
    certificate,
    others: certificates.filter((one) => one !== certificate),
    signedAt: time === undefined ? null : readTime(time),
    capabilities: readCapabilities(values.get(OID.capabilities)),
  };
}

function isSigner(id: DerNode | undefined, certificate: Certificate): boolean {
  if (id?.tag === 0x30) {
    const [issuer, serial] = childrenOf(id, 'ber');
    return (
      issuer?.raw.equals(certificate.issuerName) === true && serial?.raw.equals(certificate.serial) === true
    );
  }
  return (
    id?.tag === 0x80 && certificate.subjectKeyId !== null && id.contents.equals(certificate.subjectKeyId)
  );
}

function readAttributes(node: DerNode): Map<string, DerNode> {
  const values = new Map<string, DerNode>();
  for (const one of childrenOf(node, 'ber')) {
    const [oid, set] = childrenOf(one, 'ber');
    const [value] = childrenOf(expectTag(set, 0x31), 'ber');
    const name = readOid(oid);
    if (value === undefined || values.has(name))
      throw new DerBroken('an attribute that stands twice or has no value');
    values.set(name, value);
  }
  return values;
}

function attributesFit(
  values: ReadonlyMap<string, DerNode>,
  content: Buffer,
  contentType: string,
  hash: 'sha256' | 'sha384' | 'sha512',
): boolean {
  const [type, digest] = [values.get(OID.contentType), values.get(OID.messageDigest)];
  if (type === undefined || digest === undefined || readOid(type) !== contentType) return false;
  return readOctets(digest).equals(createHash(hash).update(content).digest());
}

/** The octets that were signed: the attributes as a SET OF (RFC 5652 §5.4). */
function asSet(attributes: DerNode): Buffer {
  const octets = Buffer.from(attributes.raw);
  octets[0] = 0x31;
  return octets;
}

function genuine(
  oid: string,
  hash: 'sha256' | 'sha384' | 'sha512',
  signed: Buffer,
  { publicKey, key }: Certificate,
  signature: Buffer,
): boolean {
  const rsa: readonly string[] = [OID.rsa, OID.rsaSha256, OID.rsaSha384, OID.rsaSha512];
  const ecdsa: readonly string[] = [OID.ecdsaSha256, OID.ecdsaSha384, OID.ecdsaSha512, OID.ecPublicKey];
  if (rsa.includes(oid)) return key.kind === 'rsa' && verifyOctets(hash, signed, publicKey, signature);
  if (ecdsa.includes(oid)) return key.kind === 'ec' && verifyOctets(hash, signed, publicKey, signature);
  if (oid === OID.pss && key.kind === 'rsa') {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const saltLength = constants.RSA_PSS_SALTLEN_AUTO;
    return verifyOctets(hash, signed, { key: publicKey, padding, saltLength }, signature);
  }
  return false;
}
