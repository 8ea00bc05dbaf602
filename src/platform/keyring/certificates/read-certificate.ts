import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import { OID } from '../der/oids.ts';
import {
  childrenOf,
  DerBroken,
  type DerNode,
  expectTag,
  readBits,
  readDer,
  readFirst,
  readOid,
  readSmall,
  readTime,
} from '../der/read.ts';
import { generalNames, type NameTree, readNameTrees } from './general-names.ts';
import { digestOfSignature } from './signature-digest.ts';

/** What a certificate (RFC 5280) says, read once. `subject` and `emails` may name a person: PHI. */
export interface Certificate {
  /** DER. */
  readonly raw: Buffer;
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
  /** SHA-256 of the DER, lower-case hex. */
  readonly fingerprint: string;
  /** A name to show. */
  readonly subject: string;
  readonly issuer: string;
  /** Names as DER, to compare. */
  readonly subjectName: Buffer;
  readonly issuerName: Buffer;
  /** INTEGER element, DER. */
  readonly serial: Buffer;
  readonly subjectKeyId: Buffer | null;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** rfc822Name of subjectAltName. */
  readonly emails: readonly string[];
  /** User principal names of subjectAltName: how smart cards name whom they belong to. */
  readonly principals: readonly string[];
  readonly authority: { readonly depth: number | null } | null;
  /** Names of KeyUsage that are set; null where the extension is missing. */
  readonly usage: ReadonlySet<KeyUsage> | null;
  /** Purposes as dotted text; null where the extension is missing. */
  readonly purposes: readonly string[] | null;
  readonly key: CertificateKey;
  /** Hash under the issuer's signature; null for one that is not known here. */
  readonly signatureDigest: 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'ed25519' | null;
  readonly crlUrls: readonly string[];
  readonly ocspUrls: readonly string[];
  /** sMIMECapabilities of RFC 4262, dotted text. */
  readonly capabilities: readonly string[];
  readonly permitted: readonly NameTree[];
  readonly excluded: readonly NameTree[];
  /** A critical extension that is not understood here: the certificate must not be used (RFC 5280 §4.2). */
  readonly unknownCritical: boolean;
  readonly ocspNoCheck: boolean;
  /** subjectPublicKey as octets, which OCSP hashes. */
  readonly keyOctets: Buffer;
}

export type CertificateKey =
  | { readonly kind: 'rsa'; readonly bits: number }
  | { readonly kind: 'ec'; readonly curve: string }
  | { readonly kind: 'other'; readonly name: string };

const USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const;
export type KeyUsage = (typeof USAGES)[number];

/** Largest certificate that is looked at, octets. */
const LARGEST = 64 * 1024;

/** Reads DER. Throws DerBroken for anything that is not one certificate with a key that can be read. */
export function readCertificate(octets: Buffer): Certificate {
  if (octets.length > LARGEST) throw new DerBroken('a certificate that is too large');
  const raw = Buffer.from(octets);
  const parts = childrenOf(readDer(raw));
  const tbs = childrenOf(expectTag(parts[0], 0x30));
  const versioned = tbs[0]?.tag === 0xa0 ? 1 : 0;
  const [serial, , issuer, validity, subject, spki] = tbs.slice(versioned);
  const [notBefore, notAfter] = childrenOf(expectTag(validity, 0x30));
  const extensions = readExtensions(tbs.find(({ tag }) => tag === 0xa3));
  const { x509, publicKey } = opened(raw);
  return {
    raw,
    x509,
    publicKey,
    fingerprint: createHash('sha256').update(raw).digest('hex'),
    subject: nameToShow(expectTag(subject, 0x30)),
    issuer: nameToShow(expectTag(issuer, 0x30)),
    subjectName: expectTag(subject, 0x30).raw,
    issuerName: expectTag(issuer, 0x30).raw,
    serial: expectTag(serial, 0x02).raw,
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    key: keyFacts(publicKey),
    keyOctets: readBits(childrenOf(expectTag(spki, 0x30))[1]),
    signatureDigest: digestOfSignature(parts[1]),
    ...extensionFacts(extensions),
  };
}

/** Certificates that stand one behind the other as DER. */
export function splitCertificates(octets: Buffer): Certificate[] {
  const found: Certificate[] = [];
  let rest = octets;
  while (rest.length > 0) {
    const { raw } = readFirst(rest);
    found.push(readCertificate(raw));
    rest = rest.subarray(raw.length);
  }
  return found;
}

function opened(raw: Buffer): { x509: X509Certificate; publicKey: KeyObject } {
  try {
    const x509 = new X509Certificate(raw);
    return { x509, publicKey: x509.publicKey };
  } catch {
    // The library's text may quote the certificate.
    throw new DerBroken('not a certificate');
  }
}

function keyFacts(key: KeyObject): CertificateKey {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return { kind: 'rsa', bits: modulusLength ?? 0 };
  if (key.asymmetricKeyType === 'ec') return { kind: 'ec', curve: namedCurve ?? '' };
  return { kind: 'other', name: key.asymmetricKeyType ?? '' };
}

