/** What verification needs of a certificate and Node does not tell. */
export interface CertificateFacts {
  /** SubjectPublicKeyInfo as it stands in the certificate: the octets that TLSA selector 1 speaks of (RFC 6698 §2.1.2). */
  readonly publicKeyInfo: Buffer;
  /** Most intermediates that may follow below it; null for no bound. */
  readonly pathLength: number | null;
  /** It has a critical extension that is not looked at here or by Node, or constrains names, which is not looked at. */
  readonly constrained: boolean;
}

interface Element {
  readonly tag: number;
  readonly body: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
/** Extensions that are looked at, by the last octet of 2.5.29.x: key usage, alternative names, basic constraints, EKU. */
const LOOKED_AT = new Set(['551d0f', '551d11', '551d13', '551d25']);
const BASIC_CONSTRAINTS = '551d13';
const NAME_CONSTRAINTS = '551d1e';

/** Reads a DER certificate (RFC 5280 §4.1). Null for what is not one. */
export function readCertificate(der: Buffer): CertificateFacts | null {
  const tbs = childrenOf(elementAt(der, 0)?.body)?.[0];
  const fields = childrenOf(tbs?.body);
  if (fields === null) return null;
  const afterVersion = fields[0]?.tag === VERSION ? fields.slice(1) : fields;
  // serial, signature, issuer, validity, subject, subjectPublicKeyInfo
  const publicKeyInfo = afterVersion[5]?.whole;
  if (publicKeyInfo === undefined) return null;
  const wrapped = afterVersion.slice(6).find(({ tag }) => tag === EXTENSIONS);
  const extensions = wrapped === undefined ? [] : childrenOf(elementAt(wrapped.body, 0)?.body);
  return extensions === null ? null : withExtensions(publicKeyInfo, extensions);
}

function withExtensions(publicKeyInfo: Buffer, extensions: readonly Element[]): CertificateFacts | null {
  let pathLength: number | null = null;
  let constrained = false;
  for (const extension of extensions) {
    const parts = childrenOf(extension.body);
    const oid = parts?.[0]?.body.toString('hex');
    const value = parts?.at(-1);
    if (parts === null || oid === undefined || value?.tag !== OCTET_STRING) return null;
    const critical = parts[1]?.tag === BOOLEAN && parts[1].body[0] !== 0;
    if ((critical && !LOOKED_AT.has(oid)) || oid === NAME_CONSTRAINTS) constrained = true;
    if (oid !== BASIC_CONSTRAINTS) continue;
    const bound = childrenOf(elementAt(value.body, 0)?.body)?.find(({ tag }) => tag === INTEGER);
    if (bound !== undefined) pathLength = bound.body.length === 1 ? (bound.body[0] ?? 0) : 255;
  }
  return { publicKeyInfo, pathLength, constrained };
}

/** All elements of a constructed body; null where it does not end with the last of them. */
function childrenOf(body: Buffer | undefined): Element[] | null {
  if (body === undefined) return null;
  const elements: Element[] = [];
  for (let at = 0; at < body.length; ) {
    const element = elementAt(body, at);
    if (element === null) return null;
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** One element with a tag of one octet and a definite length of up to four. */
function elementAt(bytes: Buffer, at: number): Element | null {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null;
  const more = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || more > 4 || at + 2 + more > bytes.length) return null;
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
  const start = at + 2 + more;
  if (start + length > bytes.length) return null;
  return { tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}
