import type { Disbelief } from './outcome.ts';
import { ASSERTION_NS, PROTOCOL_NS, type ServiceProvider } from './saml-settings.ts';
import {
  attributeOf,
  descendants,
  everywhere,
  onlyChild,
  parseSafely,
  plainText,
  type XmlElement,
} from './saml-xml.ts';

const SIGNATURES = new Set([
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
]);
const DIGESTS = new Set([
  'http://www.w3.org/2001/04/xmlenc#sha256',
  'http://www.w3.org/2001/04/xmldsig-more#sha384',
  'http://www.w3.org/2001/04/xmlenc#sha512',
]);
/** RSA with PKCS #1 v1.5 padding and triple DES are not opened: the first is an oracle, the second too small. */
const ENCRYPTIONS = new Set([
  'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
]);
const LARGEST = 256 * 1024;
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** The text of a base64 message; null when it is too large or not UTF-8. */
export function readMessage(base64: string): string | null {
  if (base64.length > LARGEST * 1.4 || !/^[A-Za-z0-9+/=\s]+$/.test(base64)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    // Not UTF-8.
    return null;
  }
}

/**
 * Looks at a response before any signature is: its shape must leave no doubt about what a signature would cover. One
 * assertion in the whole document, no id twice, no algorithm below SHA-256, meant for us.
 */
export function judgeEnvelope(
  xml: string,
  provider: string,
  { acsUrl }: Pick<ServiceProvider, 'acsUrl'>,
): Disbelief | { readonly encrypted: XmlElement | null } {
  const root = parseSafely(xml);
  if (root === null) return 'markup-refused';
  if (root.localName !== 'Response' || root.namespaceURI !== PROTOCOL_NS) return 'malformed';
  const wrong = judgeMarkup(root);
  if (wrong !== null) return wrong;
  const status = onlyChild(root, PROTOCOL_NS, 'Status');
  const code = status === null ? null : onlyChild(status, PROTOCOL_NS, 'StatusCode');
  if (code === null) return 'malformed';
  if (attributeOf(code, 'Value') !== SUCCESS) return 'provider-refused';
  const destination = attributeOf(root, 'Destination');
  if (destination !== null && destination !== acsUrl) return 'recipient-mismatch';
  const issuer = onlyChild(root, ASSERTION_NS, 'Issuer');
  if (issuer !== null && plainText(issuer)?.trim() !== provider) return 'issuer-mismatch';
  const plain = everywhere(root, 'Assertion');
  const sealed = everywhere(root, 'EncryptedAssertion');
  if (plain.length + sealed.length !== 1) return 'malformed';
  const [encrypted = null] = sealed;
  const [assertion = encrypted] = plain;
  // Wrapped anywhere else it could be found by one reader and not by another.
  if (assertion?.parentNode !== root) return 'malformed';
  return { encrypted };
}

/** The same for an assertion that was opened. */
export function judgeOpened(xml: string): Disbelief | null {
  const root = parseSafely(xml);
  if (root === null) return 'markup-refused';
  if (root.localName !== 'Assertion' || root.namespaceURI !== ASSERTION_NS) return 'malformed';
  if (everywhere(root, 'Assertion').length !== 1) return 'malformed';
  return judgeMarkup(root);
}

export function judgeMarkup(root: XmlElement): Disbelief | null {
  const seen = new Set<string>();
  for (const element of [root, ...descendants(root)]) {
    for (const name of ['ID', 'Id', 'id']) {
      const id = attributeOf(element, name);
      if (id === null) continue;
      if (seen.has(id)) return 'malformed';
      seen.add(id);
    }
    const allowed = allowedAlgorithms(element);
    if (allowed !== null && !allowed.has(attributeOf(element, 'Algorithm') ?? '')) return 'algorithm-refused';
  }
  return null;
}

function allowedAlgorithms(element: XmlElement): ReadonlySet<string> | null {
  switch (element.localName) {
    case 'SignatureMethod':
      return SIGNATURES;
    case 'EncryptionMethod':
      return ENCRYPTIONS;
    case 'DigestMethod': {
      const { parentNode } = element;
      // Inside of EncryptionMethod it is the hash of OAEP, where SHA-1 does no harm.
      const oaep =
        parentNode !== null && 'localName' in parentNode && parentNode.localName === 'EncryptionMethod';
      return oaep ? null : DIGESTS;
    }
    default:
      return null;
  }
}
