import { X509Certificate } from 'node:crypto';
import { DSIG_NS, type SamlSettings } from './saml-settings.ts';
import {
  attributeOf,
  childrenOf,
  everywhere,
  onlyChild,
  parseSafely,
  plainText,
  type XmlElement,
} from './saml-xml.ts';

const METADATA_NS = 'urn:oasis:names:tc:SAML:2.0:metadata';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

export type ProviderDescription = Pick<
  SamlSettings,
  'entityId' | 'signInUrl' | 'signOutUrl' | 'certificates'
>;

/**
 * Reads an identity provider's metadata (SAML 2.0 Metadata); null when it describes none, more than one, or lacks a redirect
 * endpoint or a signing certificate. Comments are common in metadata and mean nothing; document types are refused.
 */
export function readProviderMetadata(xml: string): ProviderDescription | null {
  if (xml.length > 1 << 20) return null;
  const root = parseSafely(withoutComments(xml));
  if (root === null) return null;
  const entities = everywhere(root, 'EntityDescriptor').filter(
    (one) => childrenOf(one, METADATA_NS, 'IDPSSODescriptor').length > 0,
  );
  const [entity, ...more] = entities;
  if (entity === undefined || more.length > 0) return null;
  const role = onlyChild(entity, METADATA_NS, 'IDPSSODescriptor');
  const entityId = attributeOf(entity, 'entityID');
  if (role === null || entityId === null) return null;
  const signInUrl = endpointOf(role, 'SingleSignOnService');
  const certificates = certificatesOf(role);
  if (signInUrl === null || certificates.length === 0) return null;
  return { entityId, signInUrl, signOutUrl: endpointOf(role, 'SingleLogoutService'), certificates };
}

/** In one pass: an expression would look for the end of each comment that has none through all the rest. */
function withoutComments(xml: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const begin = xml.indexOf('<!--', at);
    const end = begin < 0 ? -1 : xml.indexOf('-->', begin + 4);
    if (end < 0) return parts.join('') + xml.slice(at);
    parts.push(xml.slice(at, begin));
    at = end + 3;
  }
}

/** A certificate as PEM from PEM or bare base64; null when it is none. */
export function readCertificate(text: string): string | null {
  const bare = text.replace(/-----(?:BEGIN|END) CERTIFICATE-----/g, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+=*$/.test(bare)) return null;
  try {
    return new X509Certificate(Buffer.from(bare, 'base64')).toString();
  } catch {
    // Not a certificate.
    return null;
  }
}

/** Until when a certificate is good, and whose it says it is. */
export function describeCertificate(pem: string): { readonly fingerprint: string; readonly notAfter: Date } {
  const certificate = new X509Certificate(pem);
  return { fingerprint: certificate.fingerprint256, notAfter: new Date(certificate.validTo) };
}

function endpointOf(role: XmlElement, name: string): string | null {
  const found = childrenOf(role, METADATA_NS, name).find((one) => attributeOf(one, 'Binding') === REDIRECT);
  return found === undefined ? null : attributeOf(found, 'Location');
}

function certificatesOf(role: XmlElement): readonly string[] {
  const signing = childrenOf(role, METADATA_NS, 'KeyDescriptor').filter(
    (one) => (attributeOf(one, 'use') ?? 'signing') === 'signing',
  );
  const found = signing.flatMap((one) =>
    everywhere(one, 'X509Certificate')
      .filter(({ namespaceURI }) => namespaceURI === DSIG_NS)
      .flatMap((text) => readCertificate(plainText(text) ?? '') ?? []),
  );
  return [...new Set(found)];
}