interface Extension {
  readonly critical: boolean;
  readonly value: DerNode;
}

export function readExtensions(wrapper: DerNode | undefined): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  if (wrapper === undefined) return found;
  for (const one of childrenOf(expectTag(childrenOf(wrapper)[0], 0x30))) {
    const [oid, second, third] = childrenOf(expectTag(one, 0x30));
    const flagged = second?.tag === 0x01;
    const id = readOid(oid);
    if (found.has(id)) throw new DerBroken('an extension that stands twice');
    found.set(id, {
      critical: flagged && second.contents[0] !== 0,
      value: readDer(expectTag(flagged ? third : second, 0x04).contents),
    });
  }
  return found;
}

const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.basicConstraints,
  OID.subjectAltName,
  OID.nameConstraints,
  OID.crlDistributionPoints,
  OID.certificatePolicies,
  OID.subjectKeyId,
  OID.authorityKeyId,
  OID.authorityInfoAccess,
  OID.ocspNoCheck,
]);

function extensionFacts(extensions: ReadonlyMap<string, Extension>) {
  const value = (oid: string): DerNode | undefined => extensions.get(oid)?.value;
  const purposes = value(OID.extendedKeyUsage);
  const constraints = value(OID.nameConstraints);
  const trees = constraints === undefined ? [] : childrenOf(constraints);
  const permitted = readNameTrees(trees.find(({ tag }) => tag === 0xa0));
  const excluded = readNameTrees(trees.find(({ tag }) => tag === 0xa1));
  return {
    subjectKeyId: value(OID.subjectKeyId)?.contents ?? null,
    emails: generalNames(value(OID.subjectAltName)).emails,
    principals: generalNames(value(OID.subjectAltName)).principals,
    authority: readAuthority(value(OID.basicConstraints)),
    usage: readUsage(value(OID.keyUsage)),
    purposes: purposes === undefined ? null : childrenOf(purposes).map(readOid),
    crlUrls: distributionPoints(value(OID.crlDistributionPoints)),
    ocspUrls: ocspUrls(value(OID.authorityInfoAccess)),
    capabilities: readCapabilities(value(OID.capabilities)),
    permitted,
    excluded,
    unknownCritical: [...extensions].some(([oid, one]) => one.critical && !UNDERSTOOD.has(oid)),
    ocspNoCheck: extensions.has(OID.ocspNoCheck),
  };
}

function readAuthority(node: DerNode | undefined): { depth: number | null } | null {
  if (node === undefined) return null;
  const [flag, depth] = childrenOf(node);
  if (flag?.tag !== 0x01 || flag.contents[0] === 0) return null;
  return { depth: depth === undefined ? null : readSmall(depth) };
}

function readUsage(node: DerNode | undefined): ReadonlySet<KeyUsage> | null {
  if (node === undefined) return null;
  const bits = expectTag(node, 0x03).contents[1] ?? 0;
  return new Set(USAGES.filter((_, index) => (bits & (0x80 >> index)) !== 0));
}

/** SEQUENCE OF SEQUENCE { OID, parameters OPTIONAL } (RFC 8551 §2.5.2). */
export function readCapabilities(node: DerNode | undefined): string[] {
  if (node === undefined) return [];
  return childrenOf(node, 'ber')
    .slice(0, 50)
    .map((one) => readOid(childrenOf(one, 'ber')[0]));
}

function distributionPoints(node: DerNode | undefined): string[] {
  if (node === undefined) return [];
  return childrenOf(node).flatMap((point) => {
    // A point of other reasons or of another issuer is not a whole list of this issuer's (RFC 5280 §4.2.1.13).
    const [name, ...more] = childrenOf(point);
    if (name?.tag !== 0xa0 || more.length > 0) return [];
    const full = childrenOf(name).find(({ tag }) => tag === 0xa0);
    return generalNames(full).urls;
  });
}

function ocspUrls(node: DerNode | undefined): string[] {
  if (node === undefined) return [];
  return childrenOf(node).flatMap((access) => {
    const [method, location] = childrenOf(access);
    return readOid(method) === OID.ocsp && location?.tag === 0x86
      ? [location.contents.toString('latin1')]
      : [];
  });
}

/** The common name where there is one, else the last named value: enough to recognise it. */
function nameToShow(name: DerNode): string {
  const values: { oid: string; text: string }[] = [];
  for (const set of childrenOf(name)) {
    for (const pair of childrenOf(set)) {
      const [oid, value] = childrenOf(pair);
      const text = value === undefined ? '' : textOf(value);
      values.push({ oid: readOid(oid), text });
    }
  }
  const chosen = values.findLast(({ oid }) => oid === OID.commonName) ?? values.at(-1);
  return (chosen?.text ?? '').replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, 200);
}

function textOf({ tag, contents }: DerNode): string {
  if (tag === 0x1e)
    return Buffer.from(contents.subarray(0, contents.length & ~1))
      .swap16()
      .toString('utf16le');
  return contents.toString(tag === 0x0c ? 'utf8' : 'latin1');
}
